"""Which offers of competitors can be for the same product, and what they say together: one meaning for preparation, rules and guards.

An offer is likely while it is between half and twice the product's own median price, and odd where, with three offers or more, it is
further than 5 scaled median deviations (in logs) from their median. What is left says one reference price: see REFERENCES.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import polars as pl

LOW, HIGH = 0.5, 2.0
"""Offers outside these multiples of the own price are of another product, or a slip."""
DEVIATIONS = 5.0
LEAST_SPREAD = 0.02
"""Scaled median deviation (in logs) below which offers that agree would shut out every other one."""
LEAST_SELLERS = 3
_SCALE = 1.4826

Reference = Literal["median", "cheapest", "second", "average"]
REFERENCES: dict[Reference, Callable[[pl.Expr], pl.Expr]] = {
    "median": lambda offer: offer.median(),
    "cheapest": lambda offer: offer.min(),
    "second": lambda offer: offer.drop_nulls().bottom_k(2).max(),
    "average": lambda offer: offer.mean(),
}
"""What the valid offers of a product say together; `second` is the second cheapest, or the only one. Null offers count for nothing."""


def column_of(reference: Reference) -> str:
    """Column of table ITEMS that has it."""
    return "competitor_price" if reference == "median" else f"competitor_{reference}"


def likely(offer: pl.Expr, own: pl.Expr) -> pl.Expr:
    """True where an offer can be for the same product as the own price; also where that is unknown."""
    return (offer / own).is_between(LOW, HIGH).fill_null(True)


def odd(logs: pl.Expr, by: list[str]) -> pl.Expr:
    """True where the logarithm of an offer is far from those of its group; null offers count for nothing."""
    centre = logs.median().over(by)
    spread = pl.max_horizontal((logs - centre).abs().median().over(by) * _SCALE, pl.lit(LEAST_SPREAD))
    return ((logs - centre).abs() > DEVIATIONS * spread) & (logs.count().over(by) >= LEAST_SELLERS)
