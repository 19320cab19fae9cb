"""Amounts of a line taken for prices of a unit: they grow as the units do."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

LEAST_ROWS = 12
LEAST_SPREAD = 0.2
"""Standard deviation of the log units of a product, below which its rows are too much alike to tell."""
SLOPE = (0.75, 1.25)
"""Of log price on log units: 1 for amounts, 0 or less for prices."""
LEAST_EXPLAINED = 0.5
"""Share of the variance of its log prices that the units explain, from which a product is doubted."""
LEAST_SHARE = 0.5
"""Share of the products that can be told, from which nothing is priced."""
_TEXT = (
    "the prices of {products} products grow as the units of their rows do: they look like amounts of whole rows, not prices of one unit; "
    "write amount / units as `price`"
)


def check_totals(facts: Facts) -> list[Warning_]:
    """Products whose price is in proportion to the units; blocks where that is so of half of those whose units differ enough to tell."""
    source = "orders" if facts.derived else "sales"
    told = in_proportion(facts.tables["orders"] if facts.derived else facts.rows)
    doubted = told.filter("doubted")
    level = "blocking" if doubted.height >= LEAST_SHARE * told.height else "warning"
    return found("line_totals", source, level, doubted, _TEXT)


def in_proportion(rows: pl.DataFrame) -> pl.DataFrame:
    """Products whose units differ enough to tell, and whether their prices are in proportion to them.

    rows     columns sku, units, price
    returns  columns sku and doubted, a row for each of those products
    """
    logs = rows.lazy().filter((pl.col("units") > 0) & (pl.col("price") > 0)).select("sku", pl.col("units", "price").log())
    spread, shared = pl.col("units").var(), pl.cov("units", "price")
    explained = shared**2 / spread / pl.col("price").var()
    sums = logs.group_by("sku").agg(pl.len(), spread.alias("spread"), (shared / spread).alias("slope"), explained.alias("explained"))
    told = sums.filter((pl.col("len") >= LEAST_ROWS) & (pl.col("spread") > LEAST_SPREAD**2))
    doubted = pl.col("slope").is_between(*SLOPE) & (pl.col("explained").fill_nan(0.0) > LEAST_EXPLAINED)
    return told.select("sku", doubted.alias("doubted")).sort("sku").collect()
