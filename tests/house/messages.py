"""What errors say: every text that is written where an error is raised, with {0}, {1}, ... for what it fills in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import tree

ERRORS = {"PricesmithError", "DataError", "PolicyError", "ShopError", "LedgerError", "Contradiction", "UsageError", "Refused", "ShopBusy"}
UNSEEN = (
    "apps/cli",
    "apps/service/quotes",
    "flows/desk/quotes",
    "testing",
    "simulation",
    "flows/scenario.py",
    "flows/script.py",
    "flows/exam.py",
    "flows/drill.py",
    "flows/demo.py",
    "flows/example.py",
    "client.py",
)
"""What no page calls: its errors are seen at the command line, or by programs that ask for quotes, alone."""


def messages(home: Path) -> dict[str, str]:
    """Text of an error or its hint -> the file that raises it; only sentences, not codes or names."""
    found: dict[str, str] = {}
    for path in sorted(home.rglob("*.py")):
        place = path.relative_to(home).as_posix()
        if not place.startswith(UNSEEN):
            for text in _said(tree(path)):
                found.setdefault(text, place)
    return found


def written(home: Path) -> set[str]:
    """Every text of the program: an error may also be put together before it is raised."""
    trees = map(tree, home.rglob("*.py"))
    return {text for parsed in trees for node in ast.walk(parsed) if isinstance(node, ast.expr) and (text := template(node))}


def _said(tree: ast.Module) -> Iterator[str]:
    for inside in [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))]:
        named = _named(inside) if isinstance(inside, ast.FunctionDef) else {}
        for node in ast.walk(inside):
            if isinstance(node, ast.Call) and _name(node.func) in ERRORS:
                given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in ("hint", "detail"))]
                texts = [text for one in given for text in (named.get(_name(one), []) if isinstance(one, ast.Name) else [template(one)])]
                yield from (text for text in texts if text and " " in text)


def _named(inside: ast.FunctionDef) -> dict[str, list[str]]:
    """Texts that a function gives a name before it raises them."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(inside):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and (text := template(node.value)):
            found.setdefault(node.targets[0].id, []).append(text)
    return found


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def template(node: ast.expr) -> str:
    """A text or f-string with its values numbered; "" for what is neither."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts, count = [], 0
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        else:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts)
