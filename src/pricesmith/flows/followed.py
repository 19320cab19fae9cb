"""Whether sales answered price moves as far as the curves foretold it that prices are chosen by.

Levels take no part: every item has one of its own in each fold, and every period one for each category, so that only how an item's sales
moved with its price is left (Poisson regression with two-way fixed effects; Santos Silva and Tenreyro 2006, Correia, Guimaraes and
Zylkin 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pricesmith.contracts.curves import Curves, response, today_alone
from pricesmith.contracts.money import exponent
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import PERIOD_DAYS, Snapshot

from .clustered import Clusters, Estimate, estimate
from .panel import KEY, Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME = 0.01
"""A price before the origin counts as the one at the origin where it lies within this share of it."""
LEAST_ROWS, LEAST_ITEMS = 30, 5
"""Moved rows, and items with one, below which nothing is said."""
LEAST_KIND = 10
"""Rows of a kind of promotion below which it counts as one of the others."""
TURNS, SWEEPS, CLOSE = 50, 60, 1e-9


@dataclass(frozen=True, slots=True)
class Moves:
    """Rows of one fold (m,): after the origin all that are known, before it those at the price of the origin, as many periods at most.

    item, period, kind  numbers of the item, of the period, and of its category
    units               units sold
    foretold            log of expected units at the row's price over those at the price of the origin
    promo               0 off promotion, else 1 and more: a number for each kind
    moved               the price moved, and the row lies after the origin
    """

    item: Ints
    period: Ints
    kind: Ints
    units: Floats
    foretold: Floats
    promo: Ints
    moved: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Followed:
    """Share of the foretold answer that came: 1 is right, 0 none of it; rows and items whose price moved."""

    share: Estimate
    rows: int
    items: int


def moves(model: DemandModel, snapshot: Snapshot, whole: Panel, origin: int, horizon: int, moved: float) -> Moves:
    """Rows of a fold. snapshot: as of the origin;  moved: least change of a price that counts, as a share."""
    place, curves, current = _curves(model, snapshot, whole, horizon)
    block = slice(max(origin - horizon, 0), min(origin + horizon, len(whole.dates)))
    item, column = np.nonzero(whole.seen[:, block] & (place >= 0)[:, None])
    period = column + block.start
    own, price = current[place[item]], whole.price[item, period]
    log_ratio = np.log(price / own)
    after, still = period >= origin, np.abs(np.expm1(log_ratio)) <= SAME
    kept = np.isfinite(log_ratio) & (after | (still & (whole.promo[item, period] == 0)))
    item, period, log_ratio, after = item[kept], period[kept], log_ratio[kept], after[kept]
    return Moves(
        item, period, whole.codes("category")[item], whole.units[item, period], _foretold(curves, place[item], log_ratio),
        np.where(whole.promo[item, period] > 0, 1 + whole.kind[item, period], 0), after & (np.abs(np.expm1(log_ratio)) > moved),
    )  # fmt: skip


def _curves(model: DemandModel, snapshot: Snapshot, whole: Panel, horizon: int) -> tuple[Ints, Curves, Floats]:
    """Row of each of the panel's items among those with a price (-1: none), their curves, and these prices in major units."""
    items = snapshot.items.with_row_index("row").filter(pl.col("current_price") > 0)
    rows = items["row"].to_numpy().astype(np.int64)
    own = items["current_price"].to_numpy().astype(np.int64)
    days = max(round(horizon * PERIOD_DAYS[snapshot.period]), 1)
    curves = model.demand(snapshot, days).curves(today_alone(own), rows)
    known = whole.items.select(KEY).join(items.select(*KEY).with_row_index("place"), on=list(KEY), how="left", maintain_order="left")
    place = known["place"].cast(pl.Int64).fill_null(-1).to_numpy()
    return place, curves, own / 10.0 ** exponent(snapshot.currency)


def _foretold(curves: Curves, place: Ints, log_ratio: Floats) -> Floats:
    """(m,) log of the mean over the draws; rows at the current price are 0 and are not worked out."""
    found = np.zeros(log_ratio.size)
    rows = np.flatnonzero(log_ratio)
    own = place[rows]
    drawn = response(log_ratio[rows, None], curves.draws[own], curves.form[own, None], curves.saturation[own, None])
    found[rows] = np.log(np.exp(drawn).mean(axis=1))
    return found


