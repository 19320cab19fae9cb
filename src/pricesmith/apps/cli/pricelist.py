"""The price list as it is written: prices with the decimals of the currency, other numbers with a fixed number of digits."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.money import exponent, major_expr
from pricesmith.contracts.tables import DECISIONS

ELASTICITY_DIGITS, UNIT_DIGITS, MONEY_DIGITS = 4, 5, 3
"""Digits after the point; money has this many more than the currency's own."""

PRICES = ("current_price", "price")


def price_list(decisions: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Table DECISIONS with prices in major units, sorted by its key, ready for Parquet."""
    table = decisions.select(DECISIONS.schema.names()).sort(DECISIONS.key)
    numbers = [rounded(pl.col(column.name), digits(column.name, currency)) for column in DECISIONS.columns if column.kind == "number"]
    return table.with_columns(*(major_expr(pl.col(name), currency).alias(name) for name in PRICES), *numbers)


def as_text(table: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The price list with every number as text of fixed form, ready for CSV; null is an empty cell."""
    prices = [fixed(pl.col(name), exponent(currency)) for name in PRICES]
    numbers = [fixed(pl.col(column.name), digits(column.name, currency)) for column in DECISIONS.columns if column.kind == "number"]
    return table.with_columns(*prices, *numbers, binding_rules=pl.col("binding_rules").replace("", None))


def digits(column: str, currency: str) -> int:
    if column.startswith("elasticity"):
        return ELASTICITY_DIGITS
    return UNIT_DIGITS if column == "expected_units" else exponent(currency) + MONEY_DIGITS


def rounded(column: pl.Expr, places: int) -> pl.Expr:
    """Rounded, with no negative zero; what is not finite is null."""
    value = pl.when(column.is_finite()).then(column.round(places))
    return (value + 0.0).name.keep()


def fixed(column: pl.Expr, places: int) -> pl.Expr:
    """Text with exactly `places` digits after the point."""
    scaled = (column.abs() * 10.0**places).round(0).cast(pl.Int64)
    sign = pl.when((column < 0) & (scaled > 0)).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (scaled // 10**places).cast(pl.String)
    rest = (scaled % 10**places).cast(pl.String).str.zfill(places)
    return pl.concat_str(sign, whole, *([pl.lit("."), rest] if places else [])).name.keep()
