"""What new prices did, read from clusters that kept theirs by chance.

Each cluster is one observation: profit since, over the profit that was expected of it at old prices. Because the draw decided alone which
cluster kept its prices, the two ratios differ only by what the prices did, whatever else happened to demand. Products of one cluster
substitute one another, so a comparison of single products would count a sale that moved from one to the other twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats

Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Readout:
    """The effect of new prices on profit.

    lift       profit with new prices over profit with old ones, less 1, with its standard error and 90 % interval
    low, high  the interval
    treated, kept   number of clusters
    """

    lift: float
    error: float
    low: float
    high: float
    treated: int
    kept: int


def readout(profit: Floats, expected: Floats, kept: Flags, propensity: Floats) -> Readout | None:
    """Ratio of ratios with inverse-propensity weights; its variance by linearisation over clusters. None with fewer than two on a side.

    profit      (c,) realised since the draw
    expected    (c,) expected of the same days at old prices: what makes large and small clusters comparable
    kept        (c,) True where the draw kept the old prices
    propensity  (c,) chance with which the draw let the cluster's prices change

    Hajek ratio on each side (Saerndal, Swensson & Wretman 1992, 5.7.1); the delta method for their ratio.
    """
    sides = [
        _ratio(profit[side], expected[side], weight[side])
        for side, weight in ((~kept, 1.0 / propensity), (kept, 1.0 / np.maximum(1.0 - propensity, 1e-12)))
    ]
    if any(side is None for side in sides):
        return None
    (new, new_variance), (old, old_variance) = sides  # type: ignore[misc]
    if old <= 0:
        return None
    ratio = new / old
    error = float(np.sqrt(new_variance / old**2 + ratio**2 * old_variance / old**2))
    return Readout(ratio - 1.0, error, ratio - 1.0 - Z90 * error, ratio - 1.0 + Z90 * error, int((~kept).sum()), int(kept.sum()))


def _ratio(profit: Floats, expected: Floats, weight: Floats) -> tuple[float, float] | None:
    """Weighted sum of profits over that of expectations, and its variance; None with fewer than two clusters."""
    base = float((weight * expected).sum())
    if profit.size < 2 or base <= 0:
        return None
    ratio = float((weight * profit).sum() / base)
    residual = weight * (profit - ratio * expected)
    return ratio, float(residual.size / (residual.size - 1) * (residual**2).sum() / base**2)


def summed(values: Floats, cluster: Floats, count: int) -> Floats:
    """(count,) sums of a product's values by cluster number."""
    return np.asarray(np.bincount(cluster.astype(np.int64), values, count), dtype=np.float64)
