"""G3: prices move in small steps."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number, undoing

BEFORE = ("current_price", "low_24h", "high_24h", "price_7d")


class MaxMove:
    """Holds a price that moves more than `max_step` at once, `max_day` within 24 hours or `max_week` against 7 days ago.

    Measured on prices that stood in the shop, whoever set them. An undo is exempt: it goes to a price that stood there, and must be able
    to go as far back as a wrong price went away. A history that is unknown holds, for an undo too where the price in the shop is.
    """

    number = "G3"
    incident = "The Making of a Fly 2011: +26.8 % a day, every day."
    codes = {
        "history_unknown": "the prices before are unknown; read the shop's prices first",
        "step": "the price moves too far in one step",
        "day": "the price moves too far from a price of the last 24 hours",
        "week": "the price moves too far from that of 7 days ago",
    }
    reads = ("price", *BEFORE)
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        price, back = number(changes, "price"), undoing(changes)
        now, low, high, week = (number(changes, name) for name in BEFORE)
        with np.errstate(invalid="ignore"):
            known = (now > 0) & (low > 0) & (high >= low) & (week > 0)
            reasons = [
                ("history_unknown", ~known & ~(back & (now > 0))),
                ("step", ~within(price, now, now, limits.max_step) & ~back),
                ("day", ~within(price, low, high, limits.max_day) & ~back),
                ("week", ~within(price, week, week, limits.max_week) & ~back),
            ]
        return held(changes.height, reasons)


def within(price: Floats, low: Floats, high: Floats, share: float) -> Flags:
    """(n,) True where the price is at most `share` above `low` and below `high`; False where one is NaN."""
    return np.asarray((price <= low * (1 + share) * (1 + SLACK)) & (price >= high * (1 - share) * (1 - SLACK)))


GUARD = MaxMove()
