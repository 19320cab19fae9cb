"""G7: slips of unit, pack and currency."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.money import EXPONENTS
from pricesmith.contracts.publishing import GuardPolicy

from .columns import SLACK, held, number, undoing

UNITS = (10.0, 100.0, 1000.0)
CROWD, LEAST, BESIDE = 0.5, 10, 0.25
"""A small move is taken for a slip of currency where more than this share, and at least this number, of the prices move by a rate, and
their median move is as near to the rate's as this share of it."""


class RatioDetector:
    """Holds a price whose ratio to the one in the shop is outside `ratio_low` to `ratio_high`, or that of a slip.

    A slip is a ratio within `unit_tolerance` of 10, 100, 1000, an exchange rate, or one over these. A rate so near 1 that ordinary steps
    reach it (`max_step`) tells nothing of one price; it holds the batch where more than half of at least 10 prices move by it. The
    currency must be the shop's. An undo is exempt from the ratios: it goes back over the same slip.
    """

    number = "G7"
    incident = "United 2015: fares at a wrong Danish exchange rate. Hainan Airlines 2026: tickets at 5 yuan."
    codes = {
        "wrong_currency": "the price is not in the shop's currency, or that is unknown",
        "ratio_unknown": "the price in the shop is unknown",
        "unit_slip": "the price is 10, 100 or 1000 times, or a part of that, of the one in the shop: cents for units, or a pack",
        "currency_slip": "the price differs from the one in the shop by an exchange rate",
        "ratio": "the price is less than half or more than twice that in the shop",
    }
    reads = ("price", "current_price", "currency")
    counts = True

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        back, now = undoing(changes), number(changes, "current_price")
        ratio = number(changes, "price") / np.where(now > 0, now, np.nan)
        right = changes["currency"].eq_missing(state.currency).to_numpy() & (state.currency in EXPONENTS)
        with np.errstate(invalid="ignore"):
            reasons = [
                ("wrong_currency", ~right),
                ("ratio_unknown", np.isnan(ratio)),
                ("unit_slip", _near(ratio, UNITS, limits.unit_tolerance) & ~back),
                ("currency_slip", _by_rate(ratio, state, limits) & ~back),
                ("ratio", ~((ratio >= limits.ratio_low) & (ratio <= limits.ratio_high)) & ~back),
            ]
        return held(changes.height, reasons)


def _near(ratio: Floats, factors: Iterable[float], tolerance: float) -> Flags:
    """(n,) True where the ratio is within a relative tolerance of a factor or of one over it."""
    close = np.zeros(ratio.size, dtype=np.bool_)
    for factor in factors:
        close |= (np.abs(ratio - factor) <= tolerance * factor + SLACK * factor) | (np.abs(ratio * factor - 1.0) <= tolerance + SLACK)
    return close


def _by_rate(ratio: Floats, state: State, limits: GuardPolicy) -> Flags:
    rates = [rate for code, rate in sorted(state.rates.items()) if code != state.currency and np.isfinite(rate) and rate > 0]
    reach = (1.0 + limits.max_step) * (1.0 + limits.unit_tolerance)
    found = _near(ratio, [rate for rate in rates if max(rate, 1.0 / rate) > reach], limits.unit_tolerance)
    known = ratio[~np.isnan(ratio)]
    middle = float(np.median(known)) if known.size else 1.0
    for rate in (rate for rate in rates if 1.0 + limits.unit_tolerance < max(rate, 1.0 / rate) <= reach):
        for factor in (rate, 1.0 / rate):
            moved = np.abs(ratio - factor) <= limits.unit_tolerance * factor
            if abs(middle - factor) <= BESIDE * abs(factor - 1.0) and moved.sum() >= LEAST and moved.sum() > CROWD * ratio.size:
                found |= moved
    return found


GUARD = RatioDetector()
