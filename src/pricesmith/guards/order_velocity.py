"""G16: a rush of orders after a cut is a wrong price."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import held, number, undoing


class OrderVelocity:
    """Stops the channel where orders after a cut exceed `orders_times` the 99th percentile of that hour of the week (at
    least one order). Prices may go back.

    The worker reads the orders of the last four weeks from the shop before it judges, at most once a minute, and so does `pricesmith
    watch`, which stops the shop between waves too. Counted are the orders within an hour, since the first cut of the last day; usual is
    that hour of the week, the hour before and the hour after.

    Where orders cannot be seen, nobody would notice a rush: a cut then needs a person behind it. That is so for feeds, the webhook and the
    marketplaces, which tell no orders, for a shop whose key may not read them, and in the first week of a shop. `pricesmith drill` says it.
    """

    number = "G16"
    incident = "Little Swan 2024: half of cost, 40,000 orders in 20 minutes, 30 million yuan."
    codes = {
        "order_rush": "far more orders than usual after a cut: take it back and look",
        "orders_unseen": "a cut without a person behind it while orders cannot be seen",
    }
    reads = ()
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        orders, usual = (math.nan if known is None else float(known) for known in (state.orders, state.usual))
        seen = orders >= 0.0 and 0.0 <= usual < math.inf
        with np.errstate(invalid="ignore"):
            cut = ~(number(changes, "price") >= number(changes, "current_price"))
        alone = ~(number(changes, "needs") > 0) & ~undoing(changes)
        verdict = held(changes.height, [("orders_unseen", cut & alone & (not seen))])
        rush = seen and orders > limits.orders_times * max(usual, 1.0)
        return Verdict(verdict.held, "order_rush" if rush else "")


GUARD = OrderVelocity()
