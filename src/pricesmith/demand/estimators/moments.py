"""Sums of products of variables, product by product. They add, so any split of the rows gives the same estimates."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricesmith.contracts.curves import Floats, Ints

from .group_sums import group_sum

_ROWS_AT_ONCE = 1 << 15
_PRODUCTS_AT_ONCE = 128
_LONG = 100


@dataclass(frozen=True, slots=True)
class Moments:
    """Second moments about zero of c variables for each of S products.

    gram  (S, c, c) sums over a product's rows of variable i times variable j; symmetric
    rows  (S,) number of rows (or their total weight) behind each product
    """

    gram: Floats
    rows: Floats

    def __add__(self, other: Moments) -> Moments:
        """Moments of both sets of rows together."""
        if self.gram.shape != other.gram.shape:
            raise ValueError(f"moments of shape {self.gram.shape} and {other.gram.shape} do not add")
        return Moments(self.gram + other.gram, self.rows + other.rows)

    def __sub__(self, other: Moments) -> Moments:
        """Moments of the rows that remain when those of `other` are taken away."""
        return self + Moments(-other.gram, -other.rows)

    def pick(self, variables: Sequence[int]) -> Moments:
        """Moments of some of the variables, in the order given."""
        index = np.asarray(variables, dtype=np.intp)
        return Moments(self.gram[:, index[:, None], index], self.rows)

    def pooled(self, group: Ints, groups: int) -> Moments:
        """Moments of groups of products, added up.

        group  (S,) group number of each product, 0 to groups - 1
        """
        order = np.argsort(group, kind="stable")
        found, starts = np.unique(group[order], return_index=True)
        gram = np.zeros((groups, *self.gram.shape[1:]))
        gram[found] = np.add.reduceat(self.gram[order], starts, axis=0)
        return Moments(gram, group_sum(group, self.rows, groups))


def block_moments(block: NDArray[np.floating]) -> Moments:
    """Moments of products with equally many rows.

    block  (S, W, c) variables of S products over W periods, the variables side by side
    """
    products, periods, width = block.shape
    gram = np.empty((products, width, width))
    for low in range(0, products, _PRODUCTS_AT_ONCE):
        piece, target = block[low : low + _PRODUCTS_AT_ONCE], gram[low : low + _PRODUCTS_AT_ONCE]
        # One factor a column narrower: a general product of small matrices, which BLAS does faster than the symmetric one.
        target[:, :-1] = np.matmul(piece[:, :, :-1].transpose(0, 2, 1), piece)
        target[:, -1, -1] = np.vecdot(piece[:, :, -1], piece[:, :, -1])
    gram[:, -1, :-1] = gram[:, :-1, -1]
    return Moments(gram, np.full(products, float(periods)))


def row_moments(rows: Floats, starts: Ints, weight: Floats | None = None) -> Moments:
    """Moments of products with unequally many rows.

    rows    (N, c) variables of all rows, those of a product adjacent
    starts  (S,) first row of each product, ascending from 0; every product has a row
    weight  (N,) weight of each row; 1 where not given
    """
    bounds = np.append(starts, len(rows))
    counts = np.diff(bounds).astype(np.float64) if weight is None else np.add.reduceat(weight, starts)
    method = _long_products if len(rows) > _LONG * len(starts) else _short_products
    return Moments(method(rows, bounds, weight), counts)


def _long_products(rows: Floats, bounds: Ints, weight: Floats | None) -> Floats:
    """One matrix product a product: best where it has a hundred rows or more."""
    gram = np.empty((len(bounds) - 1, rows.shape[1], rows.shape[1]))
    left = rows if weight is None else rows * weight[:, None]
    edges = bounds.tolist()
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        np.matmul(left[low:high].T, rows[low:high], out=gram[number])
    return gram


def _short_products(rows: Floats, bounds: Ints, weight: Floats | None) -> Floats:
    """Sums over runs of rows, for many products at once: best where each has few rows."""
    width = rows.shape[1]
    gram = np.empty((len(bounds) - 1, width, width))
    for low, high in _chunks(bounds):
        piece = np.ascontiguousarray(rows[bounds[low] : bounds[high]].T)
        inner = bounds[low:high] - bounds[low]
        scaled = piece if weight is None else piece * weight[bounds[low] : bounds[high]]
        for i in range(width):
            sums = np.add.reduceat(scaled[i] * piece[i:], inner, axis=1)
            gram[low:high, i, i:] = sums.T
            gram[low:high, i:, i] = sums.T
    return gram


def _chunks(bounds: Ints) -> list[tuple[int, int]]:
    """Runs of products with about `_ROWS_AT_ONCE` rows, so that a piece stays in the processor's cache."""
    cuts, low = [], 0
    while low < len(bounds) - 1:
        high = int(np.searchsorted(bounds, bounds[low] + _ROWS_AT_ONCE, side="right")) - 1
        high = min(max(high, low + 1), len(bounds) - 1)
        cuts.append((low, high))
        low = high
    return cuts
