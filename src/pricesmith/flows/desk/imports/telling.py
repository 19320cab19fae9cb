"""Which column of a file tells rows apart that would share their key without it: sales of several stores in one file, say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pricesmith.contracts.tables import INPUT

from . import foreign
from .day_columns import PLACES, dated, days

SHARED, TOLD, MOST = 0.05, 0.99, 500
"""Share of the rows that share their key, from which on a column is looked for; share that it must leave with a key of their own; and
values that it may have: more than that are no places."""


def tells_apart(path: Path, table: str, seen: foreign.Look, guessed: dict[str, str]) -> tuple[str, str] | None:
    """(our column, header of the file) of the first such column that is not paired; None where none is needed, or none helps.

    What holds days or speaks of them is no place.
    """
    key = INPUT[table].key
    free = next((name for name in PLACES if name in key and name not in guessed), None)
    needed = [name for name in key if INPUT[table].by_name[name].required]
    if not seen.encoding or free is None or any(name not in guessed for name in needed):
        return None
    rows = foreign.first_rows(path, seen)
    known = [seen.headers.index(guessed[name]) for name in key if name in guessed]
    if not rows or _different(rows, known) > (1.0 - SHARED) * len(rows):
        return None
    for place, header in enumerate(seen.headers):
        if (
            header in guessed.values()
            or dated(header)
            or days(place, rows)
            or not 1 < _different(rows, [place]) <= min(MOST, len(rows) // 2)
        ):
            continue
        if _different(rows, [*known, place]) >= TOLD * len(rows):
            return free, header
    return None


def _different(rows: Sequence[Sequence[str]], places: Sequence[int]) -> int:
    return len({tuple(row[place].strip() if place < len(row) else "" for place in places) for row in rows})
