"""Shocks that the products of a category share in a week: footfall, weather, an event that no calendar names.

A manager who sees a good week coming may price for it, so what a category has in common must not pose as price response. The shock of a
(category, week) is a normal random effect: its posterior mode given everything else, spread by moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .fit_data import Data

MIN_PRODUCTS = 6
"""A category with fewer products cannot tell its own shock from theirs: one great week of one product looks like everybody's."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class Weeks:
    """Numbers of the (item, week) of each row (N,), of the (category, week) of each item's week, and mean of 1 / rows per item's week."""

    own: Ints
    shared: Ints
    row_share: float
    wide: np.ndarray


def week_cells(data: Data, category: Ints) -> Weeks:
    """Where each row belongs. Rows are sorted by item and day."""
    week = data.day // WEEK
    first = np.flatnonzero(np.r_[True, (data.item[1:] != data.item[:-1]) | (week[1:] != week[:-1])]) if data.item.size else np.zeros(0, int)
    own = np.repeat(np.arange(first.size), np.diff(np.r_[first, data.item.size]))
    span = int(week.max() - week.min()) + 1 if week.size else 1
    key = category[data.item[first]] * span + (week[first] - (week.min() if week.size else 0))
    _, shared, products = np.unique(key, return_inverse=True, return_counts=True)
    rows = np.diff(np.r_[first, data.item.size])
    share = float(np.mean(1.0 / rows)) if rows.size else 1.0
    return Weeks(own.astype(np.int64), shared.astype(np.int64), share, products >= MIN_PRODUCTS)


def common_shocks(weeks: Weeks, units: Floats, mean: Floats, present: Floats, noise: float, swing: Floats) -> tuple[Floats, float]:
    """(N,) log shock of each row's (category, week), and the variance of the shocks.

    mean     (N,) fitted mean with the present shocks in it
    present  (N,) log shocks so far
    noise    variance of an item's week beyond Poisson, as a share of its squared mean
    swing    (N,) how far the row's log mean moves with the shock, alike over an item's rows
    """
    if not weeks.wide.any():
        return np.zeros(units.size), 0.0
    own_mean = np.bincount(weeks.own, mean)
    own_gap = np.bincount(weeks.own, units) - own_mean
    own_swing = np.zeros(own_mean.size)
    own_swing[weeks.own] = swing
    trust = own_swing / (1.0 + noise * own_mean)
    count = weeks.wide.size
    level = np.bincount(weeks.shared, trust * own_swing * own_mean, count)
    gap = np.bincount(weeks.shared, trust * own_gap, count)
    before = np.zeros(count)
    before[weeks.shared[weeks.own]] = present
    raw = np.where(weeks.wide & (level > 0), before + gap / np.maximum(level, 1e-9), 0.0)
    error = np.where(level > 0, 1.0 / np.maximum(level, 1e-9), np.inf)
    used = weeks.wide & (level > 0)
    weight = 1.0 / (error[used] + np.median(error[used])) ** 2
    variance = float(np.clip(np.sum(weight * (raw[used] ** 2 - error[used])) / np.sum(weight), 0.0, 0.25))
    shock = np.clip(raw, -1.0, 1.0) * variance / (variance + np.maximum(error, 1e-12)) if variance > 0 else np.zeros(count)
    return np.where(used, shock, 0.0)[weeks.shared][weeks.own], variance
