"""How the columns of files were paired last: a file of the same table with the same headers is offered the same, whatever became of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from . import kept
from .cost_columns import Way
from .drawer import ROOM
from .foreign import Reading

MOST = 60
"""Pairings that are kept, the newest first."""


class Pairing(msgspec.Struct, frozen=True):
    """How somebody said that a file is to be read, as of `foreign.Reading`. percent: our columns of shares that it writes in percent."""

    encoding: str
    delimiter: str
    decimal: str
    dates: str
    columns: dict[str, str]
    percent: list[str] = []
    amounts: bool = False
    discount: str = ""
    joins: str = ""
    cancelled: str = ""
    alone: bool = False
    promos: list[str] = []
    ends: str = "first"
    cost: str = ""
    cost_as: Way = "share"
    competitor: str = ""


class _Known(msgspec.Struct, frozen=True):
    table: str
    headers: list[str]
    pairing: Pairing


def remember(folder: Path, table: str, headers: Sequence[str], how: Reading) -> None:
    """Keep how a file with these headers is to be read, in place of what was kept for them."""
    told = {name: getattr(how, name) for name in Pairing.__struct_fields__ if name not in ("columns", "percent", "promos")}
    pairing = Pairing(**told, columns=dict(how.columns), percent=sorted(how.percent), promos=list(how.promos))
    mine = _Known(table, list(headers), pairing)
    rest = [one for one in _all(folder) if (one.table, one.headers) != (mine.table, mine.headers)]
    path = _path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(msgspec.json.encode([mine, *rest][:MOST]))
    partial.replace(path)


def last(folder: Path, table: str, headers: Sequence[str]) -> Pairing | None:
    """None where no file of the table with these headers was paired yet."""
    return next((one.pairing for one in _all(folder) if (one.table, one.headers) == (table, list(headers))), None)


def _path(folder: Path) -> Path:
    return folder / ROOM / "pairings.json"


def _all(folder: Path) -> list[_Known]:
    return kept.read(_path(folder), list[_Known]) or []
