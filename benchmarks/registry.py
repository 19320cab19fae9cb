"""Finds the benchmarks: every file of this folder is one case, but for the runner and this file.

A case is run as `python -m benchmarks.<name>` and prints JSON, one line a method or goal (`benchmarks.support.measure` writes them):

    {"case": ..., "method": ..., "products": ..., "cpu_s": ..., "repeats": ..., further figures}
    {"case": ..., "goal": ..., "figure": ..., "met": true}
    {"case": ..., "absent": name of a peer that is not installed}

Methods of this package have names that begin with `pricesmith`. Lines that are no JSON are shown as they are.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_SUPPORT = {"registry", "run", "__init__"}


@dataclass(frozen=True, slots=True)
class Case:
    """One benchmark: its name, and what it measures (the first line of its file)."""

    name: str
    title: str


def cases() -> dict[str, Case]:
    """All benchmarks by name."""
    names = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in _SUPPORT)
    return {name: Case(name, _title(HERE / f"{name}.py")) for name in names}


def _title(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.stem
    return text.splitlines()[0]
