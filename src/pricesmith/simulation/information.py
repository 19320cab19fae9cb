"""How much a history says about each product's own and cross elasticity, everything else known but the level."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats

WEEK = 7


def precision(columns: Floats, expected: Floats, observed: Flags, dispersion: float, shock_sd: float, memory: float) -> Floats:
    """(n, q, q) precision of efficient estimates of the effects of q columns on log demand, the level unknown.

    columns (q, D, n);  expected, observed (D, n) expected units, days that count
    Generalised least squares: log demand of a day varies by 1 / expected + dispersion, and all days of a product-week by a shock
    with standard deviation `shock_sd` and weekly autocorrelation `memory`; the inverse is taken by weeks (Woodbury).
    """
    days, count = expected.shape
    weight = np.where(observed & (expected > 0), 1.0 / (1.0 / np.maximum(expected, 1e-12) + dispersion), 0.0)
    week = np.arange(days) // WEEK
    weeks = int(week[-1]) + 1
    design = np.concatenate([np.ones((1, days, count)), columns])
    by_week = np.zeros((weeks, len(design), count))
    np.add.at(by_week, week, (weight * design).transpose(1, 0, 2))
    lag = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
    inner = np.linalg.inv(max(shock_sd, 1e-6) ** 2 * memory**lag) + np.eye(weeks) * by_week[:, 0].T[:, None, :]
    pulled = by_week.transpose(2, 0, 1)
    whole = np.einsum("adn,dn,bdn->nab", design, weight, design) - pulled.transpose(0, 2, 1) @ np.linalg.solve(inner, pulled)
    level = np.maximum(whole[:, :1, :1], 1e-300)
    return np.asarray(whole[:, 1:, 1:] - whole[:, 1:, :1] @ whole[:, :1, 1:] / level)
