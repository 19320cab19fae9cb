"""The publishable price nearest to one that somebody wants."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.engine import Decided
from pricesmith.rules.apply import fits_alone

STEPS, CAUTION = "steps", "caution"
"""What forbids a price that no rule forbids: it is none of the steps in which prices are set; weak evidence lets no price move so far."""


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


def refusing(decided: Decided, item: int, price: int) -> list[str]:
    """Names of the rules that refuse an item this price (minor units), else STEPS or CAUTION; [] where it is allowed.

    A soft rule refuses like a hard one, except where it gave way: there no price that the other rules allow keeps to it.
    """
    block = decided.opened(np.array([item]))
    on = (block.ladder.prices[0] == price) & block.ladder.valid[0]
    if (on & block.allowed.valid[0]).any():
        return []
    prices, bounds = np.array([[price]], dtype=np.int64), block.bounds
    fits = fits_alone(decided.shop.policy.rules, block.items, prices, bounds.low, bounds.high, block.context)[:, 0, 0]
    rules = [bounds.names[number] for number in np.flatnonzero(~fits & ~block.allowed.dropped[:, 0])]
    return rules or [CAUTION if on.any() else STEPS]


def gave_way(decided: Decided, item: int) -> list[str]:
    """Names of the soft rules that gave way for an item: no price that the other rules allow keeps to them."""
    block = decided.opened(np.array([item]))
    return [block.bounds.names[number] for number in np.flatnonzero(block.allowed.dropped[:, 0])]
