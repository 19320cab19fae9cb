"""What guards measured a price against that they hold, and the furthest price that they would let through: for people, not for the gate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.publishing import GuardPolicy

from .columns import number
from .hard_floor import floor

SETTINGS = {"above_ceiling": "ceiling", "below_floor": "min_margin", "step": "max_step", "day": "max_day", "week": "max_week"}
"""Codes of G1 to G3 that are about a size, and the threshold of [guards] that sets it."""


def measured(changes: pl.DataFrame, codes: Sequence[str], limits: GuardPolicy) -> tuple[Floats, Floats]:
    """(n,) price that each held one was measured against, and (n,) the nearest one let through by that guard; minor units, NaN where none.

    changes  rows of table CHANGES;  codes: why each is held;  where no code of SETTINGS holds a price there is nothing to say of it
    """
    price, code = number(changes, "price"), np.array(codes, dtype=object)
    against, bound = np.full(changes.height, np.nan), np.full(changes.height, np.nan)
    median = number(changes, "median_30d")
    cost = number(changes, "landed_cost")
    found = {"above_ceiling": (median, floor_minor(limits.ceiling * median)), "below_floor": (cost, floor(changes, limits))}
    steps = {"step": ("current_price", "current_price"), "day": ("low_24h", "high_24h"), "week": ("price_7d", "price_7d")}
    for name, (low, high) in steps.items():
        found[name] = _step(price, number(changes, low), number(changes, high), getattr(limits, SETTINGS[name]))
    for name, (one, other) in found.items():
        of = code == name
        known = of & np.isfinite(one) & np.isfinite(other)
        against[known], bound[known] = one[known], other[known]
    return against, bound


def _step(price: Floats, low: Floats, high: Floats, share: float) -> tuple[Floats, Floats]:
    """A price may rise by that share of the lower, and fall by that of the higher."""
    rises = price > low * (1.0 + share)
    return np.where(rises, low, high), np.where(rises, floor_minor(low * (1.0 + share)), ceil_minor(high * (1.0 - share)))
