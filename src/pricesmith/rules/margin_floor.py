"""Margin floor: what is kept of a price covers the landed cost and a margin."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.economics import kept_share
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.rule import Context, Limits, NonNegative, Rule, changed, numbers, per_cent


class MarginFloor(Rule, frozen=True, kw_only=True, tag="margin_floor"):
    """A price keeps at least the landed cost and a margin on it, after tax, fees and payment.

    kept = price / (1 + tax_rate) * (1 - fee_rate - payment_rate) >= landed_cost * (1 + min_margin).
    It is a mark-up. A share m of what is kept is min_margin = m / (1 - m): 0.3334 for 25 %, 1 for 50 %.
    A product whose landed cost is not known is held as `missing_cost`; where fees eat the whole price, no price is allowed.
    """

    min_margin: Annotated[NonNegative, per_cent("margin on the landed cost, a fraction: 0.05 = 5 %", le=100.0)]

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits, about = Limits.none(items.height), self.selects(items)
        factor, need = _kept_share(items), _need(items, self.min_margin)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            start = np.floor(need / factor)
        low = np.where(covers(start, factor, need), start, start + 1)
        low = np.where(np.isnan(need) | (factor <= 0) | ~(start < MAX_MINOR), np.inf, low)
        limits.low[about] = np.where(np.isnan(factor), np.nan, low)[about]
        limits.hold[about & np.isnan(need)] = "missing_cost"
        return limits

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        factor = _kept_share(items)
        covered = (factor > 0) & covers(prices.astype(np.float64), factor, _need(items, self.min_margin))
        return changed(items, prices) & self.selects(items) & ~covered


def _kept_share(items: pl.DataFrame) -> Floats:
    """(n,) share of a price that stays with the shop."""
    return kept_share(numbers(items, "tax_rate"), numbers(items, "fee_rate"), numbers(items, "payment_rate"))


def _need(items: pl.DataFrame, margin: float) -> Floats:
    """(n,) minor units that must be kept; NaN where the landed cost is unknown or cannot be."""
    landed = numbers(items, "landed_cost")
    return np.where(landed >= 0, landed, np.nan) * (1.0 + margin)


def covers(price: Floats, factor: Floats, need: Floats) -> Flags:
    """Whether the kept part of a price covers the need; float error of a few operations is forgiven, NaN is not."""
    with np.errstate(invalid="ignore", over="ignore"):
        enough: Flags = price * factor - need >= -(1e-10 + 1e-15 * need)
    return enough


RULE = MarginFloor

EXAMPLE = """
[[rule]]
kind = "margin_floor"
min_margin = 0.05
"""
