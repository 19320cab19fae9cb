"""Poisson demand that a stock cuts off: where C units were there and all were sold, demand was at least C."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaln

from pricesmith.contracts.curves import Flags, Floats


@dataclass(frozen=True, slots=True)
class CappedFit:
    """Maximum likelihood of units ~ Poisson(exp(x b)), capped.

    coefficient, standard_error  (p,)
    log_likelihood               at the maximum
    """

    coefficient: Floats
    standard_error: Floats
    log_likelihood: float


def capped_poisson(units: Floats, regressors: Floats, capped: Flags, *, steps: int = 100) -> CappedFit:
    """Fit Poisson demand with stock-outs.

    units       (N,) units sold; the stock where it ran out
    regressors  (N, p), a constant among them where wanted
    capped      (N,) True where all stock was sold: P(units = C) = 1 - F(C - 1)
    The log likelihood is concave in b; Newton's method with step halving.
    """
    coefficient = np.asarray(np.linalg.lstsq(regressors, np.log(np.maximum(units, 0.5)), rcond=None)[0], dtype=np.float64)
    value = log_likelihood(units, regressors @ coefficient, capped)
    for _ in range(steps):
        gradient, information = _derivatives(units, regressors, capped, coefficient)
        step = np.linalg.solve(information, gradient)
        size, fresh = 1.0, log_likelihood(units, regressors @ (coefficient + step), capped)
        while not fresh >= value and size > 1e-10:
            size /= 2.0
            fresh = log_likelihood(units, regressors @ (coefficient + size * step), capped)
        coefficient, value = coefficient + size * step, max(value, fresh)
        if float(gradient @ step) < 1e-14 * (1.0 + abs(value)) or size <= 1e-10:
            break
    information = _derivatives(units, regressors, capped, coefficient)[1]
    return CappedFit(coefficient, np.sqrt(np.diag(np.linalg.inv(information))), value)


def log_likelihood(units: Floats, log_mean: Floats, capped: Flags) -> float:
    """Log likelihood at given log means: (N,) arguments; a number."""
    seen = units * log_mean - np.exp(log_mean) - gammaln(units + 1.0)
    return float(np.sum(np.where(capped & (units > 0), _log_tail(units, log_mean), np.where(capped, 0.0, seen))))


def expected_demand(units: Floats, log_mean: Floats, capped: Flags) -> Floats:
    """Expected true demand of each row: units where seen, E[Y | Y >= C] = mean P(Y >= C - 1) / P(Y >= C) where capped."""
    return np.asarray(units + np.where(capped, np.exp(log_mean) + _pull(units, log_mean) - units, 0.0))


def _log_tail(units: Floats, log_mean: Floats) -> Floats:
    """log P(Y >= C); where the tail underflows, its leading term."""
    mean = np.exp(log_mean)
    tail = gammainc(np.maximum(units, 1.0), mean)
    leading = units * log_mean - mean - gammaln(units + 1.0)
    return np.asarray(np.where(tail > 1e-290, np.log(np.maximum(tail, 1e-300)), leading))


def _pull(units: Floats, log_mean: Floats) -> Floats:
    """Derivative of log P(Y >= C) by the log mean: mean P(Y = C - 1) / P(Y >= C); 0 for C = 0."""
    log_last = (units - 1.0) * log_mean - np.exp(log_mean) - gammaln(np.maximum(units, 1.0))
    return np.where(units > 0, np.exp(log_mean + log_last - _log_tail(units, log_mean)), 0.0)


def _derivatives(units: Floats, regressors: Floats, capped: Flags, coefficient: Floats) -> tuple[Floats, Floats]:
    """Gradient, and observed information."""
    log_mean = regressors @ coefficient
    mean, pull = np.exp(log_mean), _pull(units, log_mean)
    first = np.where(capped, pull, units - mean)
    second = np.where(capped, pull * (pull + mean - units), mean)
    return regressors.T @ first, (regressors * second[:, None]).T @ regressors
