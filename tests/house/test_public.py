"""Public names are few, sorted, listed here, and real."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pricesmith
from tests.house.source import PACKAGE, ROOT, tree

CHECKING = ("TYPE_CHECKING", "not TYPE_CHECKING")
SCRIPT = """
import pricesmith

shop = pricesmith.load("myshop")
result = pricesmith.decide(shop.snapshot, pricesmith.learn(shop.snapshot, shop.policy), shop.policy)
reveal_type(result)
reveal_type(pricesmith.elasticity(result, "a").low)
reveal_type(pricesmith.demand_curve(result, "a"))
pricesmith.lern
"""
"""A short script with one slip."""


def test_public_names() -> None:
    types = ["Decided", "Elasticity", "Policy", "PricesmithError", "Shop", "Snapshot"]
    assert pricesmith.__all__ == [*types, "__version__", "decide", "demand_curve", "elasticity", "learn", "load", "replay"]
    assert pricesmith.__all__ == sorted(pricesmith.__all__)


def test_type_checkers_see_what_is_imported_at_first_use() -> None:
    """Each name from the module that it comes from, and no `__getattr__` that would take any other for it."""
    source = tree(PACKAGE / "__init__.py")
    seen, hidden = (next(node for node in source.body if isinstance(node, ast.If) and ast.unparse(node.test) == test) for test in CHECKING)
    told = {alias.name: node.module for node in seen.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert told == pricesmith._HOMES and set(told) == {*pricesmith.__all__} - {"__version__"}
    getters = [node for node in ast.walk(source) if isinstance(node, ast.FunctionDef) and node.name == "__getattr__"]
    assert [node for node in hidden.body if isinstance(node, ast.FunctionDef)] == getters


@pytest.mark.real
def test_a_script_is_checked(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    told = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(script)], capture_output=True, text=True, cwd=ROOT).stdout
    assert re.findall(r'Revealed type is "(.*)"', told) == ["pricesmith.engine.Decided", "float", "polars.dataframe.frame.DataFrame"]
    assert [line.partition("error: ")[2] for line in told.splitlines() if "error: " in line] == [
        'Module has no attribute "lern"; maybe "learn"?  [attr-defined]'
    ]


def test_public_names_resolve_and_say_what_they_are() -> None:
    for name in pricesmith.__all__:
        member = getattr(pricesmith, name)
        assert name == "__version__" or member.__doc__


def test_unknown_name_is_refused() -> None:
    assert not hasattr(pricesmith, "no_such_name")
