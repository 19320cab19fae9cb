"""Prediction intervals of counts and of measured amounts."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from pricesmith.contracts.curves import Floats

HALF_TAIL = 0.025
"""An interval that starts at zero has no lower tail; its upper one is that much wider."""

LARGE = 200.0
"""Above this mean a count is taken as continuous."""


def predictive_quantiles(
    mean: Floats, spread: Floats, whole: bool, probabilities: tuple[float, float] = (0.05, 0.95)
) -> tuple[Floats, Floats]:
    """Quantiles of demand with the given mean and variance  mean + spread * mean^2.

    Counts: the bounds whose tails are nearest to the ones asked for, since no count interval has exactly 90 %.

    whole  True for counts (negative binomial), False for amounts such as litres (gamma of the same mean and variance)
    """
    low, high = np.empty_like(mean), np.empty_like(mean)
    smooth = ~(np.full(mean.shape, whole) & (mean < LARGE))
    variance = mean + spread * mean**2 if whole else spread * mean**2 + 1e-12
    if smooth.any():
        shape = mean[smooth] ** 2 / variance[smooth]
        scale = variance[smooth] / mean[smooth]
        low[smooth], high[smooth] = (scale * gammaincinv(shape, p) for p in probabilities)
    counted = ~smooth
    if counted.any():
        size = 1.0 / np.maximum(spread[counted], 1e-6)
        chance = size / (size + mean[counted])
        low[counted] = _nearest(probabilities[0], size, chance) + 1.0
        high[counted] = _nearest(probabilities[1], size, chance)
        from_zero = low[counted] <= 0.0
        shorter = _nearest(probabilities[1] - HALF_TAIL, size, chance)
        high[counted] = np.where(from_zero, shorter, high[counted])
    return low, high


def _nearest(probability: float, size: Floats, chance: Floats) -> Floats:
    """The count whose cumulative probability is nearest to the one asked for, from -1 on; the usual quantile would cover too much."""
    from scipy.stats import nbinom  # loaded late: it takes a third of a second, and many commands learn without foretelling

    above = nbinom.ppf(probability, size, chance)
    over, under = nbinom.cdf(above, size, chance) - probability, probability - nbinom.cdf(above - 1.0, size, chance)
    return np.asarray(np.where(over <= under, above, above - 1.0), dtype=np.float64)
