"""G13: nothing is decided on old data."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import age_hours, held, maybe, number, undoing


class StaleData:
    """Holds a price made from a cost, competitor price, stock or exchange rate that is too old, and all while the clocks differ.

    Competitor prices and stock count where the price depends on them or that is unknown. An undo depends on none of them. Its floor
    depends on the cost: one that raises the price may use the last known cost, since the lower price that stands now is only worse; one
    that lowers it waits.
    """

    number = "G13"
    incident = "Feeds that stood still while costs rose; prices decided on yesterday's rivals."
    codes = {
        "clock": "the clocks of shop and machine differ too much, or by how much is unknown",
        "cost_stale": "the cost is too old, dated ahead, or of unknown age; read it anew",
        "competitor_stale": "the competitor prices that it follows are too old or of unknown age",
        "stock_stale": "the stock that it depends on is too old or of unknown age",
        "rates_stale": "the exchange rates in use are too old or of unknown age",
    }
    reads = ("cost_at",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        ahead, early = ~undoing(changes), -limits.clock_seconds / 3600.0
        with np.errstate(invalid="ignore"):
            raised = number(changes, "price") > number(changes, "current_price")
        reasons = [
            ("clock", ahead & (not _at_most(state.clock_skew, limits.clock_seconds))),
            ("cost_stale", ~_fresh(changes, "cost_at", state.at, early, limits.cost_hours) & (ahead | ~raised)),
            (
                "competitor_stale",
                ahead & maybe(changes, "follows") & ~_fresh(changes, "competitor_at", state.at, early, limits.competitor_hours),
            ),
            ("stock_stale", ahead & maybe(changes, "uses_stock") & ~_fresh(changes, "stock_at", state.at, early, limits.stock_hours)),
            ("rates_stale", ahead & _rates_stale(state, limits)),
        ]
        return held(changes.height, reasons)


def _fresh(changes: pl.DataFrame, name: str, at: dt.datetime, early: float, hours: float) -> Flags:
    """(n,) True where a moment is known, not ahead of the clock by more than it may differ, and at most that many hours old."""
    age = age_hours(changes, name, at)
    with np.errstate(invalid="ignore"):
        return np.asarray((age >= early) & (age <= hours))


def _at_most(seconds: float | None, limit: float) -> bool:
    return seconds is not None and math.isfinite(seconds) and abs(seconds) <= limit


def _rates_stale(state: State, limits: GuardPolicy) -> bool:
    if not state.rates:
        return False
    return state.rates_at is None or not -limits.clock_seconds <= (state.at - state.rates_at).total_seconds() <= 3600.0 * limits.rates_hours


GUARD = StaleData()
