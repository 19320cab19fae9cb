"""Stallion, a Mexican brewer: hectolitres by product and agency, monthly; the agency is the `channel`.

A month with neither volume nor price is a month without a sale: no row. A volume with a price below 100 (the median is 1,325) is an error
of the price: the last price of the pair stands in. Costs are assumed.
"""

from __future__ import annotations

import polars as pl

from .holidays import MX, calendar
from .shop import Shop, read, usual_cost

COST_SHARE = 0.6
PAIR = ("sku", "channel")


def build(whole: bool = False) -> Shop:
    rows = read("stallion", "agency_sku_months").rename({"agency": "channel", "volume": "units"}).sort("sku", "channel", "date")
    price = pl.when(pl.col("price_actual") >= 100).then(pl.col("price_actual").round(2))
    rows = rows.with_columns(price.alias("price")).with_columns(pl.col("price").forward_fill().backward_fill().over(PAIR))
    sales = rows.filter((pl.col("units") > 0) & pl.col("price").is_not_null())
    sales = sales.select("date", "sku", pl.col("units").round(4), "price", "channel").sort("date", "sku", "channel")
    products = usual_cost(sales, COST_SHARE).with_columns(pl.lit("beverages").alias("category"))
    tables = {"products": products, "sales": sales, "calendar": calendar(MX, sales["date"].min(), sales["date"].max())}
    return Shop("Stallion", "MXN", "net", "month", 61, tables, cost_assumed=True)
