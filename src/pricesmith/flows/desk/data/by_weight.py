"""Entries of the data report as they are read: the weightiest first, many of one kind about columns of one table as one that opens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

import msgspec

LEVELS = ("blocking", "warning", "info")
COLUMNS = "unknown_column"
"""Entries about one column each, of which a file may have as many as it has columns."""
FOLDED = 4
"""Entries of one table from which they are folded."""


class Weighed(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def table(self) -> str: ...
    @property
    def level(self) -> str: ...


One = TypeVar("One", bound=Weighed)


class Fold(msgspec.Struct, frozen=True):
    """Entries of one kind that stand one after another. first: place of the first of them in the list;  count: how many they are"""

    code: str
    table: str
    level: str
    first: int
    count: int


def by_weight(entries: Iterable[One]) -> list[One]:
    """What stops pricing before what is worth a look before what is good to know; of each, columns that nobody knows last, by table."""
    return sorted(entries, key=_weight)


def folds(entries: Sequence[Weighed]) -> list[Fold]:
    """Those to fold. entries: of `by_weight`"""
    found = []
    for (code, table, level), group in groupby(enumerate(entries), key=lambda pair: (pair[1].code, pair[1].table, pair[1].level)):
        places = [place for place, _ in group]
        if code == COLUMNS and len(places) >= FOLDED:
            found.append(Fold(code, table, level, places[0], len(places)))
    return found


def _weight(entry: Weighed) -> tuple[int, bool, str]:
    columns = entry.code == COLUMNS
    return LEVELS.index(entry.level) if entry.level in LEVELS else len(LEVELS), columns, entry.table if columns else ""
