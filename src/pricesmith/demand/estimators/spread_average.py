"""Normal-normal pooling averaged over what the data leaves open about the spread between products: intervals that hold for few products.

theta_i ~ N(mu, tau^2), mu ~ N(top_mean, top_variance), tau ~ Rayleigh(spread_scale). mu and theta are integrated exactly, tau on a grid.
The prior of tau falls to 0 at 0 (Chung et al. 2013): a few noisy products never prove that all are alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Floats

from .pooling import LITERATURE_MEAN, restricted_likelihood

_POINTS = 33
_REACH = 6.0


@dataclass(frozen=True, slots=True)
class Averaged:
    """Posterior of n products.

    mean, mean_error    of the overall mean mu
    spread              posterior mean of tau
    estimate, variance  (n,) posterior mean and variance of each product's value
    """

    mean: float
    mean_error: float
    spread: float
    estimate: Floats
    variance: Floats

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Central interval of the true values: low (n,), high (n,)."""
        reach = ndtri(0.5 + level / 2.0) * np.sqrt(self.variance)
        return self.estimate - reach, self.estimate + reach


def pool_over_spread(
    estimate: Floats, variance: Floats, *, top_mean: float = LITERATURE_MEAN, top_variance: float = 1.0, spread_scale: float = 0.5
) -> Averaged:
    """Posterior of every product's value.

    estimate, variance        (n,) estimates and their squared standard errors
    top_mean, top_variance    prior of the overall mean
    spread_scale              most likely tau beforehand
    """
    grid = _grid(estimate, variance)
    logs, centres, centre_variances = np.empty((3, len(grid)))
    for k, tau in enumerate(grid):
        logs[k], centres[k], centre_variances[k] = _given(tau, estimate, variance, top_mean, top_variance)
    logs += np.log(np.maximum(grid, 1e-12)) - 0.5 * (grid / spread_scale) ** 2
    share = np.exp(logs - logs.max())
    share[[0, -1]] *= 0.5
    share /= share.sum()
    first, second = np.zeros_like(estimate), np.zeros_like(estimate)
    for tau, part, centre, doubt in zip(grid, share, centres, centre_variances, strict=True):
        kept = tau**2 / (tau**2 + variance)
        value = centre + kept * (estimate - centre)
        first += part * value
        second += part * (value**2 + kept * variance + (1.0 - kept) ** 2 * doubt)
    mean = float(share @ centres)
    doubt = float(share @ (centre_variances + centres**2)) - mean**2
    return Averaged(mean, doubt**0.5, float(share @ grid), first, np.maximum(second - first**2, 0.0))


def _given(tau: float, estimate: Floats, variance: Floats, top_mean: float, top_variance: float) -> tuple[float, float, float]:
    """Log likelihood of tau with mu integrated out, and the posterior mean and variance of mu."""
    weight = 1.0 / (variance + tau**2)
    total = float(weight.sum())
    centre = float(weight @ estimate) / total
    posterior = total + 1.0 / top_variance
    log = 0.5 * float(np.log(weight).sum()) - 0.5 * float(weight @ (estimate - centre) ** 2) - 0.5 * np.log(posterior)
    log -= 0.5 * (centre - top_mean) ** 2 / (top_variance + 1.0 / total)
    return log, (centre * total + top_mean / top_variance) / posterior, 1.0 / posterior


def _grid(estimate: Floats, variance: Floats) -> Floats:
    """Values of tau that hold its posterior: the REML value and six standard errors of tau^2 each way."""
    between = restricted_likelihood(estimate, variance, tolerance=1e-6)
    weight = 1.0 / (variance + between)
    error = np.sqrt(2.0 / float(np.sum(weight**2)))
    ends = np.sqrt([max(between - _REACH * error, 0.0), between + _REACH * error])
    return np.linspace(ends[0], ends[1], _POINTS)
