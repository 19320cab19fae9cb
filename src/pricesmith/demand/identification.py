"""What moved the price? Costs as clean variation; the rest of a price change may answer demand that the data does not show.

Control function: the part of the regular price that its cost at the time of setting does not explain (the markup) is put into the
regression, in bins of days since the price was set, because what a manager reacts to fades. Where it tests as needed (t > 6 in the
first bin), the price's own coefficient then rests on what is left: cost changes, and prices that have outlived their reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .panel import Panel

NEEDED_T = 6.0
STRONG_F = 10.0
"""First-stage F above which costs are a usable instrument (Staiger and Stock 1997)."""
BINS = {"day": (4, 8, 14, 21, 28, 42, 63, 98), "week": (7, 14, 21, 28, 42, 63, 98), "month": (31, 62, 93)}
"""Upper ends, in days since the price was set, of the bins."""


@dataclass(frozen=True, slots=True)
class Markup:
    """The control columns of N rows and how strongly costs move prices.

    columns     (N, b) markup, demeaned by product, by bin of age
    cost        (N,) log cost at the time the price was set, demeaned by product; 0 where it never moved
    names       (b,) column names
    pass_through  elasticity of the regular price in the cost, pooled over products
    first_stage_f F statistic of that slope, clustered by product; 0 where costs never change
    moved       (n,) True for products whose cost changed while they were sold
    """

    columns: Floats
    cost: Floats
    names: tuple[str, ...]
    pass_through: float
    first_stage_f: float
    moved: np.ndarray


def price_age(panel: Panel) -> tuple[Ints, Ints]:
    """Days since the regular price was set (N,), and the row in which it was set (N,)."""
    rows = np.arange(panel.item.size)
    fresh = np.r_[True, (panel.item[1:] != panel.item[:-1]) | (np.abs(np.diff(panel.regular)) > 1e-9)]
    set_row = np.maximum.accumulate(np.where(fresh, rows, 0))
    return panel.day - panel.day[set_row], set_row


def markup(panel: Panel, count: int, period: str) -> Markup:
    """Control columns from the panel's regular prices and costs; rows without a cost get 0."""
    age, set_row = price_age(panel)
    cost = panel.cost[set_row]
    known = np.isfinite(cost)
    cost = np.where(known, cost, 0.0)
    centred_cost = _within(cost, panel.item, known, count)
    centred_price = _within(panel.regular, panel.item, known, count)
    slope, strength = _clustered_slope(centred_price, centred_cost, panel.item, count)
    variation = np.bincount(panel.item, centred_cost**2, count)
    moved = variation > 1e-8 * np.maximum(np.bincount(panel.item, known.astype(float), count), 1.0)
    rest = np.where(known & moved[panel.item], centred_price - slope * centred_cost, 0.0)
    edges = BINS[period]
    position = np.searchsorted(np.array(edges), age, side="right")
    columns = np.stack([np.where(position == k, rest, 0.0) for k in range(len(edges))], axis=1)
    return Markup(
        columns, np.where(moved[panel.item], centred_cost, 0.0), tuple(f"control_{edge}" for edge in edges), slope, strength, moved
    )


def _within(values: Floats, item: Ints, known: np.ndarray, count: int) -> Floats:
    weight = known.astype(float)
    mean = np.bincount(item, values * weight, count) / np.maximum(np.bincount(item, weight, count), 1.0)
    return np.where(known, values - mean[item], 0.0)


def _clustered_slope(y: Floats, x: Floats, item: Ints, count: int) -> tuple[float, float]:
    """Slope of y on x without intercept and its F statistic with standard errors clustered by item."""
    total = float(x @ x)
    if total < 1e-9:
        return 0.0, 0.0
    slope = float(x @ y) / total
    score = np.bincount(item, x * (y - slope * x), count)
    return slope, slope**2 * total**2 / max(float(score @ score), 1e-300)
