"""The purchase cost of one product becomes another; shipping and fees stay."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import to_minor

from ._change import Change, field
from ._product import product_of


class SetCost(Change, frozen=True, kw_only=True, tag="set_cost"):
    """One product is bought at this cost, by its SKU alone wherever it is sold; what a unit costs beside it (shipping) stays."""

    product: Annotated[str, field("product", "SKU of the product, or SKU · channel · region")]
    cost: Annotated[float, field("price", "its purchase cost, major currency units", gt=0.0)]

    def world(self, items: pl.DataFrame, currency: str) -> pl.DataFrame:
        minor = to_minor(self.cost, currency)
        if minor is None or minor < 1:
            raise UsageError(f"{self.cost} is no cost", hint=f"an amount of {currency}, such as 9.99")
        everywhere = pl.col("sku") == self.product.strip()
        meant = everywhere if items.select(everywhere.any()).item() else pl.col("item") == product_of(items, self.product)
        beside = (pl.col("landed_cost") - pl.col("unit_cost")).fill_null(0.0)
        return items.with_columns(
            landed_cost=pl.when(meant).then(minor + beside).otherwise("landed_cost"),
            unit_cost=pl.when(meant).then(float(minor)).otherwise("unit_cost"),
        )


SCENARIO = SetCost
