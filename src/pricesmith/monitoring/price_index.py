"""How dear the shop is beside its competitors, over time: what was sold, at our prices and at theirs."""

from __future__ import annotations

import polars as pl

INDEX = pl.Schema({"date": pl.Date, "index": pl.Float64, "products": pl.Int64, "share": pl.Float64})
"""One row a stretch of time: its first day; our prices over competitors'; products with a competitor's price; their share of revenue."""
STRETCH = {"day": "1w", "week": "1w", "month": "1mo"}


def price_index(cells: pl.DataFrame, period: str) -> pl.DataFrame:
    """Rows of INDEX, in order; stretches in which no product with a competitor's price was sold are left out.

    cells   rows of table CELLS
    period  of the cells: `day`, `week` or `month`

    A Paasche index: the units sold, at the prices charged, over the same units at the median of competitors' offers of that time.
    """
    known = pl.col("competitor_price").is_not_null() & (pl.col("competitor_price") > 0)
    own, theirs = pl.col("units") * pl.col("price"), pl.col("units") * pl.col("competitor_price")
    sums = (
        cells.filter((pl.col("units") > 0) & pl.col("price").is_finite())
        .group_by(pl.col("date").dt.truncate(STRETCH[period]))
        .agg(
            own=own.filter(known).sum(),
            theirs=theirs.filter(known).sum(),
            products=pl.col("item").filter(known).n_unique().cast(pl.Int64),
            all=own.sum(),
        )
        .filter(pl.col("theirs") > 0)
        .sort("date")
    )
    shown = sums.with_columns(index=pl.col("own") / pl.col("theirs"), share=pl.col("own") / pl.col("all"))
    return shown.select(INDEX.names())
