"""Dominick's orange juice: 11 brands, 71 stores, weekly; unit costs from the chain's own margins.

A store is a `region`. Feature advertisement is the promotion flag; the in-store coupon is a price cut and shows in the price.
The margin of the source is of the average acquisition cost, by store; the cost written is its median over stores.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from .holidays import US, calendar
from .shop import Shop, changes, read

BRANDS = {
    1: ("Tropicana Premium 64 oz", "Tropicana", "premium"),
    2: ("Tropicana Premium 96 oz", "Tropicana", "premium"),
    3: ("Florida's Natural 64 oz", "Florida's Natural", "premium"),
    4: ("Tropicana 64 oz", "Tropicana", "national"),
    5: ("Minute Maid 64 oz", "Minute Maid", "national"),
    6: ("Minute Maid 96 oz", "Minute Maid", "national"),
    7: ("Citrus Hill 64 oz", "Citrus Hill", "national"),
    8: ("Tree Fresh 64 oz", "Tree Fresh", "national"),
    9: ("Florida Gold 64 oz", "Florida Gold", "national"),
    10: ("Dominick's 64 oz", "Dominick's", "store"),
    11: ("Dominick's 128 oz", "Dominick's", "store"),
}
WEEK_ONE = dt.date(1989, 9, 14)


def build(whole: bool = False) -> Shop:
    rows = read("oj", "oj_store_week").with_columns(
        (pl.lit(WEEK_ONE) + pl.duration(weeks=pl.col("week") - 1)).alias("date"),
        pl.format("oj{}", pl.col("brand").cast(pl.String).str.zfill(2)).alias("sku"),
        pl.format("store{}", pl.col("store").cast(pl.String).str.zfill(3)).alias("region"),
    )
    if not whole:
        rows = rows.filter(pl.col("region").is_in(rows["region"].unique().sort().gather_every(2).implode()))
    sales = rows.select(
        "date",
        "sku",
        pl.col("packages").alias("units"),
        pl.col("price_per_package").round(2).alias("price"),
        "region",
        (pl.col("feature") >= 0.5).cast(pl.Int8).alias("promo"),
    ).sort("date", "sku", "region")
    return Shop(
        "Orange juice",
        "USD",
        "net",
        "week",
        28,
        {"products": _products(), "costs": _costs(rows), "sales": sales, "calendar": _calendar(sales)},
    )


def _products() -> pl.DataFrame:
    table = [(f"oj{key:02d}", name, brand, f"juice/orange/{tier}", "orange juice") for key, (name, brand, tier) in BRANDS.items()]
    return pl.DataFrame(table, schema=["sku", "name", "brand", "category", "family"], orient="row")


def _costs(rows: pl.DataFrame) -> pl.DataFrame:
    sane = rows.filter(pl.col("gross_margin_pct").is_between(1, 70))
    cost = (pl.col("price_per_package") * (1 - pl.col("gross_margin_pct") / 100)).median().round(2)
    weekly = sane.group_by("sku", pl.col("date").alias("valid_from")).agg(cost.alias("unit_cost"))
    return changes(weekly)


def _calendar(sales: pl.DataFrame) -> pl.DataFrame:
    return calendar(US, sales["date"].min(), sales["date"].max())
