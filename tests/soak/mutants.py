"""Changes one operator, number, condition or statement of a module at a time and asks the tests: `make mutants` prints what they notice.

Everything happens in one process: the changed source is run in the module's own names, everything that was imported from it is bound anew,
and of the tests those that run the changed function run until one fails, the quickest first. A change that no test notices is printed with
its line. Changes that nobody can notice stand in equivalent_mutants.toml, each with its reason, and are not counted.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import io
import random
import signal
import sys
import time
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest

from pricesmith.guards import GUARDS
from tests.soak.mutations import Mutant, changed, mutants

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "pricesmith"
SUITES: dict[str, tuple[str, ...]] = {
    "contracts.money": ("tests/unit/contracts/test_money.py",),
    "guards": ("tests/unit/guards",),
    "adapters.ledgers": ("tests/unit/adapters/ledgers", "tests/conformance/test_ledgers.py"),
}
"""Module or package below pricesmith -> the tests of which those that run a changed function must notice."""
LEFT_OUT = ("adapters.ledgers.postgresql",)
"""Modules whose tests need a server."""
EQUIVALENT = Path(__file__).parent / "equivalent_mutants.toml"
IMPORT = "import"
SECONDS = 600
"""By the clock, for what waits; what computes has three times the processor seconds of the whole suite."""
QUIET = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:unraisableexception", "-m", "not real")


@dataclass(slots=True)
class Watched:
    """A pytest plugin: which tests run which lines, and how long they take; and afterwards, only some of them, in a given order."""

    cover: coverage.Coverage | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    wanted: tuple[str, ...] = ()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if self.cover is None:
            return (yield)
        self.cover.switch_context(item.nodeid)
        began = time.perf_counter()
        found = yield
        self.seconds[item.nodeid] = time.perf_counter() - began
        return found

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.wanted:
            by_name = {item.nodeid: item for item in items}
            items[:] = [by_name[name] for name in self.wanted if name in by_name]


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests of a package, the quickest first, by file and line of the package those that run it, and the time that a change gets."""

    tests: tuple[str, ...]
    lines: Mapping[str, Mapping[int, list[str]]]
    limit: float

    def of(self, file: str, around: tuple[int, int] | None) -> tuple[str, ...]:
        """Tests that run a function of a file; then every other test for what stands outside of functions or runs at import too."""
        lines = self.lines.get(file, {})
        first, last = around or (0, sys.maxsize)
        # the line of a def runs at import, and says nothing of what is in it
        found = {test for line, tests in lines.items() if first < line <= last for test in tests}
        ordered = tuple(test for test in self.tests if test in found)
        return ordered if around and IMPORT not in found else (*ordered, *(test for test in self.tests if test not in found))


@dataclass(slots=True)
class Score:
    """What became of the changes that were tried: noticed (of these by the time limit), not noticed; and those that nobody can notice."""

    killed: int = 0
    late: int = 0
    missed: int = 0
    equivalent: int = 0

    @property
    def tried(self) -> int:
        return self.killed + self.missed


def asked(plugin: Watched, paths: tuple[str, ...]) -> int:
    """How the tests end: 0 all hold, 1 one fails, 2 one cannot even be read, 3 pytest itself was interrupted."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
        code = int(pytest.main([*QUIET, *paths], plugins=[plugin]))
    if code not in {0, 1, 2, 3}:
        raise SystemExit(f"the tests cannot be run: {out.getvalue()[-2000:]}")
    return code


def watched(package: str) -> Suite:
    """Run the tests of a package once, and see which lines each of them runs."""
    where = SOURCE / package.replace(".", "/")
    cover = coverage.Coverage(data_file=None, config_file=False, include=[f"{where}.py", f"{where}/*.py"])
    plugin = Watched(cover)
    cover.start()
    cover.switch_context(IMPORT)
    for name in modules(package):
        module = importlib.import_module(f"pricesmith.{name}")
        run(module, compile(Path(str(module.__file__)).read_text(encoding="utf-8"), str(module.__file__), "exec"))
    began = time.process_time()
    code = asked(plugin, SUITES[package])
    cover.stop()
    if code:
        raise SystemExit(f"{package}: the tests fail before anything is changed")
    data = cover.get_data()
    gc.freeze()  # what is loaded by now stays; pytest collects garbage at each of its ends
    tests = tuple(sorted(plugin.seconds, key=plugin.seconds.__getitem__))
    limit = 3.0 * (time.process_time() - began)
    return Suite(tests, {file: data.contexts_by_lineno(file) for file in data.measured_files()}, limit)


def run(module: types.ModuleType, code: types.CodeType) -> None:
    """Run a source in a module's names, and bind anew what others imported from it."""
    before = dict(vars(module))
    named = {id(value): key for key, value in before.items() if isinstance(value, type | types.FunctionType)}
    exec(code, vars(module))
    for name, other in list(sys.modules.items()):
        if name.startswith(("pricesmith.", "tests.")) and other is not module:
            for key, value in list(vars(other).items()):
                old = named.get(id(value), key if key in before and value is before[key] else None)
                if old in vars(module) and not isinstance(value, types.ModuleType):
                    setattr(other, key, vars(module)[old])
    short = module.__name__.rpartition(".")[2]
    if module.__name__.startswith("pricesmith.guards.") and short in GUARDS:
        GUARDS.members[short] = module.GUARD


