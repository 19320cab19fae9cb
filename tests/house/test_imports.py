"""`import pricesmith` costs next to nothing, and the command line loads heavy libraries only when a command needs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

HEAVY = {"numpy", "polars", "scipy", "duckdb", "matplotlib", "lightgbm", "jinja2", "rich", "click", "pyarrow", "pandas"}


def loaded_by(statement: str) -> set[str]:
    """Packages."""
    return {name.split(".")[0] for name in modules_of(statement)}


def modules_of(statement: str) -> set[str]:
    listing = "print(' '.join(sys.modules))"
    script = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r}); {statement}; {listing}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import pricesmith", set()),
        ("import pricesmith; dir(pricesmith); pricesmith.__version__", set()),
        ("from pricesmith import PricesmithError", set()),
        ("import pricesmith.apps.cli.main", {"click", "rich"}),
        ("from pricesmith.apps.cli.main import group; group.main(['--help'], standalone_mode=False)", {"click", "rich"}),
    ],
)
def test_loads_nothing_heavy(statement: str, allowed: set[str]) -> None:
    assert not (loaded_by(statement) & HEAVY) - allowed


def test_the_kill_switch_loads_neither_rules_nor_numbers(tmp_path: Path) -> None:
    """Throwing it takes half a second of processor time, most of it Polars and SQLAlchemy; what it does not need would triple that."""
    (tmp_path / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    for command in ("stop", "resume"):
        words = [command, str(tmp_path), "--by", "anna"]
        loaded = modules_of(f"from pricesmith.apps.cli import main; main.group.main({words!r}, standalone_mode=False)")
        assert "pricesmith.adapters.ledgers.books" in loaded
        parts = {name.split(".")[0] for name in loaded} | {".".join(name.split(".")[:2]) for name in loaded}
        rooms = {f"pricesmith.{room}" for room in ("rules", "engine", "guards", "demand", "optimization")}
        assert not parts & {"numpy", "scipy", "duckdb", "lightgbm", *rooms}


def test_core_never_loads_extras() -> None:
    assert not loaded_by("import pricesmith; pricesmith.learn") & {"lightgbm", "matplotlib", "pandas", "statsmodels", "duckdb", "pyarrow"}


def test_learning_waits_for_no_distributions() -> None:
    """`scipy.stats` takes a third of a second; the quantiles that learning needs are functions of `scipy.special`."""
    loaded = modules_of(
        "import pricesmith.flows.batch; from pricesmith.contracts.policy import ModelPolicy; "
        "from pricesmith.demand import MODELS; MODELS[ModelPolicy().name]"
    )
    assert "pricesmith.demand.response" in loaded
    assert "scipy.stats" not in loaded
