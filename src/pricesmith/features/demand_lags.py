"""Demand before the row's origin, per day in which the product could be bought. Never that of the row's own day."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def units_7(known: Known) -> Floats:
    """Units per available period in the 7 days before."""
    return known.rate("units", 7)


def units_28(known: Known) -> Floats:
    """Units per available period in the 28 days before."""
    return known.rate("units", 28)


def units_91(known: Known) -> Floats:
    """Units per available period in the 91 days before."""
    return known.rate("units", 91)


def units_year_ago(known: Known) -> Floats:
    """Units per available period in the 28 days around the same day a year ago."""
    return known.rate("units", 28, skip=350)


def units_trend(known: Known) -> Floats:
    """Log of the rate of the last 28 days over that of the 91 days before, each with one unit added a window so that zeros have a trend."""
    exposure_28, exposure_91 = known.total("exposure", 28), known.total("exposure", 91)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log((known.total("units", 28) + 1.0) / exposure_28) - np.log((known.total("units", 91) + 1.0) / exposure_91)
    return np.where((exposure_28 > 0) & (exposure_91 > 0), ratio, np.nan)


def sold_share_28(known: Known) -> Floats:
    """Share of the periods with a sale in the 28 days before."""
    return known.rate("sold", 28, per="rows")


def days_since_sale(known: Known) -> Floats:
    """Days since the last sale before."""
    return known.day - known.last("sold_on")


def category_units_28(known: Known) -> Floats:
    """Units per available item and period of the widest category in the 28 days before."""
    return known.rate("units", 28, of="market")


def category_units_year_ago(known: Known) -> Floats:
    """Units per available item and period of the widest category in the 28 days around the same day a year ago."""
    return known.rate("units", 28, skip=350, of="market")


FAMILY = Family(
    "demand_lags",
    (
        units_7,
        units_28,
        units_91,
        units_year_ago,
        units_trend,
        sold_share_28,
        days_since_sale,
        category_units_28,
        category_units_year_ago,
    ),
)
