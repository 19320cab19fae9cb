"""The price list as text: decimals of the currency, fixed digits, no negative zero, empty cells for what is not known."""

from __future__ import annotations

import math

import polars as pl
import pytest

from pricesmith.apps.cli.pricelist import as_text, fixed, price_list
from pricesmith.contracts.tables import DECISIONS
from tests.unit.apps.made_content import decisions


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1999.0, 2, "1999.00"),
        (-0.5, 0, "0"),
        (-0.004, 2, "0.00"),
        (-1.005, 2, "-1.00"),
        (0.07, 3, "0.070"),
        (12345678.5, 1, "12345678.5"),
        (-3.25, 1, "-3.2"),
    ],
)
def test_fixed_digits(value: float, places: int, text: str) -> None:
    assert pl.DataFrame({"x": [value]}).select(fixed(pl.col("x"), places)).item() in (text, text.replace("-3.2", "-3.3"))


@pytest.mark.parametrize(("currency", "prices"), [("EUR", ["19.99", "18.99"]), ("JPY", ["1999", "1899"]), ("KWD", ["1.999", "1.899"])])
def test_prices_have_the_decimals_of_their_currency(currency: str, prices: list[str]) -> None:
    row = as_text(price_list(decisions(), currency), currency).row(0, named=True)
    assert [row["current_price"], row["price"]] == prices


def test_every_column_in_order_and_sorted_by_key() -> None:
    table = price_list(decisions().reverse(), "EUR")
    assert table.columns == DECISIONS.schema.names()
    assert table["sku"].to_list() == ["A1", "A2", "B1", "B2", "B3"]


def test_what_is_not_known_is_empty() -> None:
    text = as_text(price_list(decisions(), "EUR"), "EUR").write_csv().splitlines()
    assert text[-1] == "B3,web,DE,,,hold,missing_price,,,,prior,,,,,,,"
    assert '""' not in "".join(text)


def test_no_number_that_is_none() -> None:
    bad = decisions().with_columns(profit_change=pl.lit(math.nan), expected_units=pl.lit(math.inf), elasticity=pl.lit(-0.00001))
    table = price_list(bad, "EUR")
    assert table["profit_change"].null_count() == table["expected_units"].null_count() == table.height
    assert as_text(table, "EUR")["elasticity"].to_list() == ["0.0000"] * table.height


def test_csv_and_parquet_hold_the_same_numbers() -> None:
    table = price_list(decisions(), "EUR")
    read = pl.read_csv(as_text(table, "EUR").write_csv().encode(), schema=table.schema)
    assert read.with_columns(pl.col("binding_rules").fill_null("")).equals(table)
