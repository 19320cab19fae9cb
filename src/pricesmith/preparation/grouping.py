"""Groups of integer codes by look-up in tables: where codes are dense, several times cheaper than hashing or sorting."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TABLE_PER_CODE = 16
"""A table may have so many places for each code; sparser codes are sorted."""
SMALL_TABLE = 10**6


def positions(code: Ints) -> tuple[Ints, Ints]:
    """Distinct codes in ascending order, and the position of each code among them. code: (n,) from 0."""
    high = int(code.max(initial=0))
    if high >= TABLE_PER_CODE * len(code) + SMALL_TABLE:
        distinct, position = np.unique(code, return_inverse=True)
        return distinct, position
    present = np.zeros(high + 1, dtype=bool)
    present[code] = True
    rank = np.cumsum(present) - 1
    return np.flatnonzero(present), rank[code]


def combined(codes: list[Ints]) -> tuple[Ints, list[int]]:
    """Several codes from 0 as one, and how many of each there are; `separate` takes it apart. Raises OverflowError beyond 63 bits."""
    sizes = [int(code.max(initial=0)) + 1 for code in codes]
    if math.prod(sizes) >= 2**63:
        raise OverflowError(f"{' x '.join(map(str, sizes))} codes do not fit in 63 bits")
    whole = codes[0].astype(np.int64)
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        whole *= size
        whole += code
    return whole, sizes


def separate(whole: Ints, sizes: list[int]) -> list[Ints]:
    """The codes that were combined."""
    codes = []
    for size in reversed(sizes[1:]):
        whole, code = np.divmod(whole, size)
        codes.append(code)
    return [whole, *reversed(codes)]


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows grouped by a slot and a value.

    of     (n,) group of each row
    slot   (g,) slot of each group
    value  (g,) value of each group
    """

    of: Ints
    slot: Ints
    value: Floats

    def total(self, column: Ints) -> Ints:
        """(g,) sums, exact whatever the order of the rows."""
        sums = np.zeros(len(self.slot), dtype=np.int64)
        np.add.at(sums, self.of, column)
        return sums

    def largest(self, column: Floats) -> Floats:
        """(g,) largest number of each group, NaN where there is none; NaN in the column is no number."""
        found = np.full(len(self.slot), -np.inf)
        np.fmax.at(found, self.of, column)
        return np.where(np.isneginf(found), np.nan, found)


def grouped(slot: Ints, slots: int, value: Floats) -> Groups:
    """Groups of equal slot and equal value. Most slots have one value: only rows that differ from the one looked up are sorted.

    slot   (n,) in 0 .. slots - 1, each present
    value  (n,) finite
    """
    first = np.empty(slots)
    first[slot] = value
    rest = np.flatnonzero(first[slot] != value)
    of, starts = slot, np.arange(slots)
    if not len(rest):
        return Groups(of, starts, first)
    rest = rest[np.lexsort((value[rest], slot[rest]))]
    other, price = slot[rest], value[rest]
    new = np.ones(len(rest), dtype=bool)
    new[1:] = (other[1:] != other[:-1]) | (price[1:] != price[:-1])
    of = slot.copy()
    of[rest] = slots + np.cumsum(new) - 1
    return Groups(of, np.concatenate([starts, other[new]]), np.concatenate([first, price[new]]))
