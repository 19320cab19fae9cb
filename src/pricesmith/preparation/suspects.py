"""Single sales rows whose price cannot be the product's: slips of a decimal place, cents for euros, a pack for a piece."""

from __future__ import annotations

import math

import polars as pl

FACTOR = 5.0
"""A price more than this factor away from the item's median is suspect."""
ENOUGH_ROWS = 4
"""With fewer rows the median of an item says too little; then that of the product over all channels counts."""


def with_suspects(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `suspect` (Boolean) and `off` (price over the median; null where there are too few rows to say).

    rows  columns item, sku, price, units

    Suspect rows teach nothing and are never the current price; their day counts as not observed. A row that gives units away at a
    price of zero is one too.
    """
    priced = pl.when(pl.col("price") > 0).then("price")
    medians = [
        pl.when(priced.is_not_null().sum().over(by) >= ENOUGH_ROWS).then(priced.quantile(0.5, "lower").over(by)) for by in ("item", "sku")
    ]
    rows = rows.with_columns((pl.col("price") / pl.coalesce(medians)).alias("off"))
    far = (pl.col("off").log().abs() > math.log(FACTOR)).fill_null(False)
    return rows.with_columns((far | (pl.col("price") <= 0)).alias("suspect"))
