"""What guards measured a price against that they hold, and the furthest price that they would let through: for people, not for the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.rule import NDArrayStr

from .columns import number
from .hard_floor import floor
from .max_move import BEFORE, share_of

SETTINGS = {"above_ceiling": "ceiling", "below_floor": "min_margin", **{code: f"max_{code}" for code in BEFORE}}
"""Codes of G1 to G3 that are about a size, and the threshold of [guards] that sets it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Of each held price. (n,) minor units, NaN where nothing is known or no price would pass; setting: the threshold, "" there.

    against  what it was measured on;  bound: the nearest price that its guard lets through
    """

    against: Floats
    bound: Floats
    setting: NDArrayStr


def measured(changes: pl.DataFrame, codes: Sequence[str], limits: GuardPolicy) -> Measured:
    """What is to be said of each price.

    changes  rows of table CHANGES;  codes: why each is held;  where no code of SETTINGS holds a price there is nothing to say of it
    """
    code: NDArrayStr = np.array(codes, dtype=object)
    nothing = np.full(changes.height, np.nan)
    found = Measured(nothing, nothing.copy(), np.full(changes.height, "", dtype=object))
    median, cost = number(changes, "median_30d"), number(changes, "landed_cost")
    for name, against, bound in (
        ("above_ceiling", median, floor_minor(limits.ceiling * median)),
        ("below_floor", cost, floor(changes, limits)),
    ):
        _say(found, code == name, against, bound, np.full(changes.height, SETTINGS[name], dtype=object))
    _say(found, np.isin(code, list(BEFORE)), *_moved(changes, limits))
    return found


def _say(into: Measured, of: np.ndarray, against: Floats, bound: Floats, setting: NDArrayStr) -> None:
    known = of & np.isfinite(against) & np.isfinite(bound)
    into.against[known], into.bound[known] = against[known], bound[known]
    into.setting[known] = setting[known]


def _moved(changes: pl.DataFrame, limits: GuardPolicy) -> tuple[Floats, Floats, NDArrayStr]:
    """`against`, `bound` and `setting` of G3: a price may rise by a share of the lower price before, and fall by that of the higher.

    The tightest of its limits on the side where the price lies; a bound is NaN where no price passes all of them.
    """
    low, high = (np.stack([number(changes, pair[side]) for pair in BEFORE.values()]) for side in (0, 1))
    share = np.array([share_of(limits, code) for code in BEFORE])[:, None]
    most, least = floor_minor(low * (1.0 + share)), ceil_minor(high * (1.0 - share))
    top, bottom = np.argmin(most, axis=0), np.argmax(least, axis=0)
    rows = np.arange(changes.height)
    rises = number(changes, "price") > most[top, rows]
    bound = np.where(rises, most[top, rows], least[bottom, rows])
    against = np.where(rises, low[top, rows], high[bottom, rows])
    settings = np.array([SETTINGS[code] for code in BEFORE], dtype=object)
    return against, np.where(most[top, rows] >= least[bottom, rows], bound, np.nan), settings[np.where(rises, top, bottom)]
