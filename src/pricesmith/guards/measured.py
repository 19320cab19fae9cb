"""What guards measured where they hold a price, and how far they would let it go: for people, not for the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.publishing import GuardPolicy

from .columns import age_hours, number, undoing
from .hard_floor import floor
from .max_move import within

MOVES = {
    "step": ("current_price", "current_price", "max_step"),
    "day": ("low_24h", "high_24h", "max_day"),
    "week": ("price_7d", "price_7d", "max_week"),
}
"""Codes of G3: the lowest and the highest price before, and by how much one may move from them."""
Sizes = tuple[Floats, Floats]
Sizing = Callable[[pl.DataFrame, dt.datetime, GuardPolicy], Sizes]


class Measure(NamedTuple):
    """How a code measures.

    unit     `price` (minor units), `hours`, `minutes`, `ratio` or `count`
    setting  threshold of [guards], "" where the product has its own
    sizes    of rows of CHANGES: both of `measured`
    """

    unit: str
    setting: str
    sizes: Sizing


def measured(changes: pl.DataFrame, codes: Sequence[str], at: dt.datetime, limits: GuardPolicy) -> Sizes:
    """(n,) size that each held price was measured by, and (n,) the furthest one that this guard lets through; NaN where not known.

    changes  rows of table CHANGES;  codes: why each is held;  at: of the State, UTC
    Of a unit `price` it is what the price was compared with, and the nearest price that may leave.
    """
    code = np.array(codes, dtype=object)
    against, bound = np.full(changes.height, np.nan), np.full(changes.height, np.nan)
    for name in set(codes) & MEASURES.keys():
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = MEASURES[name].sizes(changes, at, limits)
        known = (code == name) & np.isfinite(one) & (np.isfinite(other) | (name in BOUNDLESS))
        against[known], bound[known] = one[known], other[known]
    return against, bound


def _step(low: str, high: str, setting: str) -> Measure:
    """A price may rise by that share of the lower, and fall by that of the higher."""

    def sizes(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
        return _within(changes, number(changes, low), number(changes, high), getattr(limits, setting))

    return Measure("price", setting, sizes)


def _move(name: str) -> Measure:
    """One limit of G3; a bound that its other limits do not let through is none."""
    low, high, setting = MOVES[name]

    def sizes(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
        against, bound = _within(changes, number(changes, low), number(changes, high), getattr(limits, setting))
        passes = [within(bound, number(changes, least), number(changes, most), getattr(limits, by)) for least, most, by in MOVES.values()]
        return against, np.where(np.all(passes, axis=0), bound, np.nan)

    return Measure("price", setting, sizes)


def _within(changes: pl.DataFrame, low: Floats, high: Floats, share: float) -> Sizes:
    rises = number(changes, "price") > low * (1.0 + share)
    return np.where(rises, low, high), np.where(rises, floor_minor(low * (1.0 + share)), ceil_minor(high * (1.0 - share)))


def _seller(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    now, low, high = (number(changes, name) for name in ("current_price", "low_24h", "high_24h"))
    return _within(changes, np.minimum(now, low), np.maximum(now, high), limits.one_seller_day)


def _floor(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    return number(changes, "landed_cost"), floor(changes, limits)


def _ceiling(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    median = number(changes, "median_30d")
    return median, floor_minor(limits.ceiling * median)


def _own(name: str) -> Measure:
    return Measure("price", "", lambda changes, _at, _limits: (number(changes, name), number(changes, name)))


def _old(name: str, setting: str) -> Measure:
    """Only an age beyond the limit: one that lies ahead of the clock is no size."""

    def sizes(changes: pl.DataFrame, at: dt.datetime, limits: GuardPolicy) -> Sizes:
        age, most = age_hours(changes, name, at), getattr(limits, setting)
        return np.where(age > most, age, np.nan), np.full(changes.height, most)

    return Measure("hours", setting, sizes)


def _dwelt(changes: pl.DataFrame, at: dt.datetime, limits: GuardPolicy) -> Sizes:
    return 60.0 * age_hours(changes, "changed_at", at), np.full(changes.height, limits.dwell_minutes)


def _changed(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    """One more must stay within the most; on the way back there may be twice as many."""
    return number(changes, "changes_24h"), np.where(undoing(changes), 2.0, 1.0) * limits.changes_day - 1.0


def _turned(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    return number(changes, "alternations_48h"), np.full(changes.height, limits.alternations - 1.0)


def _same(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    """The code also stands at prices that only wait because others stop the channel."""
    price = np.where(undoing(changes), np.nan, number(changes, "price"))
    _, place, counts = np.unique(price, return_inverse=True, return_counts=True)
    most = max(float(limits.same_count), np.ceil(limits.same_share * changes.height)) - 1.0
    count = counts[place].astype(np.float64)
    return np.where(count > most, count, np.nan), np.full(changes.height, most)


def _ratio(changes: pl.DataFrame, _at: dt.datetime, limits: GuardPolicy) -> Sizes:
    ratio = number(changes, "price") / number(changes, "current_price")
    return ratio, np.where(ratio < limits.ratio_low, limits.ratio_low, limits.ratio_high)


def _slip(changes: pl.DataFrame, at: dt.datetime, limits: GuardPolicy) -> Sizes:
    return _ratio(changes, at, limits)[0], np.full(changes.height, np.nan)


MEASURES = {
    "below_min_price": _own("min_price"),
    "below_floor": Measure("price", "min_margin", _floor),
    "above_max_price": _own("max_price"),
    "above_ceiling": Measure("price", "ceiling", _ceiling),
    **{name: _move(name) for name in MOVES},
    "dwell": Measure("minutes", "dwell_minutes", _dwelt),
    "changes_day": Measure("count", "changes_day", _changed),
    "same_price": Measure("count", "same_count", _same),
    "unit_slip": Measure("ratio", "unit_tolerance", _slip),
    "currency_slip": Measure("ratio", "unit_tolerance", _slip),
    "ratio": Measure("ratio", "ratio_low, ratio_high", _ratio),
    "cost_stale": _old("cost_at", "cost_hours"),
    "competitor_stale": _old("competitor_at", "competitor_hours"),
    "stock_stale": _old("stock_at", "stock_hours"),
    "one_seller": Measure("price", "one_seller_day", _seller),
    "price_war": Measure("count", "alternations", _turned),
    "drift": _step("anchor_price", "anchor_price", "drift"),
}
"""Codes that are about a size."""
BOUNDLESS = ("unit_slip", "currency_slip", *MOVES)
"""Those of them that have no nearest size that passes, or not always."""
