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


def gave_way(decided: Decided, item: int) -> list[str]:
    """Names of the soft rules that gave way for an item: no price that the other rules allow keeps to them."""
    block = decided.opened(np.array([item]))
    return [block.bounds.names[number] for number in np.flatnonzero(block.allowed.dropped[:, 0])]
