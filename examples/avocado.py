"""Hass avocados by week and market area of the United States, organic and conventional.

A market area is a `region`; the totals over areas are dropped. Prices are average market prices, set by supply as much as by demand. Costs
are assumed.
"""

from __future__ import annotations

import polars as pl

from .holidays import US, calendar
from .shop import Shop, read, usual_cost

TOTALS = ("TotalUS", "California", "GreatLakes", "Midsouth", "Northeast", "Plains", "SouthCentral", "Southeast", "West")
COST_SHARE = 0.7


def build(whole: bool = False) -> Shop:
    rows = read("avocado", "region_weeks").filter(~pl.col("region").is_in(TOTALS))
    sales = rows.select(
        pl.col("date").cast(pl.Date),
        pl.col("type").cast(pl.String).alias("sku"),
        pl.col("total_volume").round(0).alias("units"),
        pl.col("average_price_usd").alias("price"),
        pl.col("region").cast(pl.String),
    ).sort("date", "sku", "region")
    products = usual_cost(sales, COST_SHARE).with_columns(
        pl.concat_str([pl.lit("avocado/"), pl.col("sku")]).alias("category"), pl.lit("avocado").alias("family")
    )
    tables = {"products": products, "sales": sales, "calendar": calendar(US, sales["date"].min(), sales["date"].max())}
    return Shop("Avocados", "USD", "net", "week", 28, tables, cost_assumed=True)
