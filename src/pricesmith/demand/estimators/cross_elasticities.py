"""Cross-price elasticities of many products, drawn towards a common value: ln q_i = controls + e_ii ln p_i + sum_j e_ij ln p_j + noise.

e_ij ~ N(m, tau^2), of either sign: substitutes above 0, complements below. m and tau by expectation-maximisation over all products, so a
cross effect that its own data cannot tell from noise is pulled to what the shop's other pairs show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Flags, Floats

from .least_squares import least_squares
from .moments import Moments

_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class CrossElasticities:
    """Posterior of N products with up to q others each.

    own, own_variance      (N,) own-price elasticities
    cross, cross_variance  (N, q) cross elasticities; NaN where there is no such other
    mean, spread           m and tau of the cross elasticities
    """

    own: Floats
    own_variance: Floats
    cross: Floats
    cross_variance: Floats
    mean: float
    spread: float

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Central intervals of the cross elasticities: low (N, q), high (N, q)."""
        reach = ndtri(0.5 + level / 2.0) * np.sqrt(self.cross_variance)
        return self.cross - reach, self.cross + reach


def cross_elasticities(
    moments: Moments, present: Flags, *, own_mean: float = -2.62, own_variance: float = 4.0, tolerance: float = 1e-6, steps: int = 500
) -> CrossElasticities:
    """Estimate own and cross elasticities.

    moments       (N, q + 2, q + 2) of own log price, q other log prices, log units; controls partialled out (`partial_out`)
    present       (N, q) True where the product has such another one; else its moments are 0
    own_mean, own_variance  prior of the own elasticities
    """
    gram, cross_moment = moments.gram[:, :-1, :-1], moments.gram[:, :-1, -1]
    fits = least_squares(moments)
    noise = np.maximum(fits.residual / np.maximum(fits.freedom, 1.0), _FLOOR)
    mean, spread = 0.0, 0.25
    for _ in range(steps):
        value, covariance = _posterior(
            gram, cross_moment, noise, _prior(present.shape, own_mean, mean), _prior(present.shape, own_variance, spread)
        )
        cross, doubt = value[:, 1:][present], np.diagonal(covariance, axis1=1, axis2=2)[:, 1:][present]
        fresh = float(cross.mean())
        wide = max(float(np.mean((cross - fresh) ** 2 + doubt)), _FLOOR)
        settled = abs(fresh - mean) + abs(wide - spread) < tolerance
        mean, spread = fresh, wide
        if settled:
            break
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    holes = np.where(present, 0.0, np.nan)
    return CrossElasticities(value[:, 0], variance[:, 0], value[:, 1:] + holes, variance[:, 1:] + holes, mean, spread**0.5)


def _prior(shape: tuple[int, ...], own: float, cross: float) -> Floats:
    """(N, 1 + q): a value for the own elasticity and one for all others."""
    return np.column_stack([np.full(shape[0], own), np.full(shape, cross)])


def _posterior(gram: Floats, cross_moment: Floats, noise: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Normal posterior (N, p) and covariance (N, p, p) of the coefficients of every product."""
    precision = gram / noise[:, None, None]
    diagonal = np.arange(gram.shape[1])
    precision[:, diagonal, diagonal] += 1.0 / variance
    covariance = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    target = cross_moment / noise[:, None] + mean / variance
    return np.einsum("npq,nq->np", covariance, target), covariance
