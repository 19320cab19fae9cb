"""Imports point downwards, stages are strangers, adapters see only contracts: the contracts of import-linter are kept."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.source import PACKAGE, ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def test_import_contracts_are_kept() -> None:
    # In a process of its own: import-linter silences every logger that there is, and other tests read logs.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_stands_on_a_floor() -> None:
    layers = SETTINGS["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip().removeprefix("pricesmith.") for layer in layers for name in layer.split("|")}
    code = [path for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    rooms = {path.stem for path in code if not path.name.startswith("_")}
    assert rooms == placed


def test_types_are_strict() -> None:
    assert SETTINGS["mypy"]["strict"] is True
    loosened = {key for override in SETTINGS["mypy"]["overrides"] for key in override} - {"module", "ignore_missing_imports"}
    assert not loosened
