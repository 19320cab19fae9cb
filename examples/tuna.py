"""Canned tuna at Dominick's: seven products, chain-wide, weekly; the wholesale price is the cost.

Promotion: half of the stores or more displayed the product. Weeks absent from the source are absent here. Week 1 is taken as the week of
14 September 1989, the chain's own count.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from .holidays import US, calendar
from .shop import Shop, changes, read

NAMES = (
    "Star Kist 6 oz",
    "Chicken of the Sea 6 oz",
    "Bumble Bee Solid 6.12 oz",
    "Bumble Bee Chunk 6.12 oz",
    "Geisha 6 oz",
    "Bumble Bee Large Cans",
    "HH Chunk Lite 6.5 oz",
)
KINDS = ("chunk", "chunk", "solid", "chunk", "solid", "large", "chunk")
WEEK_ONE = dt.date(1989, 9, 14)


def build(whole: bool = False) -> Shop:
    rows = read("tuna", "weeks").with_columns((pl.lit(WEEK_ONE) + pl.duration(weeks=pl.col("week") - 1)).alias("date"))
    sales = pl.concat([_brand(rows, number) for number in range(1, 8)])
    costs = changes(sales.select("sku", pl.col("date").alias("valid_from"), pl.col("cost").alias("unit_cost")))
    products = pl.DataFrame(
        {"sku": [f"tuna{k}" for k in range(1, 8)], "name": NAMES, "category": [f"tuna/{kind}" for kind in KINDS], "family": ["tuna"] * 7}
    )
    sales = sales.drop("cost").sort("date", "sku")
    tables = {"products": products, "costs": costs, "sales": sales, "calendar": calendar(US, sales["date"].min(), sales["date"].max())}
    return Shop("Canned tuna", "USD", "net", "week", 28, tables)


def _brand(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    return rows.select(
        "date",
        pl.lit(f"tuna{number}").alias("sku"),
        pl.col(f"move{number}").alias("units"),
        pl.col(f"lprice{number}").exp().round(4).alias("price"),
        (pl.col(f"nsale{number}") >= 0.5).cast(pl.Int8).alias("promo"),
        pl.col(f"lwhpric{number}").exp().round(3).alias("cost"),
    )
