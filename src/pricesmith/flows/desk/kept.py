"""Results of long work, kept as JSON files beside the ledger: the check of the data, and tests of the forecasts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TypeVar

import msgspec

Document = TypeVar("Document")

FOLDER = ".desk"
"""Folder inside a shop folder; whatever is in it can be made again."""
TESTS = 10
"""Tests of the forecasts that are shown."""


def check_file(folder: Path) -> Path:
    return folder / FOLDER / "check.json"


def test_file(folder: Path, at: dt.datetime) -> Path:
    return folder / FOLDER / "backtests" / f"{at:%Y%m%dT%H%M%S}.json"


def test_files(folder: Path) -> list[Path]:
    """The newest first."""
    return sorted((folder / FOLDER / "backtests").glob("*.json"), reverse=True)[:TESTS]


def written(path: Path) -> str:
    """When a file was written, to tell one state of it from another; "" where it is not there."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return ""
    return f"{stat.st_mtime_ns}:{stat.st_size}"


def read(path: Path, kind: type[Document]) -> Document | None:
    """A document; None where it is not there, or is none of ours."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
