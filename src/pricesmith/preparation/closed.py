"""Periods in which a whole place (channel and region) was not observed: a closed store, or a hole in its data."""

from __future__ import annotations

import polars as pl

ITEMS = 3
"""Items of a place from which their silence together tells something."""
MOST = 0.5
"""Share of the shop's periods, between the place's first and last row, in which the place has rows."""
TRAILING = 4
"""Last periods of the shop in which a silent place may be one whose rows are not there yet; after more it is taken to have closed."""
DAYS, USUAL = 7, 8.0
"""Rows of days: a place is silent after so many days without a row, and after so many times its usual distance between days with one."""
PLACE = ("channel", "region")


def unobserved(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """Columns item, date of periods that are no periods without a sale but periods that nobody saw.

    rows  columns item, date: the sales rows of a shop whose rows total weeks or months
    keys  columns item, channel, region

    A place of three items or more that has rows in most of the shop's periods, and in one of them none at all, was not observed then;
    nor was one whose rows end at most TRAILING periods before those of the shop.
    """
    sold = rows.select("item", "date").join(keys.select("item", *PLACE), on="item")
    places = _places(sold)
    periods = rows.select(pl.col("date").unique())
    inside = places.join(periods, how="cross")
    after = (pl.col("date") > pl.col("last")).sum().over(PLACE)
    inside = inside.filter((pl.col("date") >= pl.col("first")) & ((pl.col("date") <= pl.col("last")) | (after <= TRAILING)))
    seen = sold.select(*PLACE, "date").unique().with_columns(seen=pl.lit(True))
    told = inside.join(seen, on=[*PLACE, "date"], how="left").with_columns(pl.col("seen").fill_null(False))
    silent = told.filter(~pl.col("seen") & (pl.col("seen").mean().over(PLACE) > MOST))
    return silent.select(*PLACE, "date").join(keys.select("item", *PLACE), on=PLACE).select("item", "date").sort("item", "date")


def quiet(rows: pl.DataFrame, keys: pl.DataFrame, period: str) -> pl.DataFrame:
    """Places whose rows have ended before those of the shop though they usually sell: channel, region, `last` (their last period).

    rows  columns item, date: the sales rows of a shop;  keys: columns item, channel, region;  period: what a row totals

    Of weeks and months those are told of which the last periods count as not observed.
    """
    sold = rows.select("item", "date").join(keys.select("item", *PLACE), on="item")
    last = rows["date"].max()
    ended = _places(sold).filter(pl.col("last") < last)
    if period != "day":
        gone = unobserved(rows, keys).join(keys.select("item", *PLACE), on="item").join(ended, on=PLACE)
        return gone.filter(pl.col("date") > pl.col("last")).select(*PLACE, "last").unique().sort(PLACE)
    days = sold.select(*PLACE, "date").unique().sort(*PLACE, "date")
    usual = days.group_by(PLACE).agg(pl.col("date").diff().dt.total_days().median().alias("usual"))
    silence = (pl.lit(last) - pl.col("last")).dt.total_days()
    silent = ended.join(usual, on=PLACE).filter((silence >= DAYS) & (silence > USUAL * pl.col("usual")))
    return silent.select(*PLACE, "last").sort(PLACE)


def _places(sold: pl.DataFrame) -> pl.DataFrame:
    """channel, region, items, first, last of the places of ITEMS items or more."""
    places = sold.group_by(PLACE).agg(
        pl.col("item").n_unique().alias("items"), pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    return places.filter(pl.col("items") >= ITEMS)
