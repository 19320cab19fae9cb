"""G3: prices move in small steps."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number, undoing

BEFORE = {"step": ("current_price", "current_price"), "day": ("low_24h", "high_24h"), "week": ("price_7d", "price_7d")}
"""By code, the lower and the higher of the prices that a price is measured on; setting max_CODE of [guards] is the share it may move."""


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
    reads = ("price", *dict.fromkeys(name for sides in BEFORE.values() for name in sides))
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:  # noqa: ARG002 - named by the seam
        price, now, back = number(changes, "price"), number(changes, "current_price"), undoing(changes)
        before = {code: (number(changes, low), number(changes, high)) for code, (low, high) in BEFORE.items()}
        with np.errstate(invalid="ignore"):
            known = np.logical_and.reduce([(low > 0) & (high >= low) for low, high in before.values()])
            reasons = [("history_unknown", ~known & ~(back & (now > 0)))]
            reasons += [(code, ~within(price, *sides, share_of(limits, code)) & ~back) for code, sides in before.items()]
        return held(changes.height, reasons)


def within(price: Floats, low: Floats, high: Floats, share: float) -> Flags:
    """(n,) True where the price is at most `share` above `low` and below `high`; False where one is NaN."""
    return np.asarray((price <= low * (1 + share) * (1 + SLACK)) & (price >= high * (1 - share) * (1 - SLACK)))


def share_of(limits: GuardPolicy, code: str) -> float:
    """The share that a price may move against those of BEFORE."""
    return float(getattr(limits, f"max_{code}"))


GUARD = MaxMove()
