"""Weekly sums as sales history: the same columns as rows have, and how much of each week a sum stands for."""

from __future__ import annotations

import datetime as dt

import polars as pl

from .weekly import ITEM, Weekly, first_bit, last_bit, monday, week_start

WEEK = 7


def weeks_before(weekly: Weekly, as_of: dt.date) -> pl.DataFrame:
    """Sums of the weeks that are over on `as_of` (or all, where the last row is older): columns of a sales row, `bits`, `last`.

    A week that is not over would hold days from `as_of` on, which nothing may see.
    """
    last = weekly.last
    sums = weekly.sums
    if last is None or last >= as_of:
        sums = sums.filter(week_start(pl.col("week")) + pl.duration(days=WEEK) <= as_of)
    start = week_start(pl.col("week"))
    dated = sums.with_columns(start.alias("date"), (start + pl.duration(days=last_bit(pl.col("bits")))).alias("last"))
    ordered = dated.sort("number", "date", "bits").join(weekly.keys, on="number", maintain_order="left")
    return ordered.select(
        "date",
        *ITEM,
        "units",
        "price",
        "promo",
        "promo_kind",
        "list_price",
        pl.lit(None, dtype=pl.Float64).alias("orders"),
        "views",
        "bits",
        "last",
    )


def with_days(cells: pl.DataFrame, rows: pl.DataFrame, unknown: pl.DataFrame, first: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Add `days` in weeks: the days with a row, and for the last price of each week the days on sale without one.

    cells    columns item, date, bits (null where the week was filled in), sorted by item, date and last day
    rows     the observed sums, suspect ones too: item, date, bits
    unknown  item, date of single days that were not observed
    first    item, first: first day on sale
    """
    observed = rows.group_by("item", "date").agg(pl.col("bits").sum().alias("_seen"))
    blind = unknown.select("item", week_start(monday(pl.col("date"))).alias("date")).group_by("item", "date").agg(pl.len().alias("_blind"))
    joined = (
        cells.join(observed, on=["item", "date"], how="left", maintain_order="left")
        .join(blind, on=["item", "date"], how="left", maintain_order="left")
        .join(first, on="item", how="left", maintain_order="left")
    )
    end = pl.min_horizontal(pl.lit(WEEK), (pl.lit(as_of) - pl.col("date")).dt.total_days())
    before = (pl.col("first") - pl.col("date")).dt.total_days().clip(lower_bound=0).fill_null(0)
    missing = end - before - pl.col("_seen").fill_null(0).bitwise_count_ones() - pl.col("_blind").fill_null(0)
    is_last = pl.struct("item", "date").is_last_distinct()
    days = pl.col("bits").fill_null(0).bitwise_count_ones() + pl.when(is_last).then(missing.cast(pl.Int64).clip(lower_bound=0)).otherwise(0)
    counted = joined.with_columns((days / WEEK).alias("days"))
    return counted.filter(pl.col("days") > 0).drop("_seen", "_blind", "first")


def first_days(rows: pl.DataFrame, launched: pl.DataFrame) -> pl.DataFrame:
    """First day on sale of each item: its launch or, where that is unknown or later, its first row. launched: item, launched."""
    seen = rows.group_by("item").agg((pl.col("date") + pl.duration(days=first_bit(pl.col("bits")))).min().alias("seen"))
    return seen.join(launched, on="item", how="left").select("item", pl.min_horizontal("seen", "launched").alias("first"))
