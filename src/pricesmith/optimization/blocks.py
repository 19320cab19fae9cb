"""A large run in parts: items of like ladder length together, families never torn, so that memory is bounded and padding costs little."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pricesmith.contracts.curves import Ints
from pricesmith.contracts.rule import Ties

CELLS = 1 << 21
"""Cells (items times columns) of one block, or one family where that is larger."""


def closed_blocks(length: Ints, family: Ints, ties: Ties | None, most: int = CELLS) -> list[Ints]:
    """Item numbers, ascending, of blocks closed under families and ties: nothing that binds two items leads from one block to another.

    length  (n,) candidates of each item
    family  (n,) family number, -1 where alone
    most    cells of one block
    """
    group = family
    if ties is not None:
        inside = np.flatnonzero(family >= 0)
        head = inside[np.unique(family[inside], return_index=True, return_inverse=True)[1]]
        _, kin = np.unique(family[inside], return_inverse=True)
        pairs = np.r_[ties.first, inside], np.r_[ties.second, head[kin]]
        links = coo_array((np.ones(pairs[0].size, np.int8), pairs), shape=(family.size, family.size))
        group = connected_components(links, directed=False)[1].astype(np.int64)
    return [np.sort(rows) for rows in split(length, group, most)] or [np.arange(0)]


def split(length: Ints, group: Ints, most: int) -> Iterator[Ints]:
    """Item numbers of parts of like length and about `most` cells; items of a group (number >= 0) stay together."""
    unit = np.arange(group.size)
    kin = group >= 0
    first = np.unique(group[kin], return_index=True, return_inverse=True)
    unit[kin] = np.flatnonzero(kin)[first[1]][first[2]]
    longest = np.zeros(group.size, dtype=np.int64)
    np.maximum.at(longest, unit, length)
    width = longest[unit]
    order = np.lexsort((np.arange(group.size), unit, width))
    part = np.cumsum(width[order]) // most
    head = np.r_[True, unit[order][1:] != unit[order][:-1]] if order.size else np.zeros(0, dtype=bool)
    part = part[head][np.cumsum(head) - 1]
    for rows in np.split(order, np.flatnonzero(np.diff(part)) + 1):
        if rows.size:
            yield rows
