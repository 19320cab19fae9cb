"""The past as one row a day: of each item, of each category, and of the reviews."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Ints
from pricesmith.contracts.snapshot import Snapshot

SAME_PRICE = 0.005
"""List prices closer than this in logs are one price: rounding and averages of split days are no change."""

PAST_SUMS = (
    "units",
    "days",
    "exposure",
    "views",
    "viewed",
    "viewed_units",
    "promo_days",
    "missing_days",
    "list_days",
    "competitor_days",
    "offered_days",
    "changes",
    "sold",
    "rows",
)
PAST_LASTS = ("list_price", "price", "competitor_price", "available", "day", "changed", "sold_on", "promo_on")
MARKET_SUMS = ("units", "exposure")
REVIEW_SUMS = ("stars", "reviews")


def item_past(cells: pl.DataFrame) -> pl.DataFrame:
    """One row an (item, day), `day` counted from 1970-01-01.

    units, days, views        sums of the cells
    exposure                  days in which the product could be bought
    viewed, viewed_units      days and units of the cells whose views are known
    promo_days, missing_days  days in promotion, days out of stock
    list_days                 list price times days; competitor_days, offered_days: competitor price times days, days with an offer
    changes                   1 where the list price differs from the day before; sold: 1 where units > 0
    list_price, price, competitor_price, available   mean of the day by days
    changed, sold_on, promo_on                       day of the last change, sale, promotion up to and including this one
    """
    ordered = cells.sort("item", "date", "price", "promo", "units", "days")
    daily = ordered.group_by("item", "date", maintain_order=True).agg(_sums())
    return _marked(daily.with_columns(pl.col("date").cast(pl.Int32).cast(pl.Int64).alias("day")))


def _sums() -> list[pl.Expr]:
    days, known = pl.col("days"), pl.col("views").is_not_null()
    return [
        pl.col("units").sum(),
        days.sum(),
        (days * pl.col("available")).sum().alias("exposure"),
        pl.col("views").sum(),
        days.filter(known).sum().alias("viewed"),
        pl.col("units").filter(known).sum().alias("viewed_units"),
        (days * (pl.col("promo") == 1)).sum().alias("promo_days"),
        (days * (1.0 - pl.col("available"))).sum().alias("missing_days"),
        (days * pl.col("list_price")).sum().alias("list_days"),
        (days * pl.col("competitor_price")).sum().alias("competitor_days"),
        days.filter(pl.col("competitor_price").is_not_null()).sum().alias("offered_days"),
        *(_mean(name).alias(name) for name in ("list_price", "price", "competitor_price", "available")),
    ]


def _mean(name: str) -> pl.Expr:
    """Mean by days of the known values; exact where only one is known."""
    weight = pl.col("days") * pl.col(name).is_not_null()
    alone = pl.col(name).min() == pl.col(name).max()
    return pl.when(alone).then(pl.col(name).min()).when(weight.sum() > 0).then((pl.col(name) * weight).sum() / weight.sum())


def _marked(daily: pl.DataFrame) -> pl.DataFrame:
    move = (pl.col("list_price").log() - pl.col("list_price").log().shift(1).over("item")).abs()
    marked = daily.with_columns(
        (move > SAME_PRICE).fill_null(False).cast(pl.Float64).alias("changes"),
        (pl.col("units") > 0).cast(pl.Float64).alias("sold"),
        pl.lit(1.0).alias("rows"),
    )
    marks = {"changed": pl.col("changes") == 1, "sold_on": pl.col("units") > 0, "promo_on": pl.col("promo_days") > 0}
    return marked.with_columns(pl.when(flag).then(pl.col("day")).forward_fill().over("item").alias(name) for name, flag in marks.items())


def category_codes(items: pl.DataFrame) -> Ints:
    """(items,) number of the widest category of each item, by name."""
    widest = items["category"].fill_null("").str.split("/").list.first()
    return widest.rank("dense").cast(pl.Int64).to_numpy().astype(np.int64) - 1


def market_past(past: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """One row a (category, day): units and exposure of all its items."""
    codes = pl.Series("category", category_codes(items), dtype=pl.Int64)
    joined = past.with_columns(codes.gather(past["item"]).alias("category"))
    return joined.sort("category", "day", "item").group_by("category", "day", maintain_order=True).agg(pl.col(MARKET_SUMS).sum())


def review_past(snapshot: Snapshot) -> pl.DataFrame:
    """One row an (item, day): sum of stars and number of reviews before as_of."""
    table = snapshot.reviews
    if table.is_empty() or "item" not in table.columns:
        return pl.DataFrame(schema={"item": pl.Int64, "day": pl.Int64, "stars": pl.Float64, "reviews": pl.Float64})
    before = table.filter(pl.col("date") < snapshot.as_of)
    dated = before.select(pl.col("item"), pl.col("date").cast(pl.Int32).cast(pl.Int64).alias("day"), "stars", "reviews")
    return dated.group_by("item", "day").agg(pl.col("stars").sum(), pl.col("reviews").sum())
