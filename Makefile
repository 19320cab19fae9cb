# make demo        a real shop, learned and priced, with a report and the price desk; Ctrl-C ends it (ARGS=--no-serve stops after the report, ARGS="--port 8700" serves it there)
# make test        fast tests, lint, floors (about 5 minutes on two cores)
# make types       mypy, strict
# make test-real   types, tests on real data and real shops, wheel, coverage, acceptance from outside
# make shops       a real Vendure and a real Medusa on this machine, filled, until Ctrl-C
# make bench       benchmarks beside their peers
# make soak        every promise of docs/reliability.md at full size, for hours (ARGS="--scale 0.01 --only P06" for a part, --save into the page)
# make mutants     change one operator of guards, money and ledger at a time: do the tests notice? (ARGS="--most 20" for a part)
# make docs        write the generated pages anew
# make screens     pictures of every page of the price desk, into docs/screens (needs chromium)
#
# Needs Python 3.11 or newer and make. PYTHON=/path/to/python3 picks another interpreter, ARGS adds arguments to a command.

SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help demo test test-fast lint types test-real test-shops shops coverage acceptance bench soak mutants docs screens clean

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
# uv installs in a fifth of the time; where it cannot (an index that only pip is told of), pip does
install = $(PIP) uv && $(BIN)/uv pip install --quiet --python $(BIN)/python --editable '$(1)' || { echo "uv could not install; pip tries" >&2; $(PIP) --editable '$(1)'; }
CHECKS := ../shared/acceptance/check.py
SEEDS := 1 2 3 4 5
FLOOR2 := pricesmith.rules pricesmith.guards pricesmith.contracts.money pricesmith.engine pricesmith.revision

# what is imported is compiled once, when it is first imported, not all at installation and not anew in every process
unexport PYTHONDONTWRITEBYTECODE

help:
	@sed -n '/^[^#]/q; s/^# \{0,1\}//p' Makefile

$(BIN)/python:
	@python="$(PYTHON)"; \
	for name in $$python python3 python3.11 python3.12 python3.13; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer was not found; name one with: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "making $(VENV) with $$($$python --version)"; \
	$$python -m venv $(VENV)

$(VENV)/core.stamp: pyproject.toml | $(BIN)/python
	@echo "installing pricesmith"
	@$(call install,.)
	@touch $@

$(VENV)/web.stamp: pyproject.toml | $(BIN)/python
	@echo "installing pricesmith with its price desk"
	@$(call install,.[web])
	@touch $@ $(VENV)/core.stamp

$(VENV)/dev.stamp: pyproject.toml | $(BIN)/python
	@echo "installing pricesmith with its test tools"
	@$(call install,.[dev])
	@touch $@ $(VENV)/core.stamp

$(VENV)/types.stamp: $(VENV)/dev.stamp
	@echo "installing the type checker"
	@$(call install,.[types])
	@touch $@

$(VENV)/real.stamp: $(VENV)/types.stamp
	@echo "installing the browser driver, published data and peers of the long tests"
	@$(call install,.[real])
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	@echo "installing the peers of the benchmarks"
	@$(call install,.[bench])
	@touch $@

demo: $(VENV)/web.stamp
	$(BIN)/pricesmith demo $(ARGS)

test: test-fast lint

# as many workers as cores, so each works on one
test-fast: $(VENV)/dev.stamp
	POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal --hypothesis-profile=quick -m "not real" $(ARGS)

# the floors (import-linter) are a test: tests/house/test_floors.py
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .

types: $(VENV)/types.stamp
	$(BIN)/mypy

test-real: $(VENV)/real.stamp types
	$(BIN)/python -m pytest -n auto --dist worksteal -m real --ignore=tests/shops $(ARGS)
	$(MAKE) test-shops
	$(BIN)/python -m pytest -n auto -m "not real" tests/published
	$(MAKE) coverage acceptance

test-shops: $(VENV)/real.stamp
	$(BIN)/python -m pytest -m real tests/shops --durations=5

shops: $(VENV)/dev.stamp
	$(BIN)/python -m tests.shops.serve

coverage: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto -m "not real" tests/unit tests/laws tests/conformance tests/oracle tests/faults $(foreach part,$(FLOOR2),--cov=$(part)) \
	  --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100
	$(BIN)/python -m pytest tests/unit/adapters/ledgers tests/conformance/test_ledgers.py tests/faults/test_ledger_tampering.py --cov=pricesmith.adapters.ledgers \
	  --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

acceptance: $(VENV)/core.stamp
	@if [ -f $(CHECKS) ]; then \
	  for seed in $(SEEDS); do \
	    echo "acceptance, seed $$seed"; \
	    $(BIN)/python $(CHECKS) --command "$(CURDIR)/$(BIN)/pricesmith" --seed $$seed || exit 1; \
	  done; \
	else echo "acceptance: NOT RUN, $(CHECKS) is not there"; fi

bench: $(VENV)/bench.stamp
	$(BIN)/python -m benchmarks.run $(ARGS)

soak: $(VENV)/dev.stamp
	$(BIN)/python -m tests.soak.run $(ARGS)

mutants: $(VENV)/dev.stamp
	$(BIN)/python -m tests.soak.mutants $(ARGS)

docs: $(VENV)/dev.stamp
	$(BIN)/python -m pricesmith.apps.docs docs

screens: $(VENV)/real.stamp
	$(BIN)/python -m tests.browser.screens docs/screens

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
