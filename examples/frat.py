"""Breakfast at the Frat: 55 groceries in 67 stores, weekly, with regular price, circular and display.

A store is a `region`. Promotion is feature or display; a plain price cut shows as a price below the list price. Costs are assumed.
"""

from __future__ import annotations

import polars as pl

from .holidays import US, calendar
from .shop import Shop, read, usual_cost

STORES = 16
COST_SHARE = 0.7


def build(whole: bool = False) -> Shop:
    lines = read("frat", "transactions").filter(pl.col("price") > 0)
    stores = lines["store_id"].unique().sort()
    if not whole:
        lines = lines.filter(pl.col("store_id").is_in(stores.gather_every(len(stores) // STORES).implode()))
    sales = lines.select(
        (pl.col("week_end_date") - pl.duration(days=6)).alias("date"),
        pl.col("upc_id").cast(pl.String).alias("sku"),
        "units",
        "price",
        pl.format("store{}", "store_id").alias("region"),
        ((pl.col("feature") == 1) | (pl.col("display") == 1)).cast(pl.Int8).alias("promo"),
        pl.concat_str(
            [pl.when(pl.col(name) == 1).then(pl.lit(name)) for name in ("display", "feature")], separator=" + ", ignore_nulls=True
        )
        .replace("", None)
        .alias("promo_kind"),
        pl.max_horizontal("base_price", "price").alias("list_price"),
    ).sort("date", "sku", "region")
    products = read("frat", "products").select(
        pl.col("upc_id").cast(pl.String).alias("sku"),
        pl.col("description").alias("name"),
        pl.col("manufacturer").alias("brand"),
        pl.concat_str([pl.col("category"), pl.col("sub_category")], separator="/").str.to_lowercase().alias("category"),
        pl.col("sub_category").str.to_lowercase().alias("family"),
    )
    products = products.join(usual_cost(sales, COST_SHARE), on="sku").sort("sku")
    tables = {"products": products, "sales": sales, "calendar": calendar(US, sales["date"].min(), sales["date"].max())}
    return Shop("Breakfast at the Frat", "USD", "net", "week", 28, tables, cost_assumed=True)
