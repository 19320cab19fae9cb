"""Chance: product-week shocks with memory, and counts."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats


def weekly_shocks(weeks: int, count: int, spread: float, memory: float, rng: np.random.Generator) -> Floats:
    """(weeks, n) stationary first-order autoregression with standard deviation `spread`, shifted so that exp(shock) has mean 1."""
    steps = rng.normal(0.0, spread * np.sqrt(1.0 - memory**2), (weeks, count))
    shocks = np.empty((weeks, count))
    state = rng.normal(0.0, spread, count)
    for week in range(weeks):
        state = memory * state + steps[week]
        shocks[week] = state
    return shocks - 0.5 * spread**2


def counts(mean: Floats, dispersion: float, rng: np.random.Generator) -> Floats:
    """Negative binomial counts: variance = mean + dispersion * mean**2."""
    rate = mean * rng.gamma(1.0 / dispersion, dispersion, mean.shape) if dispersion > 0 else mean
    return rng.poisson(rate).astype(np.float64)
