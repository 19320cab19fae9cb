"""A person sets the price of a product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import to_minor

from ._change import Change, field
from ._product import product_of


class SetPrice(Change, frozen=True, kw_only=True, tag="set_price"):
    """One product gets this price, under the same rules; the other prices stay as recommended."""

    product: Annotated[str, field("product", "SKU of the product, or SKU · channel · region")]
    price: Annotated[float, field("price", "its price, major currency units", gt=0.0)]

    def prices(self, items: pl.DataFrame, currency: str) -> Mapping[int, int]:
        minor = to_minor(self.price, currency)
        if minor is None or minor < 1:
            raise UsageError(f"{self.price} is no price", hint=f"an amount of {currency}, such as 9.99")
        return {product_of(items, self.product): minor}


SCENARIO = SetPrice
