"""Maximum change: how far a price may move in one run."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.rule import Context, Limits, Rule, Share, numbers, per_cent

Rise = Annotated[float, Meta(ge=0.0, le=100.0)]


class MaxChange(Rule, frozen=True, kw_only=True, tag="max_change"):
    """A price moves by at most a share of the current price in one run.

    |price / current_price - 1| <= step; `up` and `down` replace `step` for rises and cuts. With only one of them the other way is free.
    A product without a current price is held as `missing_price`.
    """

    step: Annotated[Share | None, per_cent("largest move either way, a fraction of the current price: 0.15 = 15 %")] = None
    up: Annotated[Rise | None, per_cent("largest rise, above 1 (100 %) too; `step` where left out")] = None
    down: Annotated[Share | None, per_cent("largest cut; `step` where left out")] = None

    def __post_init__(self) -> None:
        if self.step is None and self.up is None and self.down is None:
            raise Contradiction("step", "a largest change is missing", "give step, up or down, such as step = 0.15")
        if self.step is not None and self.up is not None and self.down is not None:
            raise Contradiction("step", "step says nothing where both up and down are given", "leave step out")

    @property
    def reach(self) -> tuple[float, float]:
        """Largest rise and largest cut; infinite where free."""
        free = np.inf if self.step is None else self.step
        return free if self.up is None else self.up, free if self.down is None else self.down

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits, about = Limits.none(items.height), self.selects(items)
        current = numbers(items, "current_price")
        up, down = self.reach
        limits.high[about] = floor_minor(current + up * current)[about]
        limits.low[about] = ceil_minor(current - down * current)[about]
        unknown = about & np.isnan(current)
        limits.low[unknown], limits.high[unknown], limits.hold[unknown] = np.inf, -np.inf, "missing_price"
        return limits


RULE = MaxChange

EXAMPLE = """
[[rule]]
kind = "max_change"
step = 0.15
"""
