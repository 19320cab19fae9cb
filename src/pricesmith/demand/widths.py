"""How wide an interval must be so that what it was not learned from lies inside: factors on its halves, and one on the forecast itself."""

from __future__ import annotations

import numpy as np

from .lags import Floats

TAIL = 0.04
"""Share of the blocks left outside each end of the interval, before `outside`: what was chosen on them fits them a little too well."""
NARROWEST, WIDEST = 0.7, 1.6
"""Bounds of the factors on the halves of an interval."""


def outside(clusters: int) -> float:
    """Share of the blocks to leave outside each end, so that TAIL of what comes lies outside: (TAIL (K + 1) - 1) / K, not below 0.

    Hierarchical conformal prediction (Lee, Barber and Willett 2023): the rows of one item and block err alike, so K clusters of them
    are what is known of the tails, and the next cluster is worth one of K + 1 and may lie anywhere.
    """
    return max((TAIL * (clusters + 1) - 1.0) / clusters, 0.0)


def widening(units: Floats, mean: Floats, ends: Floats, share: float) -> tuple[float, float]:
    """Factors on the lower and the upper half, between NARROWEST and WIDEST, that leave this share of the rows below and above.

    units, mean  (m,) units sold, and the forecast;  ends  (m, 3) its lower end, median and upper end
    """
    middle = ends[:, 1]
    below = (middle - units) / np.maximum(middle - ends[:, 0], 1e-9 * mean + 1e-9)
    above = (units - middle) / np.maximum(ends[:, 2] - middle, 1e-9 * mean + 1e-9)
    low, high = float(np.quantile(below, 1 - share)), float(np.quantile(above, 1 - share))
    return float(np.clip(low, NARROWEST, WIDEST)), float(np.clip(high, NARROWEST, WIDEST))


def widened(ends: Floats, factors: tuple[float, float]) -> Floats:
    """(m, 3) the ends moved away from the middle by these factors, the lower one not below 0."""
    middle = ends[:, 1]
    low = middle - factors[0] * (middle - ends[:, 0])
    high = middle + factors[1] * (ends[:, 2] - middle)
    return np.stack([np.maximum(low, 0.0), middle, high], axis=1)


def wape(units: Floats, log_mean: Floats) -> float:
    """Sum of absolute errors over the sum of units."""
    return float(np.abs(units - np.exp(np.clip(log_mean, -18, 18))).sum() / max(float(units.sum()), 1e-12))


def level_shift(units: Floats, log_mean: Floats) -> float:
    """Half of the log factor, within a tenth of one, that gives the least absolute error."""
    factors = np.arange(-0.1, 0.101, 0.01)
    return 0.5 * float(factors[int(np.argmin([wape(units, log_mean + factor) for factor in factors]))])
