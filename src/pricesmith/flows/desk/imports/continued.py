"""Rows of a file that only continue the one above: what the rows of one thing share, an export writes into the first of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pricesmith.contracts.tables import INPUT

SHARED = ("text", "date", "moment", "flag")
"""Kinds of columns that rows share: never numbers or money, which each row has of its own."""
KEY = "sku"
Left = Literal["nothing", "cancelled"]
"""Why a row is left out: it only continues another and names nothing, or it is of a thing that never came about."""


@dataclass(frozen=True, slots=True)
class Joins:
    """Places in a row.

    header  whose value the rows of one thing share
    own     of our columns that each row has of its own: a row in which all are empty names nothing
    shared  of our columns that are filled in from the first row
    cancelled  in whose cell the first row of a thing that never came about holds something; -1: nowhere
    """

    header: int
    own: tuple[int, ...]
    shared: tuple[int, ...]
    cancelled: int = -1


def joins_of(
    table: str, header: str, columns: Mapping[str, str], names: Sequence[str], cancelled: str = "", marks: Sequence[str] = ()
) -> Joins | None:
    """Of a file with these headers; None where it has no such header.

    columns  our column -> its header;  cancelled: a header, or "";  marks: headers of further flags, which rows share too
    """
    if header not in names:
        return None
    places = {column: names.index(own) for column, own in columns.items() if own in names}
    shared = [column for column in places if column != KEY and INPUT[table].by_name[column].kind in SHARED]
    own = [place for column, place in places.items() if column not in shared]
    flags = [names.index(name) for name in marks if name in names]
    void = names.index(cancelled) if cancelled in names else -1
    return Joins(names.index(header), tuple(own), (*(places[column] for column in shared), *flags), void)


def joined(rows: Iterable[list[str]], joins: Joins) -> Iterator[tuple[list[str] | Left, bool]]:
    """Each row with what it shares filled in, and whether that changed it; in the place of a row that is left out, why.

    A row continues the one before it where its header's cell is empty or holds the same.
    """
    first: list[str] = []
    for row in rows:
        if not row:
            continue
        follows = bool(first) and _cell(row, joins.header) in ("", _cell(first, joins.header))
        first = first if follows else row
        if joins.cancelled >= 0 and _cell(first, joins.cancelled):
            yield "cancelled", True
        elif follows and not any(_cell(row, place) for place in joins.own):
            yield "nothing", True
        else:
            yield _whole(row, first, joins)


def _whole(row: list[str], first: list[str], joins: Joins) -> tuple[list[str], bool]:
    blank = [place for place in joins.shared if not _cell(row, place) and _cell(first, place)] if row is not first else []
    if not blank:
        return row, False
    whole = row + [""] * (max(blank) + 1 - len(row))
    for place in blank:
        whole[place] = first[place]
    return whole, True


def counted(rows: Iterable[list[str]], joins: Joins) -> tuple[int, int, int]:
    """(rows that name nothing, rows that take something from the first of theirs, rows of what never came about)."""
    changed = [row for row, touched in joined(rows, joins) if touched]
    nothing, cancelled = changed.count("nothing"), changed.count("cancelled")
    return nothing, len(changed) - nothing - cancelled, cancelled


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
