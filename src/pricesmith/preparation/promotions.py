"""Promotions as days: which product was promoted in which period, and how deep."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.snapshot import PERIOD_DAYS, last_of, until

MOST_OF_PERIOD = 0.5
"""A week or month counts as promoted where at least this share of it is."""
AT_ONCE = " + "
"""Between the names of kinds that run at once."""


def promotion_days(promotions: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    """Days from `first` to `last` with a promotion: sku, date, depth (the deepest of the day) and kind (all of it), null where unknown."""
    inside = promotions.filter((pl.col("start") <= last) & (pl.col("end") >= first))
    days = inside.select(
        "sku",
        pl.date_ranges(pl.max_horizontal("start", pl.lit(first)), pl.min_horizontal("end", pl.lit(last))).alias("date"),
        "depth",
        "kind",
    )
    return days.explode("date").group_by("sku", "date").agg(pl.col("depth").max(), _together(pl.col("kind"))).sort("sku", "date")


def _together(kind: pl.Expr) -> pl.Expr:
    """The kinds of promotions that run at once, as one kind."""
    named = kind.drop_nulls().str.split(AT_ONCE).explode().drop_nulls().unique().sort()
    return pl.when(named.len() > 0).then(named.str.join(AT_ONCE)).alias("kind")


def promotion_periods(promotions: pl.DataFrame, grid: pl.Series, period: str, end: dt.date) -> pl.DataFrame:
    """The same by period: most of it in promotion.

    grid  first days of the periods, ascending
    end   first day after the last period that counts
    """
    if not len(grid) or not promotions.height:
        return pl.DataFrame(schema={"sku": pl.String, "date": pl.Date, "depth": pl.Float64, "kind": pl.String})
    days = promotion_days(promotions, grid[0], end - dt.timedelta(days=1))
    if period == "day":
        return days
    starts = pl.DataFrame({"start": grid})
    dated = days.sort("date").join_asof(starts, left_on="date", right_on="start", strategy="backward")
    dated = dated.filter(pl.col("date") <= last_of(pl.col("start"), period))
    share = pl.len() / PERIOD_DAYS[period]
    periods = dated.group_by("sku", "start").agg(pl.col("depth").max(), _together(pl.col("kind")), share.alias("share"))
    lasting = periods.filter(pl.col("share") >= MOST_OF_PERIOD)
    return lasting.select("sku", pl.col("start").alias("date"), "depth", "kind").sort("sku", "date")


def with_kinds(rows: pl.DataFrame, promotions: pl.DataFrame, period: str) -> pl.DataFrame:
    """Fill in `promo_kind` of rows (sku, date, promo, promo_kind) on promotion from what is planned for most of their period."""
    starts = rows["date"].unique().sort()
    if not len(starts):
        return rows
    planned = promotion_periods(promotions, starts, period, until(starts[-1], period) + dt.timedelta(days=1))
    kinds = planned.select("sku", "date", pl.col("kind").alias("_kind"))
    joined = rows.join(kinds, on=["sku", "date"], how="left", maintain_order="left")
    return joined.with_columns(pl.when(pl.col("promo") > 0).then(pl.coalesce("promo_kind", "_kind")).alias("promo_kind")).drop("_kind")