def noticed(tests: tuple[str, ...]) -> bool:
    """Whether one of the tests fails; their modules are read anew, since cases of theirs may have been made by what was changed."""
    for name in [name for name in sys.modules if name.startswith("tests.") and name.rpartition(".")[2].startswith("test_")]:
        del sys.modules[name]
    files = tuple(dict.fromkeys(test.partition("::")[0] for test in tests))
    return bool(tests) and asked(Watched(wanted=tests), files) != 0


def equivalents() -> dict[str, set[tuple[str, str, int]]]:
    """Names of the mutants that nobody can notice, by module."""
    found: dict[str, set[tuple[str, str, int]]] = {}
    for one in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"]:
        found.setdefault(one["module"], set()).add((one["line"], one["what"], one.get("nth", 1)))
    return found


def drawn(name: str, source: str, most: int, seed: int) -> tuple[list[Mutant], int]:
    """The mutants to be tried, in the order of their lines, and how many of those drawn are equivalent."""
    found = mutants(source)
    alike = equivalents().get(name, set())
    stale = alike - {one.name for one in found}
    if stale:
        raise SystemExit(f"{EQUIVALENT.name}: {name} has no such mutant: {sorted(stale)}")
    sample = found if most <= 0 or len(found) <= most else random.Random(f"{seed} {name}").sample(found, most)
    tried = sorted((one for one in sample if one.name not in alike), key=lambda one: one.line)
    return tried, len(sample) - len(tried)


def score(name: str, suite: Suite, most: int, seed: int) -> Score:
    """Try at most so many changes of a module."""
    module = importlib.import_module(f"pricesmith.{name}")
    file = str(module.__file__)
    source = Path(file).read_text(encoding="utf-8")
    original = compile(source, file, "exec")
    tried, equivalent = drawn(name, source, most, seed)
    total = Score(equivalent=equivalent)
    for mutant in tried:
        tests, began = suite.of(file, mutant.around), (time.process_time(), time.monotonic())
        seen = tells(module, compile(changed(source, mutant), file, "exec"), suite, tests)
        run(module, original)
        total.killed += seen
        total.late += time.process_time() - began[0] >= suite.limit or time.monotonic() - began[1] >= SECONDS
        total.missed += not seen
        if not seen:
            say(f"  {name}:{mutant.line}: {mutant.what} ({mutant.nth}): {mutant.text}")
    say(f"{name}: {total.killed} of {total.tried} ({total.late} by the time limit; {total.equivalent} equivalent left out)")
    return total


def tells(module: types.ModuleType, code: types.CodeType, suite: Suite, tests: tuple[str, ...]) -> bool:
    """Whether the tests notice a change, or do not end with it."""
    signal.alarm(SECONDS)
    signal.setitimer(signal.ITIMER_PROF, suite.limit)
    try:
        run(module, code)
        return noticed(tests)
    except Exception:
        return True
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def late(_number: int, _frame: object) -> None:
    raise TimeoutError


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def modules(package: str) -> list[str]:
    """Modules of a package, or the one module itself."""
    folder = SOURCE / package.replace(".", "/")
    names = [f"{package}.{file.stem}" for file in sorted(folder.glob("*.py")) if file.stem != "__init__"] or [package]
    return [name for name in names if name not in LEFT_OUT]


def main() -> None:
    every = {name: package for package in SUITES for name in modules(package)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", nargs="*", help=f"modules or packages (default all): {', '.join([*SUITES, *every])}")
    parser.add_argument("--most", type=int, default=0, help="changes tried of each module; 0 tries all")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, late)
    signal.signal(signal.SIGPROF, late)
    wanted = [name for name, package in every.items() if not given.module or {name, package} & set(given.module)]
    suites = {package: watched(package) for package in dict.fromkeys(every[name] for name in wanted)}
    scores = {name: score(name, suites[every[name]], given.most, given.seed) for name in wanted}
    for package, suite in suites.items():
        if noticed(suite.tests):
            raise SystemExit(f"{package}: the tests fail after everything was put back, so these scores are worth nothing")
        parts = [found for name, found in scores.items() if every[name] == package]
        killed, tried = sum(one.killed for one in parts), sum(one.tried for one in parts)
        say(f"{package}: noticed {killed} of {tried}, {100.0 * killed / max(tried, 1):.1f} %")
    raise SystemExit(any(one.killed < 0.9 * one.tried for one in scores.values()))


if __name__ == "__main__":
    main()
