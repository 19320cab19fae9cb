"""Rows of a file that only continue the one above: what the rows of one thing share, an export writes into the first of them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pricesmith.contracts.tables import INPUT

SHARED = ("text", "date", "moment", "flag")
"""Kinds of columns that rows share: never numbers or money, which each row has of its own."""
KEY = "sku"


@dataclass(frozen=True, slots=True)
class Joins:
    """Places in a row.

    header  whose value the rows of one thing share
    own     of our columns that each row has of its own: a row in which all are empty names nothing
    shared  of our columns that are filled in from the first row
    """

    header: int
    own: tuple[int, ...]
    shared: tuple[int, ...]


def joins_of(table: str, header: str, columns: Mapping[str, str], names: Sequence[str]) -> Joins | None:
    """Of a file with these headers; None where it has no such header. columns: our column -> its header"""
    if header not in names:
        return None
    places = {column: names.index(own) for column, own in columns.items() if own in names}
    shared = [column for column in places if column != KEY and INPUT[table].by_name[column].kind in SHARED]
    own = [place for column, place in places.items() if column not in shared]
    return Joins(names.index(header), tuple(own), tuple(places[column] for column in shared))


def joined(rows: Iterable[list[str]], joins: Joins) -> Iterator[tuple[list[str], bool]]:
    """Each row with what it shares filled in, and whether that changed it. A row that continues another and names nothing becomes [].

    A row continues the one before it where its header's cell is empty or holds the same.
    """
    first: list[str] = []
    for row in rows:
        if not row:
            continue
        if not first or _cell(row, joins.header) not in ("", _cell(first, joins.header)):
            first = row
        elif not any(_cell(row, place) for place in joins.own):
            yield [], True
            continue
        blank = [place for place in joins.shared if not _cell(row, place) and _cell(first, place)] if row is not first else []
        if not blank:
            yield row, False
            continue
        whole = row + [""] * (max(blank) + 1 - len(row))
        for place in blank:
            whole[place] = first[place]
        yield whole, True


def counted(rows: Iterable[list[str]], joins: Joins) -> tuple[int, int]:
    """(rows that name nothing and are left out, rows that take something from the first of theirs)."""
    changed = [row for row, touched in joined(rows, joins) if touched]
    left_out = sum(not row for row in changed)
    return left_out, len(changed) - left_out


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
