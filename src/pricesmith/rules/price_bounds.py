"""Price bounds: the lowest and highest price that the product table, or the rule itself, allows."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.money import ceil_minor, exponent, floor_minor
from pricesmith.contracts.rule import Context, Limits, Positive, Rule, numbers

Bound = Literal["min_price", "max_price", "map_price", "rrp"]


class PriceBounds(Rule, frozen=True, kw_only=True, tag="price_bounds"):
    """A price stays between min_price and max_price, not below map_price and not above rrp of the product table.

    An empty cell sets no bound. `min_price` and `max_price` of the rule itself, in major units, bound every product that it is about.
    A product left without any floor in the tables (no landed cost above 0, no min_price) is held as `missing_floor`.
    """

    columns: Annotated[
        tuple[Bound, ...], Meta(description="columns of the product table that count: min_price, max_price, map_price, rrp; all by default")
    ] = ("min_price", "max_price", "map_price", "rrp")
    min_price: Annotated[Positive | None, Meta(description="lowest price of every product that the rule is about, in major units")] = None
    max_price: Annotated[Positive | None, Meta(description="highest price of every product that the rule is about, in major units")] = None

    def __post_init__(self) -> None:
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            raise Contradiction("min_price", f"min_price {self.min_price:g} is above max_price {self.max_price:g}", "swap them")
        if not self.columns and self.min_price is None and self.max_price is None:
            raise Contradiction("columns", "the rule sets no bound", "name columns, or give min_price or max_price")

    def agree(self, other: Rule) -> None:
        if (
            isinstance(other, PriceBounds)
            and self.min_price is not None
            and other.max_price is not None
            and self.min_price > other.max_price
        ):
            raise Contradiction("min_price", f"min_price {self.min_price:g} is above max_price {other.max_price:g}", "swap them")

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        limits, about = Limits.none(items.height), self.selects(items)
        scale = 10.0 ** exponent(context.currency)
        low, high = np.full(items.height, np.nan), np.full(items.height, np.nan)
        for column in self.columns:
            if column in ("min_price", "map_price"):
                low = np.fmax(low, numbers(items, column))
            else:
                high = np.fmin(high, numbers(items, column))
        if self.min_price is not None:
            low = np.fmax(low, ceil_minor(np.asarray(self.min_price * scale)))
        if self.max_price is not None:
            high = np.fmin(high, floor_minor(np.asarray(self.max_price * scale)))
        limits.low[about] = np.where(np.isnan(low), -np.inf, low)[about]
        limits.high[about] = np.where(np.isnan(high), np.inf, high)[about]
        limits.hold[about & _bottomless(items)] = "missing_floor"
        return limits


def _bottomless(items: pl.DataFrame) -> Flags:
    return ~(numbers(items, "landed_cost") > 0) & ~(numbers(items, "min_price") > 0)


RULE = PriceBounds

EXAMPLE = """
[[rule]]
kind = "price_bounds"
columns = ["min_price", "map_price", "rrp"]
max_price = 999.0
where = { category = "home/*" }
"""
