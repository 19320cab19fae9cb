"""Optimal prices in closed form for known demand curves: the Lerner rule and its relatives.

Every function maximises (p - cost) * demand(p) for one product, or for products that share a logit. Arguments broadcast.
Lambert's W(exp(z)) is the Wright omega function of z, which does not overflow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp, wrightomega

from pricesmith.contracts.curves import Floats


def constant_elasticity(cost: ArrayLike, elasticity: ArrayLike) -> Floats:
    """cost * e / (1 + e) for demand p ** e. Raises ValueError where e >= -1: profit then grows with the price without end."""
    e = np.asarray(elasticity, dtype=np.float64)
    if not (e < -1.0).all():
        raise ValueError("no finite optimum: the elasticity must be below -1")
    return np.asarray(np.asarray(cost, dtype=np.float64) * e / (1.0 + e))


def linear(cost: ArrayLike, intercept: ArrayLike, slope: ArrayLike) -> Floats:
    """(a / b + cost) / 2 for demand a - b p."""
    return (np.asarray(intercept, dtype=np.float64) / _positive(slope) + np.asarray(cost, dtype=np.float64)) / 2.0


def exponential(cost: ArrayLike, slope: ArrayLike) -> Floats:
    """cost + 1 / b for demand exp(-b p), whatever its level."""
    return np.asarray(np.asarray(cost, dtype=np.float64) + 1.0 / _positive(slope))


def logit(cost: ArrayLike, intercept: ArrayLike, slope: ArrayLike) -> Floats:
    """cost + (1 + W(exp(a - b cost - 1))) / b for demand 1 / (1 + exp(-(a - b p)))."""
    b, c = _positive(slope), np.asarray(cost, dtype=np.float64)
    return np.asarray(c + (1.0 + wrightomega(np.asarray(intercept, dtype=np.float64) - b * c - 1.0)) / b)


def multinomial_logit(cost: ArrayLike, intercept: ArrayLike, slope: float) -> tuple[Floats, float]:
    """(prices (m,), profit per customer) of m products that share a logit with one price slope and an outside option of utility 0.

    All markups are equal: p_i - c_i = (1 + W) / b with W = W(sum_i exp(a_i - b c_i - 1)), and the profit is W / b
    (Hanson & Martin 1996; Aydin & Porteus 2008; Li & Huh 2011).
    """
    b, c = float(_positive(slope)), np.asarray(cost, dtype=np.float64)
    omega = float(wrightomega(logsumexp(np.asarray(intercept, dtype=np.float64) - b * c - 1.0)))
    return np.asarray(c + (1.0 + omega) / b), omega / b


def _positive(slope: ArrayLike) -> Floats:
    b = np.asarray(slope, dtype=np.float64)
    if not (b > 0.0).all():
        raise ValueError("no finite optimum: demand must fall with the price")
    return b
