"""Baselines of the backtest: each sees a panel up to the origin and the prices and promotions planned after it.

A baseline takes (panel, origin, horizon) and gives a Forecast of shape (n, horizon): the periods origin ... origin + horizon - 1.
Units at or after the origin are never read. Quantiles of the three simple ones are those of actual over forecast in the last
blocks before the origin, by size of the forecast.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .panel import Panel
from .scores import QUANTILES, Forecast

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Point = Callable[[Panel, int, int], Floats]

RECENT = 4
"""Periods that the price-blind mean averages; for days it is four weeks."""


def seasonal_naive(panel: Panel, origin: int, horizon: int) -> Forecast:
    """The same period a year ago where it is known, else the last period at the same place in the week, else the last period."""
    return _with_quantiles(_seasonal, panel, origin, horizon)


def price_blind_mean(panel: Panel, origin: int, horizon: int) -> Forecast:
    """The mean of the last four periods (days: four weeks) that were seen."""
    return _with_quantiles(_mean, panel, origin, horizon)


def pooled_log_log(panel: Panel, origin: int, horizon: int) -> Forecast:
    """Log units on log price and promotion, one slope for all, a level per item, season by month, fitted on periods with sales.

    The level is turned to units by the item's ratio of sums (smearing), so that periods without sales count in it.
    """
    return _with_quantiles(_log_log, panel, origin, horizon)


def _seasonal(panel: Panel, origin: int, horizon: int) -> Floats:
    week = 7 if panel.period == "day" else 1
    last = _latest(panel, origin - week, origin)
    out = np.empty((len(last), horizon))
    for ahead in range(horizon):
        recent = origin + ahead - week * (1 + ahead // week)
        guess = np.where(panel.seen[:, recent], panel.units[:, recent], last)
        year = origin + ahead - (364 if panel.period == "day" else panel.cycle)
        if year >= 0:
            guess = np.where(panel.seen[:, year], panel.units[:, year], guess)
        out[:, ahead] = guess
    return out


def _latest(panel: Panel, first: int, origin: int) -> Floats:
    """(n,) mean over the periods first ... origin - 1, else over all seen before the origin."""
    recent, whole = slice(max(first, 0), origin), slice(0, origin)
    count, total = panel.seen[:, recent].sum(1), panel.units[:, recent].sum(1)
    every = panel.units[:, whole].sum(1) / np.maximum(panel.seen[:, whole].sum(1), 1)
    level: Floats = np.where(count > 0, total / np.maximum(count, 1), every)
    return level


def _mean(panel: Panel, origin: int, horizon: int) -> Floats:
    level = _latest(panel, origin - RECENT * (7 if panel.period == "day" else 1), origin)
    return np.repeat(level[:, None], horizon, axis=1)


def _log_log(panel: Panel, origin: int, horizon: int) -> Floats:
    past, ahead = slice(0, origin), slice(origin, origin + horizon)
    used = panel.seen[:, past] & (panel.units[:, past] > 0) & (panel.price[:, past] > 0)
    design = _design(panel)
    y = np.log(np.where(used, panel.units[:, past], 1.0))
    within = _demean(design[:, past], used)
    beta = np.linalg.lstsq(within[used], _demean(y[..., None], used)[used][:, 0], rcond=None)[0]
    effect = np.exp(np.clip(np.nan_to_num(design @ beta), -20, 20))
    seen = panel.seen[:, past] & np.isfinite(panel.price[:, past])
    recent = 0.97 ** np.arange(origin - 1, -1, -1) if panel.period != "day" else 0.99 ** np.arange(origin - 1, -1, -1)
    weight = seen * recent
    level = (weight * panel.units[:, past]).sum(1) / np.maximum((weight * effect[:, past]).sum(1), 1e-9)
    forecast: Floats = level[:, None] * effect[:, ahead]
    return forecast


def _design(panel: Panel) -> Floats:
    """(n, T, F) log price, promotion, months of the year where a year is there, weekdays for days."""
    shape = panel.units.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = [np.nan_to_num(np.log(panel.price), neginf=0.0), panel.promo]
    if len(panel.dates) > 366 / {"day": 1, "week": 7, "month": 30.4}[panel.period]:
        columns += [np.broadcast_to(np.array([d.month == m for d in panel.dates], dtype=float), shape) for m in range(2, 13)]
    if panel.period == "day":
        columns += [np.broadcast_to(np.array([d.weekday() == w for d in panel.dates], dtype=float), shape) for w in range(1, 7)]
    return np.stack(columns, axis=-1)


def _demean(values: Floats, used: Flags) -> Floats:
    count = np.maximum(used.sum(1), 1)[:, None, None]
    result: Floats = values - (values * used[..., None]).sum(1, keepdims=True) / count
    return result


def _with_quantiles(point: Point, panel: Panel, origin: int, horizon: int) -> Forecast:
    """Point forecasts with the quantiles of actual / forecast over up to two blocks before the origin, in five classes of forecast size."""
    mean = point(panel, origin, horizon)
    starts = [start for start in (origin - horizon, origin - 2 * horizon) if start >= max(horizon // 2, 8)]
    if not starts:
        starts = [max(origin - horizon, origin // 2)]
    before = [(point(panel, start, min(horizon, origin - start)), slice(start, min(start + horizon, origin))) for start in starts]
    seen = np.concatenate([panel.seen[:, block].ravel() for _, block in before])
    guess = np.concatenate([block.ravel() for block, _ in before])[seen]
    actual = np.concatenate([panel.units[:, block].ravel() for _, block in before])[seen]
    return Forecast(mean, _scaled(mean, guess, actual))


def _scaled(mean: Floats, guess: Floats, actual: Floats) -> Floats:
    floor = max(float(np.mean(actual)) * 0.05, 1e-6) if len(actual) else 1e-6
    edges = np.quantile(guess, [0.2, 0.4, 0.6, 0.8]) if len(guess) else np.zeros(4)
    kind, past = np.searchsorted(edges, mean, side="right"), np.searchsorted(edges, guess, side="right")
    out = np.repeat(mean[..., None], len(QUANTILES), axis=-1)
    ratio = actual / np.maximum(guess, floor)
    for size in range(5):
        if (past == size).sum() >= 10:
            out[kind == size] = np.maximum(mean[kind == size], floor)[:, None] * np.quantile(ratio[past == size], QUANTILES)
    return out
