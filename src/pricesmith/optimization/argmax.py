"""The best column of each row, with ties broken the same way every time: the current price first, then the nearest, then the lower."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


def best_columns(values: Floats, current: Ints, prices: Ints) -> Ints:
    """(n,) column of the largest value in each row of values (n, K); the current column where a row is -inf throughout."""
    rows = np.arange(values.shape[0])
    best = values.argmax(axis=1)
    top = values[rows, best]
    known = current >= 0
    stay = known & ((values[rows, current] == top) | ~np.isfinite(top))
    best = np.where(stay, current, np.where(np.isfinite(top), best, -1))
    open_rows = np.flatnonzero(known & ~stay & (np.count_nonzero(values == top[:, None], axis=1) > 1))
    if open_rows.size:
        distance = np.abs(prices[open_rows] - prices[open_rows, current[open_rows]][:, None]).astype(np.float64)
        distance[values[open_rows] != top[open_rows][:, None]] = np.inf
        best[open_rows] = distance.argmin(axis=1)
    return best
