"""Scores of forecasts with quantiles: WAPE, bias, pinball loss, coverage, slope where the price moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .clustered import Clusters, Estimate, estimate, gain

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUANTILES = (0.05, 0.5, 0.95)
"""Levels of the quantiles that every forecaster gives and the pinball loss averages over."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecast of rows.

    mean       (...) expected units
    quantiles  (..., 3) units at the levels of QUANTILES
    """

    mean: Floats
    quantiles: Floats

    def pick(self, rows: Flags) -> Forecast:
        return Forecast(self.mean[rows], self.quantiles[rows])


def score(actual: Floats, forecast: Forecast, moved: Flags) -> dict[str, float | int | None]:
    """Scores of m rows.

    wape        sum |actual - mean| / sum actual
    bias        sum (mean - actual) / sum actual
    pinball     mean over rows and QUANTILES of the pinball loss, divided by the mean of actual
    coverage90  share of rows within the outer quantiles, ends included
    slope       Poisson regression of actual on log mean over `moved` rows (zeros count); slope_positive: least squares of log actual on
                log mean over those of them with units. None where fewer than 30 rows moved.
    """
    total = float(actual.sum())
    covered = (actual >= forecast.quantiles[:, 0] - 1e-9) & (actual <= forecast.quantiles[:, 2] + 1e-9)
    used = moved & (forecast.mean > 0)
    return {
        "wape": float(absolute(actual, forecast).sum()) / total,
        "bias": float((forecast.mean - actual).sum()) / total,
        "pinball": float(pinball(actual, forecast).sum()) / total,
        "coverage90": float(covered.mean()),
        "slope": poisson_slope(np.log(forecast.mean[used]), actual[used]),
        "slope_positive": _ols_slope(forecast.mean[used], actual[used]),
        "rows": len(actual),
        "moved": int(moved.sum()),
    }


def absolute(actual: Floats, forecast: Forecast) -> Floats:
    """(m,) absolute errors of the mean."""
    return np.abs(actual - forecast.mean)


def pinball(actual: Floats, forecast: Forecast) -> Floats:
    """(m,) pinball losses, the mean over QUANTILES."""
    error = actual[:, None] - forecast.quantiles
    loss: Floats = np.maximum(np.array(QUANTILES) * error, (np.array(QUANTILES) - 1.0) * error)
    return np.asarray(loss.mean(axis=1))


def gains(actual: Floats, own: Forecast, other: Forecast, clusters: Clusters) -> dict[str, Estimate | None]:
    """By WAPE and pinball loss: the share by which the first forecast's lies below the other's, on the same rows."""
    return {
        "wape": gain(absolute(actual, own), absolute(actual, other), clusters),
        "pinball": gain(pinball(actual, own), pinball(actual, other), clusters),
    }


def bias(actual: Floats, mean: Floats, clusters: Clusters) -> Estimate | None:
    """The bias of `score` with its interval; None where there is none."""
    total = float(actual.sum())
    ratio = float(mean.sum()) / total
    return estimate(ratio - 1.0, (mean - ratio * actual) / total, clusters)


def slope(actual: Floats, forecast: Forecast, moved: Flags, clusters: Clusters) -> Estimate | None:
    """The slope of `score` with its interval; None where there is no slope or no interval."""
    used = moved & (forecast.mean > 0)
    x, y = np.log(forecast.mean[used]), actual[used]
    found = poisson_line(x, y)
    if found is None:
        return None
    design = np.stack([np.ones_like(x), x])
    mu = np.exp(np.clip(found[0] + found[1] * x, -700, 700))
    influence = np.linalg.solve((design * mu) @ design.T, design * (y - mu))[1]
    return estimate(found[1], influence, clusters.pick(used))


def poisson_slope(x: Floats, y: Floats) -> float | None:
    """Slope b of the Poisson regression log E[y] = a + b x; None below 30 rows or without spread."""
    found = poisson_line(x, y)
    return None if found is None else found[1]


def poisson_line(x: Floats, y: Floats) -> tuple[float, float] | None:
    """(a, b) of the Poisson regression log E[y] = a + b x, by Newton's method; None below 30 rows or without spread."""
    if len(x) < 30 or np.ptp(x) < 1e-9 or y.sum() <= 0:
        return None
    middle = float(np.average(x, weights=np.exp(x - x.max())))
    centre = x - middle
    a, b = float(np.log(y.mean() / np.exp(centre - centre.max()).mean()) - centre.max()), 1.0
    for _ in range(100):
        mu = np.exp(np.clip(a + b * centre, -700, 700))
        gradient = np.array([(y - mu).sum(), ((y - mu) * centre).sum()])
        hessian = np.array([[mu.sum(), (mu * centre).sum()], [(mu * centre).sum(), (mu * centre**2).sum()]])
        change = np.linalg.solve(hessian, gradient)
        change *= min(1.0, 1.0 / max(float(np.abs(change).max()), 1e-12))
        a, b = a + float(change[0]), b + float(change[1])
        if np.abs(change).max() < 1e-9:
            break
    return a - b * middle, b


def _ols_slope(mean: Floats, actual: Floats) -> float | None:
    positive = actual > 0
    if positive.sum() < 30:
        return None
    x, y = np.log(mean[positive]), np.log(actual[positive])
    spread = float(((x - x.mean()) ** 2).sum())
    return float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 1e-12 else None
