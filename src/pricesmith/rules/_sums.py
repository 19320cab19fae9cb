"""Sums over many items: whether the prices keep to what a coupling allows."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.economics import kept_share, net_share, unit_profit, unit_revenue
from pricesmith.contracts.rule import Context, Coupling, changed, numbers

Move = tuple[Ints, Context]
"""Other prices (n,) for the same items, with the context that holds their expected units."""


def kept_to(coupling: Coupling, items: pl.DataFrame, prices: Ints, context: Context, move: Move | None = None) -> Flags:
    """(n,) True where the sum of the item's group is within bounds, or the item takes no part. A sum that is not known is out of bounds.

    move  where given, each item is judged as if it alone moved to its other price
    """
    member = coupling.group >= 0
    group = coupling.group[member]
    then, now = parts(coupling, items, prices, context)
    total, size, today = (_total(group, part[member], len(coupling.names)) for part in (then, np.abs(then), now))
    if move is not None:
        total = total + (parts(coupling, items, *move)[0] - then)[member]
    kept = np.ones(items.height, dtype=bool)
    kept[member] = inside(*bounds(coupling, group, today), total, size, today)
    return kept


def bounds(coupling: Coupling, group: Ints, today: Floats) -> tuple[Floats, Floats]:
    """(g,) what the sums of some groups must reach and may reach, in the unit of the sum. today: (g,) the sums at the current prices."""
    lower, upper = coupling.lower[group], coupling.upper[group]
    if coupling.quantity in ("revenue", "margin"):
        return _of_today(lower, today), _of_today(upper, today)
    return lower, upper


def inside(lower: Floats, upper: Floats, total: Floats, size: Floats, today: Floats) -> Flags:
    """(g,) True where a sum is within its bounds; only float error is forgiven. size: (g,) sum of the parts without their signs."""
    slack = 1e-9 * (size + np.abs(today)) + 1e-12
    within: Flags = (total >= lower - slack) & (total <= upper + slack)
    return within


def _total(group: Ints, part: Floats, count: int) -> Floats:
    """The sum of an item's group, for each item."""
    return np.bincount(group, weights=part, minlength=count).astype(np.float64)[group]


def _of_today(share: Floats, today: Floats) -> Floats:
    """Bounds given as shares of today's sum; a loss may grow by the share that a gain may shrink. Infinite shares are no bound."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(share), share, today - (1.0 - share) * np.abs(today))


def parts(coupling: Coupling, items: pl.DataFrame, prices: Ints, context: Context) -> tuple[Floats, Floats]:
    """(n,) each item's part of the sum at the given prices, and at the current ones."""
    current = numbers(items, "current_price")
    nothing = np.zeros(items.height)
    if coupling.quantity == "changed":
        return changed(items, prices).astype(np.float64), nothing
    now = _known(context.units_now, items.height)
    if coupling.quantity == "index":
        return index_weights(coupling, now * current) * (prices / np.maximum(current, 1.0) - 1.0), nothing
    then = _known(context.units_then, items.height)
    return then * _per_unit(coupling.quantity, items, prices.astype(np.float64)), now * _per_unit(coupling.quantity, items, current)


def index_weights(coupling: Coupling, revenue: Floats) -> Floats:
    """(n,) weights of an index, by today's expected revenue (n,) where the coupling names none."""
    if coupling.weights is not None:
        return coupling.weights
    member = coupling.group >= 0
    total = np.bincount(coupling.group[member], weights=revenue[member], minlength=len(coupling.names))
    weights = np.zeros(revenue.size)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights[member] = revenue[member] / total[coupling.group[member]]
    return weights


def _per_unit(quantity: str, items: pl.DataFrame, price: Floats) -> Floats:
    """(n,) revenue or margin of one unit sold, in minor units, returns taken off."""
    tax, fee, payment, returned = (numbers(items, name) for name in ("tax_rate", "fee_rate", "payment_rate", "return_rate"))
    if quantity == "revenue":
        return unit_revenue(price, net_share(tax), returned)
    return unit_profit(price, kept_share(tax, fee, payment), numbers(items, "landed_cost"), returned)


def _known(units: Floats | None, count: int) -> Floats:
    return np.full(count, np.nan) if units is None else units