def followed(folds: Sequence[Moves]) -> Followed | None:
    """The share over all folds; None where too few prices moved, or the rows do not tell it."""
    rows, item = _together(folds), np.concatenate([fold.item for fold in folds])
    count = int(rows.moved.sum()), np.unique(item[rows.moved]).size
    if count[0] < LEAST_ROWS or count[1] < LEAST_ITEMS:
        return None
    kinds = [kind for kind in np.unique(rows.promo[rows.promo > 0]) if np.count_nonzero(rows.promo == kind) >= LEAST_KIND]
    columns = np.stack(
        [rows.foretold, *([rows.promo > 0] if rows.promo.any() else []), *(rows.promo == kind for kind in kinds[1:])], axis=1
    )
    found = fixed_poisson(rows.units, columns, (rows.item, rows.period))
    if found is None:
        return None
    share, influence = found
    told = estimate(share, influence, Clusters(item, rows.kind))
    return None if told is None else Followed(told, *count)


def _together(folds: Sequence[Moves]) -> Moves:
    """All rows: an item and fold is one item, a category and period of a fold one `period`; `kind` becomes the period of the shop."""
    joined: dict[str, list[Any]] = {field.name: [getattr(fold, field.name) for fold in folds] for field in fields(Moves)}
    number = np.repeat(np.arange(len(folds)), [fold.units.size for fold in folds])
    every = {name: np.concatenate(parts) for name, parts in joined.items()}
    item = _numbered(number, every["item"])
    group = _numbered(number, every["period"], every["kind"])
    return Moves(item, group, every["period"], every["units"], every["foretold"], every["promo"], every["moved"])


def _numbered(*keys: Ints) -> Ints:
    """(m,) number of each combination."""
    return np.unique(np.stack(keys, axis=1), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def fixed_poisson(units: Floats, columns: Floats, groups: tuple[Ints, ...]) -> tuple[float, Floats] | None:
    """Coefficient of the first column in log E[units], every group with an effect of its own, and each row's influence on it (m,).

    columns  (m, p);  groups  each (m,)
    Newton's method with the groups' effects concentrated out; groups that sold nothing say nothing. None where it is not determined.
    """
    used = np.ones(units.size, dtype=bool)
    for _ in range(len(groups) + 1):
        for group in groups:
            used &= np.bincount(group, units * used)[group] > 0
    y, x = units[used], columns[used]
    own = [np.unique(group[used], return_inverse=True)[1] for group in groups]
    if y.size <= x.shape[1] or np.ptp(x[:, 0]) == 0:
        return None
    effect, mean = np.zeros(x.shape[1]), np.full(y.size, max(float(y.mean()), 1e-12))
    for _ in range(TURNS):
        mean = _levelled(y, mean, own)
        apart = _demeaned(x, mean, own)
        weighted = apart * mean[:, None]
        curvature = weighted.T @ apart
        if np.linalg.cond(curvature) > 1e10:
            return None
        change = np.linalg.solve(curvature, apart.T @ (y - mean))
        change *= min(1.0, 1.0 / max(float(np.abs(change).max()), 1e-12))
        effect += change
        mean *= np.exp(np.clip(x @ change, -30.0, 30.0))
        if np.abs(change).max() < CLOSE:
            break
    mean = _levelled(y, mean, own)
    apart = _demeaned(x, mean, own)
    influence = np.zeros(units.size)
    influence[used] = np.linalg.solve((apart * mean[:, None]).T @ apart, (apart * (y - mean)[:, None]).T)[0]
    return float(effect[0]), influence


def _levelled(y: Floats, mean: Floats, groups: list[Ints]) -> Floats:
    """Means scaled until every group's sum is what it sold: the best effects at the present coefficients."""
    for _ in range(SWEEPS):
        worst = 0.0
        for group in groups:
            scale = np.bincount(group, y) / np.bincount(group, mean)
            mean = mean * scale[group]
            worst = max(worst, float(np.abs(scale - 1.0).max()))
        if worst < CLOSE:
            break
    return mean


def _demeaned(x: Floats, weight: Floats, groups: list[Ints]) -> Floats:
    """Columns less what the groups explain of them, by alternating projections."""
    apart = x.copy()
    for _ in range(SWEEPS):
        worst = 0.0
        for group in groups:
            total = np.bincount(group, weight)
            for column in range(x.shape[1]):
                centre = np.bincount(group, weight * apart[:, column]) / total
                apart[:, column] -= centre[group]
                worst = max(worst, float(np.abs(centre).max()))
        if worst < CLOSE:
            break
    return apart
