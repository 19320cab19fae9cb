"""The project's own files, as the tests of the house read them."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "pricesmith"
PURE = (
    *("contracts", "preparation", "features", "demand", "optimization", "rules", "simulation", "guards", "experiments", "monitoring"),
    *("engine.py", "revision.py"),
)
"""Floors 0 to 2 without the adapters: no clock, no environment, no hidden randomness, no files."""

_PLACES = (".ci", "benchmarks", "docs", "examples", "src", "tests")
_TEXT = {".py", ".md", ".toml", ".html", ".jinja", ".css", ".js", ".txt", ".yml", ".yaml", ".json"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def python_files(*folders: str) -> list[Path]:
    """Python files below the given places, relative to the root; a place may be one file."""
    found: list[Path] = []
    for folder in folders:
        place = ROOT / folder
        found += [place] if place.is_file() else sorted(place.rglob("*.py"))
    return found


def pure_files() -> list[Path]:
    return python_files(*(f"src/pricesmith/{name}" for name in PURE))


def text_files() -> Iterator[Path]:
    """Every text file of the project that is or would be committed."""
    listed: list[Path] = []
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = [ROOT / line for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()]
    else:
        listed = [path for place in _PLACES for path in (ROOT / place).rglob("*") if path.is_file()]
        listed += [path for path in ROOT.iterdir() if path.is_file()]
    for path in listed:
        if path.is_file() and (path.suffix in _TEXT or path.name in {"Makefile", "run", "LICENSE"}):
            yield path


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))
