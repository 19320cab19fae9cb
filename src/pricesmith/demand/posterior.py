"""Posterior of an elasticity: normal, cut off above so that a curve never rises with the price."""

from __future__ import annotations

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from pricesmith.contracts.curves import Floats

HIGHEST = -0.02
"""No elasticity lies above this."""

PLUGGED_IN = 1.05
"""Factor on the standard deviation because spreads and dispersions are estimates that are taken as known."""

MODEL_ERROR = 0.06
"""Standard deviation, as a share of the elasticity, for what no model of this kind can know: causes that no column shows."""

_TINY = -600.0
"""Log probability below which its exponential would underflow."""


BENT_ERROR = 0.10
"""The same, in addition, where curves are logit: one saturation stands for all products, though how sharply demand bends differs."""


def honest_variance(variance: Floats, elasticity: Floats, saturation: float) -> Floats:
    """(n,) posterior variance with an allowance for what the model takes as known; see docs/decisions/elasticity-intervals.md."""
    error = MODEL_ERROR**2 + (BENT_ERROR**2 if saturation > 0 else 0.0)
    return np.asarray(variance * PLUGGED_IN**2 + error * elasticity**2)


def quantiles(mean: Floats, deviation: Floats, probabilities: Floats) -> Floats:
    """(n, d) quantiles of normals (n,) cut off above HIGHEST."""
    below = log_ndtr((HIGHEST - mean) / deviation)[:, None]
    logs = below + np.log(probabilities)[None, :]
    scores = ndtri(np.exp(np.minimum(logs, -1e-16)))
    tiny = logs < _TINY
    if tiny.any():
        scores[tiny] = ndtri_exp(logs[tiny])
    return np.asarray(np.minimum(mean[:, None] + deviation[:, None] * scores, HIGHEST))


def cut_off(mean: Floats, deviation: Floats) -> Floats:
    """(n,) probability above HIGHEST that normals (n,) had before they were cut off there."""
    return np.asarray(ndtr((mean - HIGHEST) / deviation))


def draws(mean: Floats, deviation: Floats, count: int) -> Floats:
    """(n, count) equally likely draws: the mid-quantiles, ascending."""
    return quantiles(mean, deviation, (np.arange(count) + 0.5) / count)
