"""What the guards know of a price's past, made anew from the ledger's table APPLIED: a restart forgets nothing."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.tables import CHANGES

KEY = list(CHANGES.key)
HOUR, DAY, WEEK, MONTH = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=7), dt.timedelta(days=30)


def facts(applied: pl.DataFrame, keys: pl.DataFrame | None, at: dt.datetime) -> pl.DataFrame:
    """What CHANGES holds of each product's past as of `at`; nulls, which hold, for a product without a known one.

    sku, channel, region, stands (the last price), low_24h and high_24h (of all prices that stood at any time of the 24 hours), price_7d
    (what stood 7 days ago, or the first known one), changes_24h, changed_at (the last change, or the first reading), median_30d (weighted
    by how long each price stood), alternations_48h.
    A product with a row dated after `at`, or two rows of one moment, has no past that can be trusted.

    applied  rows of table APPLIED of one target: sku, channel, region, at, price; each holds until the next of the same product
    keys     sku, channel, region of the rows wanted, in that order; None gives all in the order of their keys
    """
    spans = _spans(applied, at)
    ahead = applied.filter((pl.col("at") > at) | pl.struct(*KEY, "at").is_duplicated()).select(KEY).unique()
    found = spans.group_by(KEY).agg(
        pl.col("price").last().alias("stands"),
        *_within_day(at),
        pl.col("price").filter(pl.col("at") <= at - WEEK).last().fill_null(pl.col("price").first()).alias("price_7d"),
        pl.col("at").filter(pl.col("moved").fill_null(True)).last().alias("changed_at"),
        _alternations(at).alias("alternations_48h"),
    )
    trusted = found.join(_medians(spans, at), on=KEY, how="left").join(ahead, on=KEY, how="anti")
    wanted = applied.select(KEY).unique().sort(KEY) if keys is None else keys.select(KEY)
    return wanted.join(trusted, on=KEY, how="left", maintain_order="left")


def _alternations(at: dt.datetime) -> pl.Expr:
    """Moves within 48 hours that go against the one before, and the first of them: 4 for up, down, up, down."""
    step = (pl.col("price") - pl.col("price").shift(1)).sign().filter(pl.col("moved").fill_null(False) & (pl.col("at") > at - 2 * DAY))
    turns = (step * step.shift(1) < 0).sum()
    return (turns + (turns > 0)).cast(pl.Int64)


def _spans(applied: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Prices until `at` in the order of time: key, at, until, price, moved (null for the first of a product)."""
    known = applied.filter(pl.col("at") <= at).select(*KEY, "at", "price").sort("at", maintain_order=True)
    return known.with_columns(
        pl.col("at").shift(-1).over(KEY).fill_null(at).alias("until"),
        (pl.col("price") != pl.col("price").shift(1)).over(KEY).alias("moved"),
    )


def _within_day(at: dt.datetime) -> list[pl.Expr]:
    stood = (pl.col("until") > at - DAY) | (pl.col("until") == at)
    return [
        pl.col("price").filter(stood).min().alias("low_24h"),
        pl.col("price").filter(stood).max().alias("high_24h"),
        (pl.col("moved").fill_null(False) & (pl.col("at") > at - DAY)).sum().cast(pl.Int64).alias("changes_24h"),
    ]


def _medians(spans: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Key, median_30d: the lowest price below or at which the product stood for half of the known time within 30 days."""
    start = pl.max_horizontal("at", pl.lit(at - MONTH))
    stood = spans.with_columns((pl.col("until") - start).dt.total_microseconds().alias("stood"))
    kept = stood.filter((pl.col("stood") > 0) | (pl.col("until") == at)).sort("price")
    run = kept.with_columns(
        (pl.col("stood").cum_sum().over(KEY) * 2).alias("run"),
        pl.col("stood").sum().over(KEY).alias("whole"),
    )
    half = run.filter(pl.col("run") >= pl.col("whole"))
    return half.group_by(KEY, maintain_order=True).agg(pl.col("price").first().cast(pl.Float64).alias("median_30d"))


def index_moves(applied: pl.DataFrame, weights: pl.DataFrame, at: dt.datetime) -> tuple[float, float]:
    """Revenue-weighted mean moves of prices within an hour and a day: sum of weight x (price now / price then - 1) over all weights.

    A product that was not known then counts from its first price on. 0 without weights.

    weights  sku, channel, region, revenue of the whole channel
    """
    spans = _spans(applied, at)
    hour, day = (_move_since(at - within) for within in (HOUR, DAY))
    moves = spans.group_by(KEY).agg(hour.alias("hour"), day.alias("day"))
    joined = weights.join(moves, on=KEY, how="left").with_columns(pl.col("hour", "day", "revenue").fill_null(0.0))
    whole = float(joined["revenue"].sum())
    sums = joined.select(pl.col("hour", "day") * pl.col("revenue")).sum()
    return (float(sums["hour"][0]) / whole, float(sums["day"][0]) / whole) if whole > 0 else (0.0, 0.0)


def _move_since(then: dt.datetime) -> pl.Expr:
    before = pl.col("price").filter(pl.col("at") <= then).last().fill_null(pl.col("price").first())
    return pl.col("price").last() / before - 1.0


def stood(applied: pl.DataFrame, prices: pl.DataFrame, at: dt.datetime, floors: pl.Series | None = None) -> pl.Series:
    """(n,) 1 where a price may be marked as `undo`: it stood in the shop within 30 days, or is the floor that such a price was lifted to.

    prices  sku, channel, region, price
    floors  (n,) today's floors (`floor` of guards/hard_floor.py); a price equal to its floor counts where a lower one stood before
    """
    window = _spans(applied, at).filter((pl.col("until") > at - MONTH) | (pl.col("until") == at))
    known = window.select(*KEY, "price").unique().with_columns(pl.lit(True).alias("known"))
    numbered = prices.select(*KEY, "price").with_columns(
        pl.lit(None, pl.Float64).alias("floor") if floors is None else floors.alias("floor")
    )
    same = numbered.join(known, on=[*KEY, "price"], how="left", maintain_order="left")["known"].fill_null(False)
    lowest = window.group_by(KEY).agg(pl.col("price").min().alias("lowest"))
    lifted = numbered.join(lowest, on=KEY, how="left", maintain_order="left").select(
        ((pl.col("price") == pl.col("floor")) & (pl.col("lowest") < pl.col("floor"))).fill_null(False)
    )
    return (same | lifted.to_series()).cast(pl.Int8).alias("undo")
