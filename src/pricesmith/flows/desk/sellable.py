"""How much of a product may be sold at a price: not only what is expected, but the luck of the days ahead too."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Z90
from pricesmith.engine import Decided
from pricesmith.monitoring.outcome import interval

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
    low, high = interval(np.array([at.units * days]), np.array([unsure**2 + tell(item, days)]))
    return float(low[0]) / days, float(high[0]) / days
