"""How much may be sold: not only what is expected, but the luck of the days ahead too. Of a product at a price, and of a shop today."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv

from pricesmith.contracts.curves import Z90, Curves, Floats
from pricesmith.demand.hindsight import Noise
from pricesmith.engine import Decided
from pricesmith.flows.desk.product.curve import Candidate
from pricesmith.monitoring.outcome import COMMON, interval


def sellable(decided: Decided, item: int, at: Candidate | None, days: int) -> tuple[float, float] | None:
    """Units a day between which nine in ten of what is sold in the days ahead should lie.

    at  what is expected at the price with its interval, of which the noise of demand is no part
    None where the price is no candidate, nothing is expected, or the model does not tell its noise.
    """
    tell = getattr(decided.shop.demand, "noise", None)
    if tell is None or at is None or not at.lo > 0.0:
        return None
    unsure = np.log(at.hi / at.lo) / (2.0 * Z90)
    noise = tell(np.array([item]), days)
    low, high = interval(np.array([at.units * days]), unsure**2 + noise.lasting + noise.passing + noise.together)
    return float(low[0]) / days, float(high[0]) / days


def sum_range(curves: Curves, noise: Noise, worth: Floats, days: int) -> tuple[float, float]:
    """90 % interval of what m items may bring a day at their current prices, over so many days.

    curves, noise  of the items, see `ResponseDemand.noise`;  worth: (m,) what one unit counts, NaN for nothing
    """
    each = np.nan_to_num(worth)
    mean = each * curves.base
    spread = curves.level.var(axis=1) + noise.lasting + noise.passing
    alone = float((each**2 * curves.base).sum()) / days + float((spread * mean**2).sum())
    return around_sum(float(mean.sum()), alone, np.zeros(1), noise.together, positive=bool((each >= 0).all()))


def around_sum(mean: float, alone: float, price: Floats, together: float, *, positive: bool) -> tuple[float, float]:
    """90 % interval of a sum over items.

    alone  variance of what each does by itself;  together: variance of the log of all at once
    price  (n,) standard deviation of each for what is not known of its elasticity: half of that variance is common to all, as in
           `optimization.expectations`
    positive  no part can be below zero
    """
    variance = alone + (1.0 - COMMON) * float((price**2).sum()) + COMMON * float(price.sum()) ** 2 + together * mean**2
    if positive and mean > 0.0:
        low, high = gammaincinv(shape := mean**2 / variance, np.array([0.05, 0.95])) * mean / shape
        return float(low), float(high)
    width = Z90 * float(np.sqrt(variance))
    return mean - width, mean + width
