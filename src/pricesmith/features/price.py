"""The price of a row, by itself and against what was usual before. Logs, so that +0.1 is about 10 percent dearer."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats

from .known import Family, Known
from .past import SAME_PRICE


def log_price(known: Known) -> Floats:
    """Log of the row's own price in major units."""
    return np.log(known.price)


def price_relative_to_usual(known: Known) -> Floats:
    """Log of own price over the mean list price of the 91 days before."""
    return np.log(known.price) - np.log(known.rate("list_days", 91, per="days"))


def price_relative_to_list(known: Known) -> Floats:
    """Log of own price over the last list price before."""
    return np.log(known.price) - np.log(known.last("list_price"))


def price_change(known: Known) -> Floats:
    """Log of own price over the last price charged before."""
    return np.log(known.price) - np.log(known.last("price"))


def days_since_change(known: Known) -> Floats:
    """Days since the list price last changed; 0 where the row's own list price is the change."""
    moved = (known.promo == 0) & (np.abs(price_relative_to_list(known)) > SAME_PRICE)
    return np.where(moved, 0.0, known.day - known.last("changed"))


def changes_in_91_days(known: Known) -> Floats:
    """Number of list price changes in the 91 days before."""
    return known.total("changes", 91)


FAMILY = Family(
    "price",
    (log_price, price_relative_to_usual, price_relative_to_list, price_change, days_since_change, changes_in_91_days),
)
