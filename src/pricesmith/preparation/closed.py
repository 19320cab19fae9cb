"""Periods in which a whole place (channel and region) was not observed: a closed store, or a hole in its data."""

from __future__ import annotations

import polars as pl

ITEMS = 3
"""Items of a place from which their silence together tells something."""
MOST = 0.5
"""Share of the shop's periods, between the place's first and last row, in which the place has rows."""
PLACE = ("channel", "region")


def unobserved(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Columns item, date of periods that are no periods without a sale but periods that nobody saw.

    rows  columns item, date: the sales rows of a shop whose rows total weeks or months
    keys  columns item, channel, region

    A place of three items or more that has rows in most of the shop's periods, and in one of them none at all, was not observed then.
    """
    sold = rows.select("item", "date").join(keys.select("item", *PLACE), on="item")
    places = sold.group_by(PLACE).agg(
        pl.col("item").n_unique().alias("items"), pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    periods = rows.select(pl.col("date").unique())
    inside = places.filter(pl.col("items") >= ITEMS).join(periods, how="cross")
    inside = inside.filter(pl.col("date").is_between("first", "last"))
    seen = sold.select(*PLACE, "date").unique().with_columns(seen=pl.lit(True))
    told = inside.join(seen, on=[*PLACE, "date"], how="left").with_columns(pl.col("seen").fill_null(False))
    silent = told.filter(~pl.col("seen") & (pl.col("seen").mean().over(PLACE) > MOST))
    return silent.select(*PLACE, "date").join(keys.select("item", *PLACE), on=PLACE).select("item", "date").sort("item", "date")
