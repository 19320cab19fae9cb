"""Pooling through nested groups, each level with its own spread: product -> family -> category -> shop.

Exact normal posterior on the tree: evidence is passed up to the top and back down (Pearl's message passing). Spreads by
expectation-maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Floats, Ints

from .group_sums import group_sum
from .pooling import LITERATURE_MEAN

_FLOOR = 1e-8


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of a level's spread beforehand: a variance, and the number of members that this knowledge is worth."""

    variance: float = 0.25
    members: float = 1.0


@dataclass(frozen=True, slots=True)
class Tree:
    """Posterior of a nested set.

    estimate, variance  posterior means and variances: [0] of the products (n,), then of each level's groups, last of the shop (1,)
    between             variance of each level's members around their group: products, families, ..., categories
    """

    estimate: tuple[Floats, ...]
    variance: tuple[Floats, ...]
    between: tuple[float, ...]

    def interval(self, level: float = 0.9) -> tuple[Floats, Floats]:
        """Central interval of the products' true values: low (n,), high (n,)."""
        reach = ndtri(0.5 + level / 2.0) * np.sqrt(self.variance[0])
        return self.estimate[0] - reach, self.estimate[0] + reach


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Evidence of a level's members: precision (0 where none) and precision times mean, from below and (later) from above."""

    precision: Floats
    weighted: Floats


def pool_nested(
    estimate: Floats,
    variance: Floats,
    parents: tuple[Ints, ...],
    *,
    top_mean: float = LITERATURE_MEAN,
    top_variance: float = 1.0,
    spread: Spread | tuple[Spread, ...] = Spread(),
    steps: int = 500,
    tolerance: float = 1e-7,
) -> Tree:
    """Posterior of every product, group and the shop.

    estimate, variance  (n,) product estimates and squared standard errors; an infinite variance means no estimate
    parents             parents[0] (n,) the family of each product, parents[1] the category of each family, ...; the shop stands above all
    top_mean, top_variance  prior of the shop's mean
    """
    chain = (*parents, np.zeros(int(parents[-1].max()) + 1 if parents else len(estimate), dtype=np.int64))
    priors = spread if isinstance(spread, tuple) else (spread,) * len(chain)
    between = [prior.variance for prior in priors]
    precision = np.where(np.isfinite(variance), 1.0 / np.maximum(variance, _FLOOR), 0.0)
    leaf = _Evidence(precision, np.where(precision > 0.0, precision * np.nan_to_num(estimate), 0.0))
    for _ in range(steps):
        below = _upward(leaf, chain, between)
        posterior, fresh = _downward(below, chain, between, priors, top_mean, top_variance)
        change = max(abs(new - old) / old for new, old in zip(fresh, between, strict=True))
        between = fresh
        if change < tolerance:
            break
    means, variances = zip(*posterior, strict=True)
    return Tree(tuple(means), tuple(variances), tuple(between))


def _upward(leaf: _Evidence, chain: tuple[Ints, ...], between: list[float]) -> list[_Evidence]:
    """Evidence from below of every level, products first, shop last."""
    below = [leaf]
    for parent, tau2 in zip(chain, between, strict=True):
        child = below[-1]
        passed = 1.0 / (1.0 + tau2 * child.precision)
        size = int(parent.max()) + 1
        below.append(_Evidence(group_sum(parent, child.precision * passed, size), group_sum(parent, child.weighted * passed, size)))
    return below


def _downward(
    below: list[_Evidence], chain: tuple[Ints, ...], between: list[float], priors: tuple[Spread, ...], top_mean: float, top_variance: float
) -> tuple[list[tuple[Floats, Floats]], list[float]]:
    """Posterior (mean, variance) of every level, and the expectation-maximisation update of every spread."""
    shop = below[-1]
    total = shop.precision + 1.0 / top_variance
    posterior = [((shop.weighted + top_mean / top_variance) / total, 1.0 / total)]
    fresh: list[float] = []
    for level in range(len(chain) - 1, -1, -1):
        parent, tau2, child = chain[level], between[level], below[level]
        mean, variance = posterior[0]
        passed = 1.0 / (1.0 + tau2 * child.precision)
        # The parent as its other children and its own parent see it: this child's message taken away.
        other = 1.0 / variance[parent] - child.precision * passed
        centre = (mean[parent] / variance[parent] - child.weighted * passed) / other
        prior = 1.0 / other + tau2
        precision = child.precision + 1.0 / prior
        posterior.insert(0, ((child.weighted + centre / prior) / precision, 1.0 / precision))
        gain = tau2 * child.precision / (1.0 + prior * child.precision)
        deviation = np.where(child.precision > 0.0, gain * (child.weighted / np.maximum(child.precision, 1e-300) - centre), 0.0)
        moment = float(np.sum(deviation**2 + tau2 * (1.0 - gain)))
        known = priors[level]
        fresh.insert(0, max((moment + known.members * known.variance) / (len(parent) + known.members), _FLOOR))
    return posterior, fresh
