"""Promotions as days: which product was promoted in which period, and how deep."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.snapshot import PERIOD_DAYS

MOST_OF_PERIOD = 0.5
"""A week or month counts as promoted where at least this share of it is."""


def promotion_days(promotions: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Days from `first` to `last` with a promotion: columns sku, date, depth (the deepest of the day; null where unknown)."""
    inside = promotions.filter((pl.col("start") <= last) & (pl.col("end") >= first))
    days = inside.select(
        "sku", pl.date_ranges(pl.max_horizontal("start", pl.lit(first)), pl.min_horizontal("end", pl.lit(last))).alias("date"), "depth"
    )
    return days.explode("date").group_by("sku", "date").agg(pl.col("depth").max()).sort("sku", "date")


def promotion_periods(promotions: pl.DataFrame, grid: pl.Series, period: str, end: dt.date) -> pl.DataFrame:
    """The same by period.

    grid  first days of the periods, ascending
    end   first day after the last period that counts
    """
    if not len(grid) or not promotions.height:
        return pl.DataFrame(schema={"sku": pl.String, "date": pl.Date, "depth": pl.Float64})
    days = promotion_days(promotions, grid[0], end - dt.timedelta(days=1))
    if period == "day":
        return days
    starts = pl.DataFrame({"start": grid})
    dated = days.sort("date").join_asof(starts, left_on="date", right_on="start", strategy="backward")
    share = pl.len() / PERIOD_DAYS[period]
    periods = dated.group_by("sku", "start").agg(pl.col("depth").max(), share.alias("share"))
    return periods.filter(pl.col("share") >= MOST_OF_PERIOD).select("sku", pl.col("start").alias("date"), "depth").sort("sku", "date")
