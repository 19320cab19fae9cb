"""Prediction intervals of counts and of measured amounts."""

from __future__ import annotations

import numpy as np
from scipy.stats import gamma, nbinom

from pricesmith.contracts.curves import Floats

LARGE = 200.0
"""Above this mean a count is taken as continuous."""


def predictive_quantiles(
    mean: Floats, spread: Floats, whole: bool, probabilities: tuple[float, float] = (0.05, 0.95)
) -> tuple[Floats, Floats]:
    """Quantiles of demand with the given mean and variance  mean + spread * mean^2.

    whole  True for counts (negative binomial), False for amounts such as litres (gamma of the same mean and variance)
    """
    low, high = np.empty_like(mean), np.empty_like(mean)
    smooth = ~(np.full(mean.shape, whole) & (mean < LARGE))
    variance = mean + spread * mean**2 if whole else spread * mean**2 + 1e-12
    if smooth.any():
        shape = mean[smooth] ** 2 / variance[smooth]
        scale = variance[smooth] / mean[smooth]
        low[smooth], high[smooth] = (gamma.ppf(p, shape, scale=scale) for p in probabilities)
    counted = ~smooth
    if counted.any():
        size = 1.0 / np.maximum(spread[counted], 1e-6)
        chance = size / (size + mean[counted])
        low[counted], high[counted] = (nbinom.ppf(p, size, chance) for p in probabilities)
    return low, high
