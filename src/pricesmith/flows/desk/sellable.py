"""How much may be sold: not only what is expected, but the luck of the days ahead too. Of a product at a price, and of a shop today."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Z90, Curves, Floats
from pricesmith.engine import Decided
from pricesmith.monitoring.outcome import COMMON, interval

from .curve import Candidate


def sellable(decided: Decided, item: int, at: Candidate | None, days: int) -> tuple[float, float] | None:
    """Units a day between which nine in ten of what is sold in the days ahead should lie.

    at  what is expected at the price with its interval, of which the noise of demand is no part
    None where the price is no candidate, nothing is expected, or the model does not tell its noise.
    """
    tell = getattr(decided.shop.demand, "noise", None)
    if tell is None or at is None or not at.lo > 0.0:
        return None
    unsure = np.log(at.hi / at.lo) / (2.0 * Z90)
    lasting, passing = tell(np.array([item]), days)
    low, high = interval(np.array([at.units * days]), unsure**2 + lasting + passing)
    return float(low[0]) / days, float(high[0]) / days


def sum_range(curves: Curves, noise: tuple[Floats, Floats], worth: Floats, days: int) -> tuple[float, float]:
    """90 % interval of what m items may bring a day at their current prices, over so many days.

    curves, noise  of the items, see `ResponseDemand.noise`;  worth: (m,) what one unit counts, NaN for nothing
    """
    each, (lasting, passing) = np.nan_to_num(worth), noise
    mean = each * curves.base
    stays = mean * np.sqrt(curves.level.var(axis=1) + lasting)
    alone = float((each**2 * curves.base).sum()) / days + float((passing * mean**2).sum())
    return around_sum(float(mean.sum()), alone, stays)


def around_sum(mean: float, alone: float, stays: Floats) -> tuple[float, float]:
    """90 % interval of a sum. alone: variance of what each part does by itself;  stays: standard deviation of what lasts of each.

    Half of the variance that lasts is common to all parts, as in `optimization.expectations`.
    """
    variance = alone + (1.0 - COMMON) * float((stays**2).sum()) + COMMON * float(stays.sum()) ** 2
    width = Z90 * float(np.sqrt(variance))
    return mean - width, mean + width
