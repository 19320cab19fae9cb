"""What moved the price? Costs as clean variation; the rest of a price change may answer demand that the data does not show.

Control function: the part of the regular price that its cost at the decision does not explain (the markup) is put into the regression, in
bins of days since the price was set, because what a manager reacts to fades. Where it tests as needed (t > 6 in the first bin), hidden
demand as the markups before and after each day tell it joins them, and the price's own coefficient then rests on what is left: cost
changes, and prices that have outlived their reason. The test knows only markups of the past: the next price may answer these very sales.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .first_stage import learn_first_stage, settings
from .hidden_demand import hidden_demand
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
    demand      (N,) hidden demand that the markups before and after each day tell
    cost        (N,) log cost at the decision of the price, demeaned by product; 0 where it never moved
    names       (b,) column names
    pass_through  elasticity of the regular price in the cost, pooled over products
    first_stage_f F statistic of that slope, clustered by product; 0 where costs never change
    moved       (n,) True for products whose cost changed while they were sold
    """

    columns: Floats
    demand: Floats
    cost: Floats
    names: tuple[str, ...]
    pass_through: float
    first_stage_f: float
    moved: np.ndarray

    def on_the_mean(self, effects: Floats, item: Ints, count: int) -> Floats:
        """(n,) log of the mean factor of the control over an item's rows: 0 in logs on the mean, its factor is above 1 on the mean.

        effects  (N, p) shared effects of each row, the control's columns and hidden demand last;  item (N,) item of each row
        """
        columns = np.column_stack([self.columns, self.demand])
        factor = np.exp(np.clip(np.einsum("ij,ij->i", columns, effects[:, -columns.shape[1] :]), -2.0, 2.0))
        rows = np.bincount(item, minlength=count)
        return np.asarray(np.log(np.where(rows > 0, np.bincount(item, factor, count) / np.maximum(rows, 1), 1.0)))


def price_age(panel: Panel) -> tuple[Ints, Ints]:
    """Days since the regular price was set (N,), and the row in which it was set (N,)."""
    rows = np.arange(panel.item.size)
    fresh = np.r_[True, (panel.item[1:] != panel.item[:-1]) | (np.abs(np.diff(panel.regular)) > 1e-9)]
    set_row = np.maximum.accumulate(np.where(fresh, rows, 0))
    return panel.day - panel.day[set_row], set_row


def markup(panel: Panel, count: int, period: str) -> Markup:
    """Control columns from the panel's regular prices and costs; rows without a cost get 0."""
    age, set_row = price_age(panel)
    known = np.isfinite(panel.cost[set_row])
    priced = settings(panel, set_row, period)
    stage = learn_first_stage(priced, period)
    place = np.searchsorted(priced.row, set_row[known])
    cost = np.zeros(panel.item.size)
    cost[known] = stage.cost[place]
    centred_cost = _within(cost, panel.item, known, count)
    centred_price = _within(panel.regular, panel.item, known, count)
    variation = np.bincount(panel.item, centred_cost**2, count)
    moved = variation > 1e-8 * np.maximum(np.bincount(panel.item, known.astype(float), count), 1.0)
    used = known & moved[panel.item]
    rest = np.where(used, centred_price - stage.pass_through * centred_cost, 0.0)
    edges = BINS[period]
    position = np.searchsorted(np.array(edges), age, side="right")
    demand = np.zeros(panel.item.size)
    demand[known] = hidden_demand(
        priced.starts, stage.decided, rest[priced.row], stage.memory, stage.noise, priced.owner[place], panel.day[known]
    )
    return Markup(
        columns=np.stack([np.where(position == k, rest, 0.0) for k in range(len(edges))], axis=1),
        demand=demand,
        cost=np.where(moved[panel.item], centred_cost, 0.0),
        names=tuple(f"control_{edge}" for edge in edges),
        pass_through=stage.pass_through,
        first_stage_f=_clustered_f(centred_price, centred_cost, stage.pass_through, panel.item, count),
        moved=moved,
    )


def _within(values: Floats, item: Ints, known: np.ndarray, count: int) -> Floats:
    weight = known.astype(float)
    mean = np.bincount(item, values * weight, count) / np.maximum(np.bincount(item, weight, count), 1.0)
    return np.where(known, values - mean[item], 0.0)


def _clustered_f(y: Floats, x: Floats, slope: float, item: Ints, count: int) -> float:
    """F statistic of a slope of y on x without intercept, with standard errors clustered by item."""
    total = float(x @ x)
    if total < 1e-9:
        return 0.0
    score = np.bincount(item, x * (y - slope * x), count)
    return slope**2 * total**2 / max(float(score @ score), 1e-300)
