"""Stretches of rows that are worked on at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Ints

from .blocks import Blocks, nest
from .fit_data import Data

CHUNK_ROWS = 150_000


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of rows: a category, or a piece of a large one, with its items' starts (relative) and blocks."""

    category: int
    rows: slice
    starts: Ints
    owners: Ints
    blocks: Blocks


def make_parts(data: Data, category: Ints) -> list[Part]:
    """Stretches of at most about CHUNK_ROWS rows that end where an item ends and never cross a category."""
    parts: list[Part] = []
    if data.item.size == 0:
        return parts
    starts = np.flatnonzero(np.r_[True, data.item[1:] != data.item[:-1]])
    kind = category[data.item[starts]]
    ends = np.r_[starts[1:], data.item.size]
    first = 0
    for k in range(starts.size):
        last = k + 1 == starts.size
        if last or kind[k + 1] != kind[k] or ends[k] - starts[first] > CHUNK_ROWS:
            low, high = int(starts[first]), int(ends[k])
            inside = starts[first : k + 1] - low
            segment = np.repeat(np.arange(inside.size), np.diff(np.r_[inside, high - low]))
            blocks = nest(segment, data.day[low:high], data.lengths, chained=data.chained)
            parts.append(Part(int(kind[k]), slice(low, high), inside, data.item[starts[first : k + 1]], blocks))
            first = k + 1
    return parts


def by_category(parts: list[Part]) -> dict[int, list[Part]]:
    """The parts of each category."""
    grouped: dict[int, list[Part]] = {}
    for part in parts:
        grouped.setdefault(part.category, []).append(part)
    return grouped
