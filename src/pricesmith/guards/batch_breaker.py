"""G5: many wrong prices at once are no accident of one product."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, number, undoing

INDEX = ("index_hour", "index_day")
"""Codes of a price level that moves too fast; what leaves by its turn does not run into them."""


class BatchBreaker:
    """Stops the channel where guards caught too many prices, or where the whole price level moves too fast.

    Too many: at least `breaker_count`, and more than `breaker_share` of the prices judged within 10 minutes, this batch included. Too
    fast: the revenue-weighted index moves more than `index_hour` within an hour or `index_day` within a day, with what would leave now. A
    weight that is unknown counts as the largest known one; where none is known the batch counts as the whole channel. Prices may still go
    back.
    """

    number = "G5"
    incident = "RepricerExpress 2014: thousands of listings to 1p within an hour, and nothing stopped the batch."
    codes = {
        "breaker": "guards caught too many prices within 10 minutes; find the common cause before going on",
        "index_unknown": "how far prices moved within the last day cannot be read",
        "index_hour": "the price level moves too fast within an hour",
        "index_day": "the price level moves too fast within a day",
    }
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        move = batch_move(changes, state)
        hour, day = abs(state.index_hour + move), abs(state.index_day + move)
        if state.caught >= limits.breaker_count and state.caught > limits.breaker_share * state.judged:
            stop = "breaker"
        elif not (math.isfinite(hour) and math.isfinite(day)):
            stop = "index_unknown"
        elif hour > limits.index_hour * (1 + SLACK):
            stop = "index_hour"
        else:
            stop = "index_day" if day > limits.index_day * (1 + SLACK) else ""
        return Verdict(np.full(changes.height, "", dtype=object), stop)


def batch_move(changes: pl.DataFrame, state: State) -> float:
    """Revenue-weighted mean move of what would leave now: sum of weight x (price / current - 1) over the channel's weight.

    What goes back or has no price before does not count, nor does what another guard holds (the gate asks so); the channel's weight is
    that of `weights`.
    """
    price, now = (number(changes, name) for name in ("price", "current_price"))
    weight, total = weights(changes, state)
    leaves = ~undoing(changes) & (now > 0) & (price > 0)
    moved = float((weight[leaves] * (price[leaves] / now[leaves] - 1.0)).sum())
    return moved / total if total > 0 else (0.0 if moved == 0.0 else math.nan)


def weights(changes: pl.DataFrame, state: State) -> tuple[Floats, float]:
    """(n,) weight of each change in the price index, and the whole channel's: `state.revenue`, or that of the batch.

    A weight that is unknown counts as the largest known one. Where none is known the batch stands for the channel: beside a revenue that is
    known, changes without a weight would count as nothing.
    """
    weight = number(changes, "revenue")
    known = weight >= 0
    if not known.any():
        return np.ones(weight.size), float(weight.size)
    weight = np.where(known, weight, weight[known].max() or 1.0)
    return weight, float(weight.sum()) if state.revenue is None else state.revenue


GUARD = BatchBreaker()
