"""Normal-normal pooling of many noisy estimates: b_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau2).

Between-variance by restricted maximum likelihood or DerSimonian-Laird; shrinkage by precision; James-Stein for one common known variance.
Sources: DerSimonian & Laird 1986; Viechtbauer 2005; Morris 1983; Efron & Morris 1975.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats

LITERATURE_MEAN = -2.62
"""Mean of 1,851 published price elasticities (Bijmolt, van Heerde & Pieters 2005)."""


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled set of n estimates, given one value of tau2.

    mean, mean_error  overall mean and its standard error
    between           tau2, variance of the true values around the mean
    estimate          (n,) posterior means
    variance          (n,) posterior variances; the mean's own uncertainty is in them, that of tau2 is not (`spread_average` has it)
    """

    mean: float
    mean_error: float
    between: float
    estimate: Floats
    variance: Floats


def heterogeneity(estimate: Floats, variance: Floats) -> float:
    """Cochran's Q: weighted squared deviations from the fixed-effect mean."""
    weight = 1.0 / variance
    centre = float(np.sum(weight * estimate) / np.sum(weight))
    return float(np.sum(weight * (estimate - centre) ** 2))


def der_simonian_laird(estimate: Floats, variance: Floats) -> float:
    """Moment estimate of tau2: (Q - (n - 1)) / (sum w - sum w^2 / sum w), at least 0."""
    weight = 1.0 / variance
    total = float(np.sum(weight))
    scale = total - float(np.sum(weight**2)) / total
    return max(0.0, (heterogeneity(estimate, variance) - (len(estimate) - 1)) / scale) if scale > 0.0 else 0.0


def restricted_likelihood(estimate: Floats, variance: Floats, *, tolerance: float = 1e-12, steps: int = 10_000) -> float:
    """REML estimate of tau2: `restricted_likelihood_step` until it settles."""
    between = der_simonian_laird(estimate, variance)
    for _ in range(steps):
        fresh = restricted_likelihood_step(estimate, variance, between)
        if abs(fresh - between) <= tolerance * max(between, 1e-3):
            return fresh
        between = fresh
    return between


def restricted_likelihood_step(estimate: Floats, variance: Floats, between: float) -> float:
    """One step of the fixed point of REML.

    tau2 <- max(0, sum w^2 [(b - mu)^2 - v] / sum w^2 + 1 / sum w),  w = 1 / (v + tau2)
    """
    weight = 1.0 / (variance + between)
    square, total = weight**2, float(weight.sum())
    gap = estimate - float(weight @ estimate) / total
    return max(0.0, float(square @ (gap**2 - variance)) / float(square.sum()) + 1.0 / total)


def pool(estimate: Floats, variance: Floats, *, between: float | None = None) -> Pooled:
    """Shrink estimates towards their common mean.

    estimate, variance  (n,) estimates and their squared standard errors
    between             tau2 where known; else REML
    """
    tau2 = restricted_likelihood(estimate, variance) if between is None else between
    weight = 1.0 / (variance + tau2)
    total = float(np.sum(weight))
    mean = float(np.sum(weight * estimate)) / total
    gain = tau2 * weight  # share of the estimate's own evidence
    posterior = mean + gain * (estimate - mean)
    spread = gain * variance + (1.0 - gain) ** 2 / total
    return Pooled(mean, total**-0.5, tau2, posterior, spread)


def james_stein(estimate: Floats, variance: float) -> tuple[Floats, float]:
    """Positive-part James-Stein (Efron-Morris) shrinkage towards the mean, all estimates with one known variance.

    returns  shrunk estimates (n,) and the share c that is kept: c = max(0, 1 - (n - 3) variance / sum (b - mean)^2)
    """
    mean = float(np.mean(estimate))
    keep = max(0.0, 1.0 - (len(estimate) - 3) * variance / float(np.sum((estimate - mean) ** 2)))
    return mean + keep * (estimate - mean), keep
