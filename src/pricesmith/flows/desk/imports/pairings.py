"""How the columns of files were paired last: a file of the same table with the same headers is offered what was taken over so.

A file that could not be taken over is offered again what was said of it; another one only where none was ever taken over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from pricesmith.contracts.tables import INPUT
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.drawer import ROOM

from .cost_columns import Way
from .day_columns import PLACES
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
    pack: str = ""
    competitor: str = ""


class _Known(msgspec.Struct, frozen=True):
    """failed: the upload that could not be taken over so, "" where it was."""

    table: str
    headers: list[str]
    pairing: Pairing
    failed: str = ""


def remember(folder: Path, table: str, headers: Sequence[str], how: Reading, failed: str = "") -> None:
    """Keep how a file with these headers is to be read, in place of what was kept for them; what failed leaves there what did not.

    failed  the upload that could not be taken over so, "" where it was
    """
    told = {name: getattr(how, name) for name in Pairing.__struct_fields__ if name not in ("columns", "percent", "promos")}
    pairing = Pairing(**told, columns=dict(how.columns), percent=sorted(how.percent), promos=list(how.promos))
    mine = _Known(table, list(headers), pairing, failed)
    rest = [one for one in _all(folder) if (one.table, one.headers) != (mine.table, mine.headers) or (failed and not one.failed)]
    path = _path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(msgspec.json.encode([mine, *rest][:MOST]))
    partial.replace(path)


def last(folder: Path, table: str, headers: Sequence[str], upload: str) -> Pairing | None:
    """What to offer for an upload; None where no file of the table with these headers was paired yet."""
    known = [one for one in _all(folder) if (one.table, one.headers) == (table, list(headers))]
    first = sorted(known, key=lambda one: (one.failed != upload, one.failed != ""))
    return first[0].pairing if first else None


def taken(folder: Path, table: str, headers: Sequence[str]) -> bool:
    """Whether a file with these headers was taken over as the table before."""
    return any((one.table, one.headers, one.failed) == (table, list(headers), "") for one in _all(folder))


def places(folder: Path) -> list[dict[str, str]]:
    """Our column -> its header, of places in files that were taken over, the newest first."""
    return [{name: header for name, header in one.pairing.columns.items() if name in PLACES} for one in _all(folder) if not one.failed]


def fitting(columns: Mapping[str, str], table: str, headers: Sequence[str]) -> dict[str, str]:
    """Our column -> its header, of those that the table and the file have."""
    return {column: header for column, header in columns.items() if header in headers and column in INPUT[table].by_name}


def _path(folder: Path) -> Path:
    return folder / ROOM / "pairings.json"


def _all(folder: Path) -> list[_Known]:
    return kept.read(_path(folder), list[_Known]) or []
