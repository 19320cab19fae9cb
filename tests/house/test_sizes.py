"""One idea, one file; one step, one function. Beyond the usual size is listed as a warning, beyond the bound fails."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import python_files, short, tree

FILE_USUAL, FILE_BOUND = 300, 350
FUNCTION_USUAL, FUNCTION_BOUND = 30, 45
DICTIONARIES = {"src/pricesmith/contracts/tables.py"}
"""Files that are data: one line a column."""


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """(name, lines of code without docstring, comments and blank lines) of every function."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            code = lines[body[0].lineno - 1 : node.end_lineno] if body else []
            yield node.name, sum(1 for line in code if line.strip() and not line.strip().startswith("#"))


def judge(sizes: Iterator[tuple[str, int]], usual: int, bound: int) -> None:
    seen = list(sizes)
    assert seen
    large = [f"{name}: {size}" for name, size in seen if usual < size <= bound]
    if large:
        warnings.warn(f"longer than the usual {usual}: {'; '.join(large)}", stacklevel=2)
    too_long = [f"{name}: {size} > {bound}" for name, size in seen if size > bound]
    assert not too_long, "\n".join(too_long)


def test_files_are_short() -> None:
    files = python_files("src", "benchmarks", "examples")
    sizes = ((short(path), len(path.read_text(encoding="utf-8").splitlines())) for path in files if short(path) not in DICTIONARIES)
    judge(sizes, FILE_USUAL, FILE_BOUND)


def test_functions_are_short() -> None:
    files = python_files("src", "benchmarks", "examples")
    sizes = ((f"{short(path)} {name}", size) for path in files for name, size in functions(path))
    judge(sizes, FUNCTION_USUAL, FUNCTION_BOUND)


def test_one_long_statement_is_long(tmp_path: Path) -> None:
    file = tmp_path / "made.py"
    fields = "".join(f"        {name}=1,\n" for name in "abcdefghij")
    file.write_text(
        f'def record():\n    """Ten fields."""\n    return dict(\n{fields}        # none\n\n    )\n\n\ndef nothing():\n    """Nothing."""\n'
    )
    assert list(functions(file)) == [("record", 12), ("nothing", 0)]
