"""Minimum change: a price moves noticeably or not at all."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import ceil_minor, exponent
from pricesmith.contracts.rule import Context, Positive, Rule, numbers, per_cent

from .max_change import MaxChange


class MinChange(Rule, frozen=True, kw_only=True, tag="min_change"):
    """A price that changes does so by at least a share of the current price, or an amount, or both.

    price = current_price, or |price / current_price - 1| >= step and |price - current_price| >= amount.
    A product without a current price cannot change.
    """

    step: Annotated[Positive | None, per_cent("least move, a fraction of the current price: 0.02 = 2 %")] = None
    amount: Annotated[Positive | None, Meta(description="least move in major units of the currency: 0.50")] = None

    def __post_init__(self) -> None:
        if self.step is None and self.amount is None:
            raise Contradiction("step", "a least change is missing", "give step, amount or both, such as step = 0.02")

    def agree(self, other: Rule) -> None:
        if isinstance(other, MaxChange) and self.step is not None and self.step > max(other.reach):
            raise Contradiction(
                "step",
                f"the least change {self.step:g} is above the largest change {max(other.reach):g}",
                "no price could ever change; leave room between them",
            )

    def least(self, current: Floats, currency: str) -> Floats:
        """(n,) least move from current prices, minor units; NaN where there is none."""
        return ceil_minor(np.maximum((self.step or 0.0) * current, (self.amount or 0.0) * 10.0 ** exponent(currency)))

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        current = numbers(items, "current_price")
        least = self.least(current, context.currency)
        away = np.abs(prices - np.where(np.isnan(current), 0, current).astype(np.int64)[:, None])
        fits: Flags = ~self.selects(items)[:, None] | (away == 0) | (away >= least[:, None])
        return fits

    def beside(self, items: pl.DataFrame, prices: Ints, context: Context, up: bool) -> Ints:
        current = numbers(items, "current_price")
        known = ~np.isnan(current)
        least = np.where(known, self.least(current, context.currency), 0).astype(np.int64)[:, None]
        now = np.where(known, current, 0).astype(np.int64)[:, None]
        far = now + least if up else now - least
        onwards = prices > now if up else prices < now
        stays = self.admits(items, prices, context) | ~known[:, None]
        return np.where(stays, prices, np.where(onwards, far, now))


RULE = MinChange

EXAMPLE = """
[[rule]]
kind = "min_change"
step = 0.02
amount = 0.10
"""
