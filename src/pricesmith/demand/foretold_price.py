"""What anybody could have foretold of a price: flexible adjustment for what the tables showed when it was set.

Robinson's partially linear model (1988), cross-fitted over products (Chernozhukov et al. 2018): trees foretell each regular price that was
set from the calendar, the category, the competitor and the sales before it, and the forecast joins the regression as a control of each
category. The price's own coefficient then rests on what nobody could foretell. Costs are left out: prices that only they move are clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import PolicyError

from .estimators.learners import boosting
from .groups import Groups
from .identification import price_age
from .panel import Panel
from .trees import available

FOLDS = 5
MIN_SET = 200
"""Fewer prices that were set teach trees nothing."""
ROUNDS = 60
LEAVES = 15
RATE = 0.1
YEAR = 365.25
SPANS = (7, 28, 112, 100_000)
"""Days before a decision over which sales are looked at; the last is all of them."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """column (N,) log regular price that was foretold for each row, less its item's mean;  share of the variance of prices that were set"""

    column: Floats
    share: float


def foretell_price(panel: Panel, groups: Groups, count: int, seed: int) -> Foretold:
    """Forecast of every price that was set, from products of other folds; zeros where fewer than MIN_SET were set.

    count  number of items
    """
    if not available():
        raise PolicyError("LightGBM is not installed", where="$.model.nuisance", hint='pip install ".[boosting]" in the clone, or "smooth"')
    _, set_row = price_age(panel)
    rows, place = np.unique(set_row, return_inverse=True)
    if rows.size < MIN_SET:
        return Foretold(np.zeros(panel.item.size), 0.0)
    item, days = panel.item[rows], np.asarray(np.bincount(place, panel.exposure), np.float64)
    target = _centred(panel.regular[rows], item, days, count)
    fold = np.random.default_rng(seed).permutation(int(groups.product.max()) + 1)[groups.product[item]] % FOLDS
    features, found = _seen(panel, groups, rows), np.zeros(rows.size)
    learn = boosting(seed, rounds=ROUNDS, leaves=LEAVES, rate=RATE)
    for number in range(FOLDS):
        held = fold == number
        if held.any() and not held.all():
            found[held] = learn(features[~held], target[~held], features[held])
    share = 1.0 - float(np.sum((target - found) ** 2)) / max(float(np.sum(target**2)), 1e-12)
    return Foretold(_centred(found, item, days, count)[place], share)


def _centred(values: Floats, item: Ints, weight: Floats, count: int) -> Floats:
    """Values less the weighted mean of their item."""
    mean = np.bincount(item, weight * values, count) / np.maximum(np.bincount(item, weight, count), 1e-12)
    return np.asarray(values - mean[item])


def _seen(panel: Panel, groups: Groups, rows: Ints) -> Floats:
    """(K, f) what was seen before each of the rows: calendar, category, competitor, the price then, and sales over the spans before."""
    day = panel.day[rows]
    angle = 2 * np.pi * day / YEAR
    calendar = [day, np.sin(angle), np.cos(angle), day % 7, groups.category[panel.item[rows]]]
    rates = [_rate_before(panel, rows, span) for span in SPANS]
    pace = [np.log((short + 0.01) / (long + 0.01)) for short, long in pairwise(rates)]
    first = np.r_[True, panel.item[rows][1:] != panel.item[rows][:-1]]
    before = np.where(first, np.nan, panel.regular[np.maximum(rows - 1, 0)])
    return np.column_stack([*calendar, panel.rival[rows], before, *pace]).astype(np.float64)


def _rate_before(panel: Panel, rows: Ints, span: int) -> Floats:
    """(K,) units by period on sale over the days before each row; NaN where the item was not on sale then."""
    segment = np.repeat(np.arange(panel.starts.size), np.diff(np.r_[panel.starts, panel.item.size]))
    since = panel.day - panel.day.min()
    width = int(since.max()) + 1
    key = segment * width + since
    first = np.searchsorted(key, segment[rows] * width + np.maximum(since[rows] - span, 0))
    units, exposure = (np.r_[0.0, np.cumsum(values)] for values in (panel.units, panel.exposure))
    seen = exposure[rows] - exposure[first]
    sold = np.asarray(units[rows] - units[first], np.float64)
    return np.where(seen > 0, sold / np.maximum(seen, 1e-12), np.nan)
