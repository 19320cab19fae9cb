"""Changes one operator or number of a module at a time and asks the tests: `make mutants` prints what share of the changes they notice.

Everything happens in one process: the changed source is run in the module's own names, everything that was imported from it is bound anew,
and the module's tests run until one fails. A change that no test notices is printed with its line.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import io
import random
import signal
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pricesmith.guards import GUARDS

ROOT = Path(__file__).parents[2]
UNIT = "tests/unit/guards"
CHANNEL, PEOPLE, PRICE, SOURCE = (f"{UNIT}/test_{name}_guards.py" for name in ("channel", "people", "price", "source"))
TESTS: dict[str, tuple[str, ...]] = {
    "contracts.money": ("tests/unit/contracts/test_money.py",),
    **{f"guards.{name}": (PRICE,) for name in ("hard_floor", "hard_ceiling", "max_move", "frequency", "ratio_detector")},
    **{f"guards.{name}": (SOURCE,) for name in ("stale_data", "one_seller", "price_war")},
    **{f"guards.{name}": (PEOPLE,) for name in ("two_people", "canary", "shadow_mode")},
    **{
        f"guards.{name}": (CHANNEL,)
        for name in ("batch_breaker", "same_price", "kill_switch", "way_back", "order_velocity", "attestation", "read_back", "alarms")
    },
    "guards.columns": (f"{UNIT}/test_columns.py", PRICE, SOURCE),
    "guards.gate": (f"{UNIT}/test_gate.py",),
    **{f"guards.{name}": (f"{UNIT}/test_{name}.py",) for name in ("rank", "history", "loops", "offers", "discounts")},
    "guards.drill": ("tests/unit/flows/test_drill.py",),
}
"""Module below pricesmith -> the tests that must notice."""

COMPARE = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
BINARY = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: its line, what it is, and the whole changed module."""

    line: int
    what: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every change of one operator or number; type hints and decorators are left alone."""
    tree = ast.parse(source)
    hints = {id(inner) for node in ast.walk(tree) for hint in _hints(node) for inner in ast.walk(hint)}
    places = [(number, node) for number, node in enumerate(ast.walk(tree)) if id(node) not in hints]
    for number, node in places:
        for what, change in _changes(node):
            changed = copy.deepcopy(tree)
            change(next(inner for place, inner in enumerate(ast.walk(changed)) if place == number))
            yield Mutant(getattr(node, "lineno", 0), what, ast.fix_missing_locations(changed))


def _hints(node: ast.AST) -> list[ast.AST]:
    hints = [found for name in ("annotation", "returns") if isinstance(found := getattr(node, name, None), ast.AST)]
    return [*hints, *getattr(node, "decorator_list", ())]


def _changes(node: ast.AST) -> Iterator[tuple[str, object]]:
    if isinstance(node, ast.Compare):
        for place, op in enumerate(node.ops):
            other = COMPARE[type(op)]
            yield f"{type(op).__name__} -> {other.__name__}", lambda one, place=place, other=other: one.ops.__setitem__(place, other())
    elif isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        other = BINARY[type(node.op)]
        yield f"{type(node.op).__name__} -> {other.__name__}", lambda one, other=other: setattr(one, "op", other())
    elif isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield f"-> {other.__name__}", lambda one, other=other: setattr(one, "op", other())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert | ast.Not | ast.USub):
        yield (
            f"without {type(node.op).__name__}",
            lambda one: setattr(one, "op", ast.UAdd()) if isinstance(one.op, ast.USub) else _bare(one),
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        value = (not node.value) if isinstance(node.value, bool) else node.value + 1
        yield f"{node.value} -> {value}", lambda one, value=value: setattr(one, "value", value)


def _bare(node: ast.UnaryOp) -> None:
    """~x -> ~~x, which is x."""
    node.operand = ast.UnaryOp(type(node.op)(), node.operand)


def run(module: types.ModuleType, code: types.CodeType) -> None:
    """Run a source in a module's names, and bind anew what others imported from it."""
    before = dict(vars(module))
    exec(code, vars(module))
    for name, other in list(sys.modules.items()):
        if name.startswith(("pricesmith.", "tests.")) and other is not module:
            for key, value in list(vars(other).items()):
                if key in before and value is before[key] and not isinstance(value, types.ModuleType) and key in vars(module):
                    setattr(other, key, vars(module)[key])
    short = module.__name__.rpartition(".")[2]
    if short in GUARDS:
        GUARDS.members[short] = module.GUARD


def noticed(tests: tuple[str, ...]) -> bool:
    """Whether a test fails, or does not end."""
    signal.alarm(SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not real", *tests]) != 0
    finally:
        signal.alarm(0)


def late(_number: int, _frame: object) -> None:
    raise TimeoutError


def score(name: str, most: int) -> tuple[int, int]:
    """(noticed, tried) of at most so many changes of a module, drawn by a fixed seed."""
    module = importlib.import_module(f"pricesmith.{name}")
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    original = compile(source, str(module.__file__), "exec")
    if noticed(TESTS[name]):
        raise SystemExit(f"{name}: the tests fail before anything is changed")
    found = list(mutants(source))
    tried = found if most <= 0 or len(found) <= most else random.Random(1).sample(found, most)
    killed = 0
    for mutant in sorted(tried, key=lambda one: one.line):
        try:
            run(module, compile(mutant.tree, str(module.__file__), "exec"))
            seen = noticed(TESTS[name])
        except BaseException:
            seen = True
        run(module, original)
        killed += seen
        if not seen:
            say(f"  {name}:{mutant.line}: {mutant.what}")
    say(f"{name}: {killed} of {len(tried)}")
    return killed, len(tried)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", nargs="*", help=f"which (default all): {', '.join(TESTS)}")
    parser.add_argument("--most", type=int, default=0, help="changes tried of each module, drawn by a fixed seed; 0 tries all")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, late)
    scores = [score(name, given.most) for name in given.module or TESTS]
    killed, tried = (sum(column) for column in zip(*scores, strict=True))
    say(f"noticed {killed} of {tried}: {100.0 * killed / tried:.1f} %")
    raise SystemExit(killed < 0.9 * tried)


if __name__ == "__main__":
    main()
