"""How sure a figure over many forecasts is, when errors come in clusters: an item's of all periods, and a period's of all items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBABILITY = 0.90
"""That an interval holds the figure of many more such rows."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """What m rows share.

    item    (m,) number of the item
    period  (m,) number of the period; no two rows have both alike
    """

    item: Ints
    period: Ints

    def pick(self, rows: NDArray[np.bool_]) -> Clusters:
        return Clusters(self.item[rows], self.period[rows])


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval at PROBABILITY."""

    value: float
    lo: float
    hi: float

    @property
    def side(self) -> int:
        """1 where all of the interval lies above 0, -1 where below, 0 where it holds 0."""
        return int(self.lo > 0) - int(self.hi < 0)


def estimate(value: float, influence: Floats, clusters: Clusters) -> Estimate | None:
    """The interval of a figure, or None where there are not two items and two periods.

    influence  (m,) what each row adds to the error of the figure, to first order

    Two-way clustered variance: the products of all pairs of rows that share item or period (Cameron, Gelbach and Miller 2011), no
    smaller than either way alone, times G / (G - 1); Student's t with G - 1 degrees, G the smaller number of clusters.
    """
    sums = [np.bincount(np.unique(one, return_inverse=True)[1], influence) for one in (clusters.item, clusters.period)]
    count = min(len(one) for one in sums)
    if count < 2:
        return None
    by_item, by_period = (float(one @ one) for one in sums)
    variance = max(by_item + by_period - float(influence @ influence), by_item, by_period) * count / (count - 1)
    reach = float(stdtrit(count - 1, 0.5 + PROBABILITY / 2)) * variance**0.5
    return Estimate(value, value - reach, value + reach)


def gain(own: Floats, other: Floats, clusters: Clusters) -> Estimate | None:
    """Share by which one summed loss lies below another; None where the other is 0 or there is no interval.

    own, other  (m,) losses of the same rows
    """
    total = float(other.sum())
    if total <= 0:
        return None
    ratio = float(own.sum()) / total
    return estimate(1.0 - ratio, (own - ratio * other) / total, clusters)
