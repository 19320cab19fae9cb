"""How much a history says about each own elasticity: the standard error of an efficient estimate when all else is known."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats

WEEK = 7


def standard_error(log_price: Floats, expected: Floats, observed: Flags, dispersion: float, shock_sd: float, memory: float) -> Floats:
    """(n,) standard error of the slope of log demand on log price, level unknown, everything else known.

    log_price, expected, observed  (D, n) log price, expected units, days that count
    Generalised least squares: log demand of a day varies by 1 / expected + dispersion, and all days of a product-week by a shock
    with standard deviation `shock_sd` and weekly autocorrelation `memory`; the inverse is taken by weeks (Woodbury).
    Infinite where the price never moved.
    """
    days, count = log_price.shape
    weight = np.where(observed & (expected > 0), 1.0 / (1.0 / np.maximum(expected, 1e-12) + dispersion), 0.0)
    week = np.arange(days) // WEEK
    weeks = int(week[-1]) + 1
    totals = np.zeros((2, weeks, count))
    for power in range(2):
        np.add.at(totals[power], week, weight * log_price**power)
    lag = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
    prior = np.linalg.inv(max(shock_sd, 1e-6) ** 2 * memory**lag)
    inner = prior + np.eye(weeks) * totals[0].T[:, None, :]
    by_week = np.stack([totals[0].T, totals[1].T], axis=-1)
    whole = np.empty((count, 2, 2))
    for a in range(2):
        for b in range(2):
            whole[:, a, b] = (weight * log_price ** (a + b)).sum(0)
    information = whole - by_week.transpose(0, 2, 1) @ np.linalg.solve(inner, by_week)
    slope = information[:, 1, 1] - information[:, 0, 1] ** 2 / np.maximum(information[:, 0, 0], 1e-300)
    return np.asarray(np.where(slope > 1e-9, 1.0 / np.sqrt(np.maximum(slope, 1e-9)), np.inf))
