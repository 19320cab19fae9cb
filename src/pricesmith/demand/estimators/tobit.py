"""Linear models of censored outcomes: demand seen only up to a stock, or not below zero (Tobin 1958).

In Olsen's (1978) parameters coefficient / scale and 1 / scale the log likelihood is concave, so Newton's method finds its one maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from pricesmith.contracts.curves import Flags, Floats

_LOG_ROOT = 0.5 * float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class CensoredFit:
    """Maximum likelihood of y = x b + scale e, e standard normal, y seen only where it is not censored.

    coefficient, standard_error  (p,)
    scale, log_scale_error       standard deviation of the errors, and the standard error of its logarithm
    log_likelihood               at the maximum
    """

    coefficient: Floats
    standard_error: Floats
    scale: float
    log_scale_error: float
    log_likelihood: float


def tobit(outcome: Floats, regressors: Floats, *, low: Flags | None = None, high: Flags | None = None) -> CensoredFit:
    """Fit a censored regression.

    outcome     (N,) the value, or the limit where it is censored
    regressors  (N, p), a constant among them where wanted
    low, high   (N,) True where the true value is at most, or at least, the outcome given; None: nowhere
    """
    none = np.zeros(len(outcome), dtype=np.bool_)
    below, above = none if low is None else low, none if high is None else high
    axes = np.column_stack([-regressors, outcome])
    slope = np.linalg.lstsq(regressors, outcome, rcond=None)[0]
    spread = max(float(np.std(outcome - regressors @ slope)), 1e-8)
    olsen = _maximum(axes, below, above, np.append(slope, 1.0) / spread)
    precision = float(olsen[-1])
    coefficient = olsen[:-1] / precision
    jacobian = np.eye(len(olsen)) / precision
    jacobian[:-1, -1] = -coefficient / precision
    jacobian[-1, -1] = -1.0 / precision
    covariance = jacobian @ np.linalg.inv(-_derivatives(axes, below, above, olsen)[1]) @ jacobian.T
    errors = np.sqrt(np.diag(covariance))
    return CensoredFit(coefficient, errors[:-1], 1.0 / precision, float(errors[-1]), _log_likelihood(axes, below, above, olsen))


def truncated_mean(mean: Floats, scale: Floats | float, limit: Floats) -> Floats:
    """E[X | X > limit] of a normal X: mean + scale phi(z) / (1 - Phi(z)), z = (limit - mean) / scale. Arguments broadcast."""
    return np.asarray(mean + scale * _hazard(-(limit - mean) / scale))


def normal_censored(sold: Floats, high: Flags, *, tolerance: float = 1e-10, steps: int = 10_000) -> tuple[float, float]:
    """Mean and standard deviation of normal demand of which some values are known only to be at least what was sold.

    sold  (N,);  high (N,) True where stock ran out. Expectation-maximisation: censored values and their squares by their expectation.
    """
    mean, scale = float(np.mean(sold)), max(float(np.std(sold)), 1e-8)
    for _ in range(steps):
        reach = (sold - mean) / scale
        hazard = _hazard(-reach)
        value = np.where(high, mean + scale * hazard, sold)
        square = np.where(high, mean**2 + scale**2 + scale * hazard * (sold + mean), sold**2)
        fresh = float(np.mean(value))
        spread = float(np.sqrt(max(float(np.mean(square)) - fresh**2, 1e-16)))
        settled = abs(fresh - mean) + abs(spread - scale) < tolerance * scale
        mean, scale = fresh, spread
        if settled:
            break
    return mean, scale


def _hazard(z: Floats) -> Floats:
    """phi(z) / Phi(z), without underflow."""
    return np.asarray(np.exp(-0.5 * z**2 - _LOG_ROOT - log_ndtr(z)))


def _log_likelihood(axes: Floats, below: Flags, above: Flags, olsen: Floats) -> float:
    if olsen[-1] <= 0.0:
        return -np.inf
    z = axes @ olsen
    seen = np.log(olsen[-1]) - 0.5 * z**2 - _LOG_ROOT
    return float(np.sum(np.select([below, above], [log_ndtr(z), log_ndtr(-z)], seen)))


def _derivatives(axes: Floats, below: Flags, above: Flags, olsen: Floats) -> tuple[Floats, Floats]:
    """Gradient and Hessian of the log likelihood."""
    z = axes @ olsen
    lower, upper = _hazard(z), _hazard(-z)
    first = np.select([below, above], [lower, -upper], -z)
    second = np.select([below, above], [lower * (z + lower), upper * (upper - z)], 1.0)
    gradient = first @ axes
    hessian = -(axes * second[:, None]).T @ axes
    seen = float(np.sum(~(below | above)))
    gradient[-1] += seen / olsen[-1]
    hessian[-1, -1] -= seen / olsen[-1] ** 2
    return gradient, hessian


def _maximum(axes: Floats, below: Flags, above: Flags, start: Floats) -> Floats:
    olsen, value = start, _log_likelihood(axes, below, above, start)
    for _ in range(200):
        gradient, hessian = _derivatives(axes, below, above, olsen)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while _log_likelihood(axes, below, above, olsen - size * step) < value and size > 1e-12:
            size /= 2.0
        olsen = olsen - size * step
        value = max(value, _log_likelihood(axes, below, above, olsen))
        if float(np.abs(gradient @ step)) < 1e-18 * (1.0 + abs(value)) or size <= 1e-12:
            break
    return np.asarray(olsen)
