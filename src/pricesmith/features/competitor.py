"""Competitors' prices as last seen before the row's day."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def competitor_known(known: Known) -> Floats:
    """1 where a valid offer of a competitor was known the day before."""
    return np.isfinite(known.last("competitor_price")).astype(np.float64)


def log_competitor_price(known: Known) -> Floats:
    """Log of the last competitor price before."""
    return np.log(known.last("competitor_price"))


def price_relative_to_competitor(known: Known) -> Floats:
    """Log of own price over the last competitor price before."""
    return np.log(known.price) - log_competitor_price(known)


def competitor_change_28(known: Known) -> Floats:
    """Log of the last competitor price before over its mean in the 28 days before."""
    return log_competitor_price(known) - np.log(known.rate("competitor_days", 28, per="offered_days"))


FAMILY = Family("competitor", (competitor_known, log_competitor_price, price_relative_to_competitor, competitor_change_28))
