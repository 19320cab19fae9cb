"""Units expected over a ladder of prices, and how far an item's level may lie off: averages and draws of a posterior."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Floats, Ints, Ladder, pieces, response

from .estimators.average_exponential import average_exponential

LEVEL_SEED = 20_240_229


def mean_units(ladder: Ladder, current: Floats, elasticity: Floats, form: Ints, saturation: Floats, base: Floats) -> Floats:
    """(n, K) posterior mean units: the response averaged over the draws, in blocks that stay in a core's cache."""
    units = np.empty_like(ladder.prices, dtype=np.float64)
    for rows in pieces(*units.shape):
        ratio = np.log(ladder.prices[rows] / current[rows, None])
        if form[0] < 2:
            mean = average_exponential(ratio if form[0] == 0 else np.expm1(ratio), elasticity[rows])
        else:
            drawn = (np.exp(response(ratio, e[:, None], form[rows, None], saturation[rows, None])) for e in elasticity[rows].T)
            mean = sum(drawn, np.zeros_like(ratio)) / len(elasticity.T)
        np.multiply(base[rows, None], mean, out=units[rows])
    return units


def level_draws(deviation: Floats, count: int) -> Floats:
    """(n, count) draws of the log level around its mean, in an order that is unrelated to the elasticity's draws."""
    score = ndtri((np.arange(count) + 0.5) / count)
    order = np.random.default_rng(LEVEL_SEED).permutation(count)
    drawn = deviation[:, None] * score[order][None, :]
    return np.asarray(drawn - 0.5 * deviation[:, None] ** 2)
