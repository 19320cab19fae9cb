"""Sums over many items: whether the prices keep to what a coupling allows."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.rule import Context, Coupling, changed, numbers


def kept_to(coupling: Coupling, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
    """(n,) True where the sum of the item's group is within bounds, or the item takes no part. A sum that is not known is out of bounds."""
    member = coupling.group >= 0
    group, count = coupling.group[member], len(coupling.names)
    then, now = _parts(coupling, items, prices, context)
    total = np.bincount(group, weights=then[member], minlength=count)
    today = np.bincount(group, weights=now[member], minlength=count)
    size = np.bincount(group, weights=np.abs(then[member]), minlength=count)
    relative = coupling.quantity in ("revenue", "margin")
    lower = today - (1.0 - coupling.lower) * np.abs(today) if relative else coupling.lower
    upper = today - (1.0 - coupling.upper) * np.abs(today) if relative else coupling.upper
    slack = 1e-9 * (size + (np.abs(today) if relative else 0.0)) + 1e-12
    with np.errstate(invalid="ignore"):
        fine = (total >= np.where(np.isinf(coupling.lower), -np.inf, lower - slack)) & (
            total <= np.where(np.isinf(coupling.upper), np.inf, upper + slack)
        )
    kept = np.ones(items.height, dtype=bool)
    kept[member] = fine[group]
    return kept


def _parts(coupling: Coupling, items: pl.DataFrame, prices: Ints, context: Context) -> tuple[Floats, Floats]:
    """(n,) each item's part of the sum at the given prices, and at the current ones."""
    current = numbers(items, "current_price")
    nothing = np.zeros(items.height)
    if coupling.quantity == "changed":
        return changed(items, prices).astype(np.float64), nothing
    now = _known(context.units_now, items.height)
    if coupling.quantity == "index":
        return _weights(coupling, now * current) * (prices / current - 1.0), nothing
    then = _known(context.units_then, items.height)
    return then * _per_unit(coupling.quantity, items, prices.astype(np.float64)), now * _per_unit(coupling.quantity, items, current)


def _weights(coupling: Coupling, revenue: Floats) -> Floats:
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
    net, stays = price / (1.0 + numbers(items, "tax_rate")), 1.0 - numbers(items, "return_rate")
    if quantity == "revenue":
        return stays * net
    return stays * (net * (1.0 - numbers(items, "fee_rate") - numbers(items, "payment_rate")) - numbers(items, "landed_cost"))


def _known(units: Floats | None, count: int) -> Floats:
    return np.full(count, np.nan) if units is None else units
