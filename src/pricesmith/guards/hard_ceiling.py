"""G2: no price above what the product can cost."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number


class HardCeiling:
    """Holds a price above `ceiling` times the median of 30 days, or above the product's own highest price. There is always a ceiling.

    A product whose median is unknown is held. An undo is not exempt: a median of 30 days does not follow a price that was wrong for some
    days.
    """

    number = "G2"
    incident = "The Making of a Fly 2011: two repricers without a ceiling took a book to $23,698,655.93."
    codes = {
        "median_unknown": "the median price of 30 days is unknown, so there is no ceiling; read the shop's prices first",
        "above_max_price": "the price is above the product's own highest price",
        "above_ceiling": "the price is too far above the median of 30 days",
    }
    reads = ("price", "median_30d")
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        price, high, median = (number(changes, name) for name in ("price", "max_price", "median_30d"))
        with np.errstate(invalid="ignore"):
            reasons = [
                ("median_unknown", ~(median > 0)),
                ("above_max_price", price > high),
                ("above_ceiling", ~(price <= limits.ceiling * median * (1 + SLACK))),
            ]
        return held(changes.height, reasons)


GUARD = HardCeiling()
