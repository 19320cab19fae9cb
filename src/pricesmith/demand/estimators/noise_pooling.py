"""Noise variances of many products drawn towards a common one, so that a product with three spare rows is not believed to the letter.

s_i^2 ~ sigma_i^2 chi^2_f / f,  sigma_i^2 ~ scaled inverse chi^2 (d, s^2); d and s^2 from the mean and variance of log s_i^2 (Smyth 2004).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, polygamma

from pricesmith.contracts.curves import Floats

from .least_squares import Fits


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of S products.

    variance  (S,) (d s^2 + residual) / (d + freedom)
    common    s^2;  worth  d, degrees of freedom that the common value is worth (infinite where all products are alike)
    """

    variance: Floats
    common: float
    worth: float


def pool_noise(residual: Floats, freedom: Floats) -> Noise:
    """Pool residual variances.

    residual, freedom  (S,) sums of squared residuals and their degrees of freedom; those without a degree of freedom take the common value
    """
    used = (freedom > 0.0) & (residual > 0.0)
    if not used.any():
        raise ValueError("no product has a row to spare: noise cannot be measured")
    half = freedom[used] / 2.0
    logs = np.log(residual[used] / freedom[used]) - digamma(half) + np.log(half)
    centre = float(np.mean(logs))
    excess = float(np.var(logs, ddof=1)) - float(np.mean(polygamma(1, half))) if used.sum() > 1 else 0.0
    if excess <= 0.0:
        common = float(residual[used].sum() / freedom[used].sum())
        return Noise(np.full(len(residual), common), common, np.inf)
    worth = 2.0 * _trigamma_inverse(excess)
    common = float(np.exp(centre + digamma(worth / 2.0) - np.log(worth / 2.0)))
    known = np.maximum(freedom, 0.0)
    return Noise((worth * common + np.where(known > 0.0, residual, 0.0)) / (worth + known), common, worth)


def moderated_errors(fits: Fits) -> Floats:
    """Standard errors (S, p) of fits with pooled noise; NaN where a fit has no degree of freedom left, or fits its rows without error."""
    own = np.where(fits.residual > 0.0, fits.residual, np.nan) / np.where(fits.freedom > 0.0, fits.freedom, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(fits.standard_error * np.sqrt(pool_noise(fits.residual, fits.freedom).variance / own)[:, None])


def _trigamma_inverse(value: float) -> float:
    """x with trigamma(x) = value, by Newton's method on 1 / trigamma, which is convex."""
    x = 0.5 + 1.0 / value
    for _ in range(50):
        trigamma = float(polygamma(1, x))
        step = trigamma * (1.0 - trigamma / value) / float(polygamma(2, x))
        x += step
        if abs(step) < 1e-10 * x:
            break
    return x
