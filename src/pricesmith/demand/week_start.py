"""The weekday on which a shop's weeks begin, as its shocks show it: deliveries, campaigns and habits change demand on some day."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .blocks import nest
from .shock_moments import covariance_inside

WEEK = 7


def week_start(item: Ints, day: Ints, units: Floats, mean: Floats, dispersion: float) -> int:
    """Days to add to the day numbers, 0 to 6, so that weeks of shocks are whole weeks (day // 7).

    item, day    (N,) rows sorted by item and day;  units, mean (N,) sold and fitted
    dispersion   variance of a row beyond Poisson as a share of its squared mean

    Two days of one week share the week's shock, two days astride its border only what it hands on. So weeks that are cut where the shop
    cuts them have the largest covariance inside.
    """
    trust = 1.0 / (1.0 + dispersion * mean)
    residual, scaled = (units - mean) * trust, mean * trust
    inside = [covariance_inside(nest(item, day + shift, (WEEK,)).starts[0], residual, scaled) for shift in range(WEEK)]
    return int(np.argmax(inside))
