"""The publishable price nearest to one that somebody wants."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.engine import Decided


def nearest(decided: Decided, rows: Ints, wanted: Floats) -> Ints:
    """(m,) the allowed price of each item nearest to the wanted one, minor units, the lower of two; -1 where none is allowed or it is held.

    rows    (m,) numbers of items
    wanted  (m,) minor units
    """
    block = decided.opened(rows)
    open_ = block.allowed.valid & (block.bounds.hold == "")[:, None]
    away = np.where(open_, np.abs(block.ladder.prices - wanted[:, None]), np.inf)
    best = np.argmin(away, axis=1)
    found = np.isfinite(away[np.arange(rows.size), best])
    return np.where(found, block.ladder.prices[np.arange(rows.size), best], -1)


def around(decided: Decided, item: int, wanted: float, count: int = 6) -> list[int]:
    """Allowed prices of an item nearest to the wanted one, minor units, ascending."""
    block = decided.opened(np.array([item]))
    if block.bounds.hold[0]:
        return []
    prices = np.unique(block.ladder.prices[0][block.allowed.valid[0]])
    close = prices[np.argsort(np.abs(prices - wanted), kind="stable")[:count]]
    return sorted(int(price) for price in close)
