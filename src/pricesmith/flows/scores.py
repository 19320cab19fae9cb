"""Scores of forecasts with quantiles: WAPE, bias, pinball loss, coverage, slope where the price moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    error = actual[:, None] - forecast.quantiles
    loss = np.maximum(np.array(QUANTILES) * error, (np.array(QUANTILES) - 1.0) * error)
    covered = (actual >= forecast.quantiles[:, 0] - 1e-9) & (actual <= forecast.quantiles[:, 2] + 1e-9)
    used = moved & (forecast.mean > 0)
    return {
        "wape": float(np.abs(actual - forecast.mean).sum()) / total,
        "bias": float((forecast.mean - actual).sum()) / total,
        "pinball": float(loss.mean()) * len(actual) / total,
        "coverage90": float(covered.mean()),
        "slope": poisson_slope(np.log(forecast.mean[used]), actual[used]),
        "slope_positive": _ols_slope(forecast.mean[used], actual[used]),
        "rows": len(actual),
        "moved": int(moved.sum()),
    }


def poisson_slope(x: Floats, y: Floats) -> float | None:
    """Slope b of the Poisson regression log E[y] = a + b x, by Newton's method; None below 30 rows or without spread."""
    if len(x) < 30 or np.ptp(x) < 1e-9 or y.sum() <= 0:
        return None
    centre = x - np.average(x, weights=np.exp(x - x.max()))
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
    return b


def _ols_slope(mean: Floats, actual: Floats) -> float | None:
    positive = actual > 0
    if positive.sum() < 30:
        return None
    x, y = np.log(mean[positive]), np.log(actual[positive])
    spread = float(((x - x.mean()) ** 2).sum())
    return float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 1e-12 else None
