"""What new prices did, read from clusters that kept theirs by chance.

Each cluster is one observation: profit since, over the profit that was expected of it at old prices. Because the draw decided alone which
cluster kept its prices, the two ratios differ only by what the prices did, whatever else happened to demand. Products of one cluster
substitute one another, so a comparison of single products would count a sale that moved from one to the other twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from pricesmith.contracts.curves import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Readout:
    """The effect of new prices on profit.

    lift       profit with new prices over profit with old ones, less 1;  error its standard error
    low, high  its 90 % interval
    treated, kept   number of clusters
    """

    lift: float
    error: float
    low: float
    high: float
    treated: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Side:
    """Profit over expectation of the clusters of one arm, the variance of that ratio, and the number of clusters."""

    ratio: float
    variance: float
    clusters: int


def readout(profit: Floats, expected: Floats, kept: Flags, propensity: Floats) -> Readout | None:
    """Ratio of ratios with inverse-propensity weights; its variance by linearisation over clusters.

    profit      (c,) realised since the draw
    expected    (c,) expected of the same days at old prices: what makes large and small clusters comparable
    kept        (c,) True where the draw kept the old prices
    propensity  (c,) chance with which the draw let the cluster's prices change

    None where an arm has fewer than two clusters, expects no profit, or where the old prices brought none.
    Hajek ratio in each arm and its variance (Saerndal, Swensson & Wretman 1992, Model Assisted Survey Sampling, 5.7), the delta method for
    the ratio of the two, Student's t with Satterthwaite's degrees of freedom (1946, Biometrics Bulletin 2) for the interval.
    """
    chance = np.where(kept, 1.0 - propensity, propensity)
    new, old = (_side(profit[arm], expected[arm], 1.0 / np.maximum(chance[arm], 1e-12)) for arm in (~kept, kept))
    if new is None or old is None or old.ratio <= 0:
        return None
    ratio = new.ratio / old.ratio
    parts = new.variance / old.ratio**2, ratio**2 * old.variance / old.ratio**2
    variance = sum(parts)
    freedom = sum(part**2 / (side.clusters - 1) for part, side in zip(parts, (new, old), strict=True))
    width = float(stdtrit(variance**2 / freedom, 0.95)) * variance**0.5 if freedom > 0 else 0.0
    return Readout(ratio - 1.0, float(variance**0.5), ratio - 1.0 - width, ratio - 1.0 + width, new.clusters, old.clusters)


def _side(profit: Floats, expected: Floats, weight: Floats) -> _Side | None:
    """One arm; None with fewer than two clusters, or where nothing is expected of them."""
    base = float((weight * expected).sum())
    if profit.size < 2 or base <= 0:
        return None
    ratio = float((weight * profit).sum()) / base
    residual = weight * (profit - ratio * expected)
    return _Side(ratio, float(residual.size / (residual.size - 1) * (residual**2).sum()) / base**2, profit.size)


def summed(values: Floats, cluster: Ints, count: int) -> Floats:
    """(count,) sums of values by cluster number."""
    return np.asarray(np.bincount(cluster, values, count), dtype=np.float64)
