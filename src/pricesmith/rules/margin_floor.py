"""Margin floor: what is kept of a price covers the landed cost and a margin."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.economics import kept_share
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.rule import Context, Limits, Rule, changed, numbers, per_cent

MarkUp = Annotated[float, Meta(ge=0.0, le=100.0)]
Part = Annotated[float, Meta(ge=0.0, le=0.99)]


class MarginFloor(Rule, frozen=True, kw_only=True, tag="margin_floor"):
    """A price keeps at least the landed cost and a margin on it, after tax, fees and payment.

    kept = price / (1 + tax_rate) * (1 - fee_rate - payment_rate) >= landed_cost * (1 + min_margin).
    That is a mark-up. `of_price` says the margin as a share of what is kept instead: kept * (1 - of_price) >= landed_cost, so that 0.25
    asks for no less than a min_margin of 1/3.
    A product whose landed cost is not known is held as `missing_cost`; where fees eat the whole price, no price is allowed.
    """

    min_margin: Annotated[MarkUp | None, per_cent("margin on the landed cost, a fraction: 0.05 = 5 %")] = None
    of_price: Annotated[Part | None, per_cent("or: margin as a share of what is kept after tax and fees, a fraction: 0.05 = 5 %")] = None

    def __post_init__(self) -> None:
        if (self.min_margin is None) == (self.of_price is None):
            what = "a margin is missing" if self.min_margin is None else "a margin of the cost and one of the price are given"
            raise Contradiction("min_margin", what, "give either min_margin or of_price, such as min_margin = 0.05")

    @property
    def mark_up(self) -> float:
        """The margin as a share of the landed cost: a share m of what is kept leaves 1 - m for the cost, so it is m / (1 - m)."""
        return self.of_price / (1.0 - self.of_price) if self.of_price is not None else self.min_margin or 0.0

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits, about = Limits.none(items.height), self.selects(items)
        factor, need = _kept_share(items), _need(items, self.mark_up)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            start = np.floor(need / factor)
        low = np.where(covers(start, factor, need), start, start + 1)
        low = np.where(np.isnan(need) | (factor <= 0) | ~(start < MAX_MINOR), np.inf, low)
        limits.low[about] = np.where(np.isnan(factor), np.nan, low)[about]
        limits.hold[about & np.isnan(need)] = "missing_cost"
        return limits

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        factor = _kept_share(items)
        covered = (factor > 0) & covers(prices.astype(np.float64), factor, _need(items, self.mark_up))
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
