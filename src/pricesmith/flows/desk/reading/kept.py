"""JSON documents that commands write with `--out` for the price desk: the check of the data, and backtests."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TypeVar

import msgspec

from .drawer import ROOM

Document = TypeVar("Document")

BACKTESTS = 10
"""Backtests that are shown."""


def check_file(folder: Path) -> Path:
    return folder / ROOM / "check.json"


def backtest_file(folder: Path, at: dt.datetime) -> Path:
    return folder / ROOM / "backtests" / f"{at:%Y%m%dT%H%M%S}.json"


def backtest_files(folder: Path) -> list[Path]:
    """The newest first."""
    return sorted((folder / ROOM / "backtests").glob("*.json"), reverse=True)[:BACKTESTS]


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
