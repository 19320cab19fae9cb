"""G6: one price on unlike goods."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import number, undoing


class SamePrice:
    """Stops the channel where one price stands on many products whose costs are more than `same_cost_ratio` times apart.

    Many are `same_count` of them and `same_share` of the batch. It needs not know the right price. A cost that is unknown makes goods
    unlike. What goes back is not counted: it stood there before.
    """

    number = "G6"
    incident = "6pm.com 2010: everything at $49.95. Amazon 2019: unrelated cameras at $94.48. RepricerExpress 2014: 1p."
    codes = {"same_price": "one price on many goods whose costs are far apart: a rule or a file that sets everything to one value"}
    reads = ()
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        verdict = Verdict.none(changes.height)
        price, cost, back = number(changes, "price"), number(changes, "landed_cost"), undoing(changes)
        values, place, counts = np.unique(np.where(back, np.nan, price), return_inverse=True, return_counts=True)
        many = (counts >= limits.same_count) & (counts >= limits.same_share * changes.height) & ~np.isnan(values)
        if not many.any():
            return verdict
        low, high = np.full(values.size, np.inf), np.zeros(values.size)
        np.minimum.at(low, place, np.where(cost > 0, cost, 0.0))
        np.maximum.at(high, place, np.where(cost > 0, cost, np.inf))
        unlike = many & (high > limits.same_cost_ratio * low)
        verdict.held[unlike[place]] = "same_price"
        return Verdict(verdict.held, "same_price" if unlike.any() else "")


GUARD = SamePrice()
