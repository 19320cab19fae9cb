"""Stock-outs: the share of each period in which a product could be bought."""

from __future__ import annotations

import polars as pl

PARTIAL = 0.5
"""A product sold out during a day was there for half of it: the hour is unknown, so uniform over the day."""


def with_availability(cells: pl.DataFrame, stock: pl.DataFrame, grid: pl.Series, period: str) -> pl.DataFrame:
    """Add `available` (0 to 1).

    cells  columns sku, date, units and more
    stock  table STOCK before the day of the run
    grid   first days of the periods, ascending

    A day with `out_of_stock` = 1 has share 0. Otherwise a day that ends with nothing on hand has share 1/2 where something was sold, and
    0 where nothing was and `out_of_stock` does not say 0. A week or month has the mean of its days. Without a stock row the share is 1.
    """
    if not stock.height or not len(grid):
        return cells.with_columns(pl.lit(1.0).alias("available"))
    if period != "day":
        starts = pl.DataFrame({"start": grid})
        stock = stock.sort("date").join_asof(starts, left_on="date", right_on="start", strategy="backward").with_columns(date="start")
    out = pl.col("out_of_stock").fill_null(0) == 1
    bare = ~out & (pl.col("on_hand") <= 0)
    denied = bare & (pl.col("out_of_stock") == 0).fill_null(False)
    days = stock.group_by("sku", "date").agg(out.mean().alias("_out"), bare.mean().alias("_bare"), (bare & ~denied).mean().alias("_silent"))
    joined = cells.join(days, on=["sku", "date"], how="left", maintain_order="left")
    sold = 1.0 - pl.col("_out") - PARTIAL * pl.col("_bare")
    unsold = 1.0 - pl.col("_out") - pl.col("_silent")
    share = pl.when(pl.col("units") > 0).then(sold).otherwise(unsold).fill_null(1.0).clip(0.0, 1.0)
    return joined.with_columns(share.alias("available")).drop("_out", "_bare", "_silent")
