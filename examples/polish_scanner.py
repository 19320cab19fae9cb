"""Coffee in 20 Polish outlets, by month; the outlet is the `region`. Prices are per kilogram and include tax. Costs are assumed."""

from __future__ import annotations

import polars as pl

from .holidays import COMMON, calendar
from .shop import Shop, read, usual_cost

COST_SHARE = 0.6
TAX_RATE = 0.23


def build(whole: bool = False) -> Shop:
    rows = read("polish_scanner", "coffee")
    outlets = rows["retID"].unique().sort()
    if not whole:
        rows = rows.filter(pl.col("retID").is_in(outlets.gather_every(2).implode()))
    sales = rows.select(
        pl.col("time").cast(pl.Date).alias("date"),
        pl.format("coffee{}", "prodID").alias("sku"),
        pl.col("quantities").alias("units"),
        pl.col("prices").alias("price"),
        pl.format("outlet{}", "retID").alias("region"),
        pl.col("description").cast(pl.String).alias("kind"),
    ).sort("date", "sku", "region")
    kinds = sales.group_by("sku").agg(pl.concat_str([pl.lit("coffee/"), pl.col("kind").mode().sort().first()]).first().alias("category"))
    costs = usual_cost(sales, COST_SHARE / (1 + TAX_RATE))
    products = kinds.join(costs, on="sku").with_columns(pl.lit(TAX_RATE).alias("tax_rate")).sort("sku")
    tables = {"products": products, "sales": sales.drop("kind"), "calendar": calendar(COMMON, sales["date"].min(), sales["date"].max())}
    return Shop("Polish coffee", "PLN", "gross", "month", 61, tables, cost_assumed=True)
