"""Olist, a Brazilian marketplace: weekly sales of its products with twenty sales or more, about one a week each.

The source dates an item by the day until which its seller must hand it over, about six days after the purchase; the day written is
six days earlier. The price is the median of the week's. Costs are assumed.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from .shop import Shop, read, usual_cost

LEAST_SALES = 20
LAST_SALES = pl.date(2018, 9, 15)
"""Five rows of the source are dated after it, by mistake."""
COST_SHARE = 0.5


def build(whole: bool = False) -> Shop:
    day = (pl.col("shipping_limit_date") - dt.timedelta(days=6)).dt.date()
    lines = read("olist", "order_items").rename({"product_id": "sku"}).with_columns(day.alias("day")).filter(pl.col("day") < LAST_SALES)
    lines = lines.filter(pl.len().over("sku") >= (5 if whole else LEAST_SALES)).with_columns(pl.col("day").dt.truncate("1w").alias("date"))
    sales = lines.group_by("date", "sku").agg(pl.len().alias("units"), pl.col("price").median().round(2)).sort("date", "sku")
    names = read("olist", "products").select(
        pl.col("product_id").alias("sku"), pl.col("product_category_name_english").fill_null("other").alias("category")
    )
    products = names.join(usual_cost(sales, COST_SHARE), on="sku").sort("sku")
    return Shop("Olist", "BRL", "net", "week", 28, {"products": products, "sales": sales}, cost_assumed=True)
