"""Mean of exp(e x) over posterior draws e at many points x: by the draws' moments instead of one exponential for every draw and point.

mean_d exp(e_d x) = exp(m x) sum_k x^k mean_d (e_d - m)^k / k!,  m the mean of the draws. An item whose |e_d - m| |x| stays below r takes
as many terms as leave r^(k + 1) / (k + 1)! below 1e-18 (at r = 3, after 26 terms, 1e-13); beyond 3 it is averaged directly. How many
depends on the item alone, so its figures do not depend on what else is asked.
"""

from __future__ import annotations

import math

import numpy as np

from pricesmith.contracts.curves import Floats, pieces

_TERMS = ((10, 0.11), (13, 0.31), (17, 0.75), (26, 3.0))
"""Terms, and the largest |e_d - m| |x| for which they suffice."""


def average_exponential(points: Floats, draws: Floats) -> Floats:
    """Average over the draws.

    points   (n, K) x: the log price ratio for constant elasticity, exp of it less 1 for semi-log
    draws    (n, D) elasticities, equally likely
    returns  (n, K)
    """
    out = np.empty(points.shape)
    for rows in pieces(*points.shape):
        out[rows] = _block(points[rows], draws[rows])
    return out


def _block(points: Floats, draws: Floats) -> Floats:
    middle = draws.mean(axis=1, keepdims=True)
    spread = draws - middle
    reach = np.abs(spread).max(axis=1) * np.abs(points).max(axis=1, initial=0.0)
    kind = np.searchsorted([most for _, most in _TERMS], reach)
    if kind.size and kind[0] < len(_TERMS) and (kind == kind[0]).all():
        return _series(points, middle, spread, _TERMS[kind[0]][0])
    out = np.empty(points.shape)
    for chosen in np.unique(kind):
        rows = np.flatnonzero(kind == chosen)
        if chosen == len(_TERMS):
            out[rows] = np.exp(points[rows][:, :, None] * draws[rows][:, None, :]).mean(axis=2)
        else:
            out[rows] = _series(points[rows], middle[rows], spread[rows], _TERMS[chosen][0])
    return out


def _series(points: Floats, middle: Floats, spread: Floats, terms: int) -> Floats:
    weights = _moments(spread, terms)[:, :, None]
    total = weights[terms] * points
    for k in range(terms - 1, 0, -1):
        total += weights[k]
        total *= points
    total += 1.0
    total *= np.exp(middle * points)
    return np.asarray(total)


def _moments(spread: Floats, terms: int) -> Floats:
    """(terms + 1, n) mean of spread^k / k!, each power the product of two of half as many factors."""
    powers = [np.ones_like(spread), spread]
    for _ in range(2, (terms + 1) // 2 + 1):
        powers.append(powers[-1] * spread)
    moments = np.empty((terms + 1, len(spread)))
    for k in range(terms + 1):
        np.einsum("ij,ij->i", powers[k // 2], powers[k - k // 2], out=moments[k])
        moments[k] /= math.factorial(k) * spread.shape[1]
    return moments
