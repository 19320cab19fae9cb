"""Blocks of time, nested in one another, in which the shocks of an item last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Ints


@dataclass(frozen=True, slots=True)
class Blocks:
    """Nested blocks of rows.

    starts  starts[0] are rows' block starts of the finest level; starts[l] index blocks of level l - 1
    owner   item segment of each block, per level
    chain   how the finest blocks follow one another, where their shocks remember the one before
    """

    starts: tuple[Ints, ...]
    owner: tuple[Ints, ...]
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The B finest blocks as chains, one in each block of the next level.

    number  (B,) number of the block's stretch of time
    gap     (B,) stretches since the block before; 0 for the first of a chain
    turn    numbers of the blocks that are first, second, ... in their chain
    """

    number: Ints
    gap: Ints
    turn: tuple[Ints, ...]


def nest(segment: Ints, day: Ints, lengths: tuple[int, ...], *, chained: bool = False) -> Blocks:
    """Blocks of the given lengths in days (each a multiple of the one before) for rows sorted by segment and day."""
    starts: list[Ints] = []
    owner: list[Ints] = []
    number: list[Ints] = []
    inner_segment, inner_day = segment, day
    for length in lengths:
        block = inner_day // length
        first = np.flatnonzero(np.r_[True, (inner_segment[1:] != inner_segment[:-1]) | (block[1:] != block[:-1])])
        starts.append(first)
        inner_segment, inner_day = inner_segment[first], inner_day[first]
        owner.append(inner_segment)
        number.append(block[first])
    return Blocks(tuple(starts), tuple(owner), _chain(number[0], starts[1]) if chained else None)


def _chain(number: Ints, wide: Ints) -> Chain:
    gap = np.diff(number, prepend=number[:1])
    gap[wide] = 0
    place = np.arange(number.size) - np.repeat(wide, np.diff(np.r_[wide, number.size]))
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(1, int(place.max(initial=0)) + 1))
    return Chain(number, gap, tuple(np.split(order, bounds)))
