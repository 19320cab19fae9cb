"""Shops of many products: Polars works on long tables by other ways than on short ones."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.contracts.policy import Policy
from pricesmith.preparation.items import named_tax

MANY = 50_000
"""Rows beyond which a filter by an expression without a column failed."""


@pytest.mark.parametrize("tax", ["net", "gross"])
def test_a_shop_of_many_products_can_ask_who_names_no_tax(tax: str) -> None:
    policy = Policy(currency="EUR", tax=tax)  # type: ignore[arg-type]
    products = pl.DataFrame({"sku": [f"p{number}" for number in range(MANY)], "tax_rate": [0.2, None] * (MANY // 2)})
    silent = products.filter(named_tax(policy).is_null())
    assert silent.height == (0 if tax == "net" else MANY // 2)
    assert products.select(named_tax(policy).fill_null(0.0)).height == MANY
