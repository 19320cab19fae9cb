"""Ta-Feng, a warehouse supermarket in Taiwan: daily sales over three months, with the shop's own cost of every line.

Prices and costs are totals of a day by units. Lines without a price or a cost are dropped.
"""

from __future__ import annotations

import polars as pl

from .holidays import LUNAR_NEW_YEAR, TW, calendar
from .shop import Shop, busiest, changes, read

PRODUCTS = 500
KEYS = ("date", "sku")


def build(whole: bool = False) -> Shop:
    lines = read("ta_feng", "transactions").filter((pl.col("amount") > 0) & (pl.col("sales_total") > 0) & (pl.col("cost_total") > 0))
    lines = lines.with_columns(pl.col("product_id").cast(pl.String).alias("sku"), pl.col("date").cast(pl.Date))
    kept = busiest(lines.filter(pl.col("date") < pl.date(2000, 12, 16)), "sku", 4000 if whole else PRODUCTS)
    lines = lines.join(kept, on="sku", how="semi")
    units = pl.col("amount").sum()
    sales = lines.group_by(KEYS).agg(units.alias("units"), (pl.col("sales_total").sum() / units).round(1).alias("price")).sort(KEYS)
    cost = (pl.col("cost_total").sum() / units).round(1).alias("unit_cost")
    costs = lines.group_by("sku", pl.col("date").dt.truncate("1w").alias("valid_from")).agg(cost)
    products = lines.group_by("sku").agg(pl.col("product_subclass").cast(pl.String).mode().sort().first().alias("family"))
    products = products.with_columns(
        pl.concat_str([pl.col("family").str.head(2), pl.col("family").str.head(4)], separator="/").alias("category")
    )
    days = calendar(TW, sales["date"].min(), sales["date"].max())
    lunar = pl.DataFrame({"date": list(LUNAR_NEW_YEAR.values())}).with_columns(pl.lit("Lunar New Year").alias("event"))
    days = pl.concat([days, lunar.filter(pl.col("date").is_between(sales["date"].min(), days["date"].max()))]).sort("date", "event")
    tables = {"products": products.sort("sku"), "costs": changes(costs), "sales": sales, "calendar": days}
    return Shop("Ta-Feng", "TWD", "net", "day", 28, tables)
