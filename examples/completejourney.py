"""The Complete Journey: what 2,469 households bought in a grocery chain, by product and week, chain-wide.

Price is the loyalty-card shelf price, list price the one before the loyalty discount. Promotion: half of the stores that carry the product
or more had it in the mailer. Fuel and service lines are dropped, as is the first week (one day). Costs are assumed.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from .holidays import US, calendar
from .shop import Shop, busiest, read, usual_cost

PRODUCTS = 600
COST_SHARE = 0.7
SECOND_WEEK = dt.date(2017, 1, 2)
NO_GOODS = ("FUEL", "MISCELLANEOUS", "COUPON", "CNTRL/STORE SUP", "KIOSK-GAS", "POSTAL CENTER", "CHARITABLE CONT")


def build(whole: bool = False) -> Shop:
    goods = _goods()
    lines = read("completejourney", "transactions").filter((pl.col("quantity") > 0) & (pl.col("sales_value") > 0) & (pl.col("week") > 1))
    lines = lines.with_columns(pl.col("product_id").cast(pl.String).alias("sku")).join(goods, on="sku", how="semi")
    kept = busiest(lines.filter(pl.col("week") <= 26), "sku", 5000 if whole else PRODUCTS)
    lines = lines.join(kept, on="sku", how="semi")
    sales = lines.group_by("week", "sku").agg(
        pl.col("quantity").sum().alias("units"),
        ((pl.col("sales_value") + pl.col("coupon_match_disc")).sum() / pl.col("quantity").sum()).round(2).alias("price"),
        ((pl.col("sales_value") + pl.col("coupon_match_disc") + pl.col("retail_disc")).sum() / pl.col("quantity").sum())
        .round(2)
        .alias("list_price"),
    )
    sales = sales.join(_mailers(), on=["sku", "week"], how="left").select(
        _date(pl.col("week")), "sku", "units", "price", pl.col("promo").fill_null(0), "list_price"
    )
    sales = sales.filter(pl.col("price") > 0).sort("date", "sku")
    products = goods.join(usual_cost(sales, COST_SHARE), on="sku").sort("sku")
    tables = {"products": products, "sales": sales, "calendar": calendar(US, sales["date"].min(), sales["date"].max())}
    return Shop("Complete Journey", "USD", "net", "week", 28, tables, cost_assumed=True)


def _date(week: pl.Expr) -> pl.Expr:
    return (pl.lit(SECOND_WEEK) + pl.duration(weeks=week - 2)).alias("date")


def _goods() -> pl.DataFrame:
    table = read("completejourney", "products").filter(~pl.col("department").is_in(NO_GOODS))
    words = [
        pl.col(name).cast(pl.String).fill_null("other").str.replace_all("/", " ").str.to_lowercase()
        for name in ("department", "product_category")
    ]
    return table.select(
        pl.col("product_id").cast(pl.String).alias("sku"),
        pl.col("product_type").cast(pl.String).str.to_lowercase().alias("name"),
        pl.col("manufacturer_id").cast(pl.String).alias("brand"),
        pl.concat_str(words, separator="/").alias("category"),
        pl.col("product_type").cast(pl.String).str.to_lowercase().alias("family"),
    )


def _mailers() -> pl.DataFrame:
    table = read("completejourney", "promotions")
    share = (pl.col("mailer_location") != "0").mean()
    weekly = table.group_by(pl.col("product_id").cast(pl.String).alias("sku"), "week").agg((share >= 0.5).cast(pl.Int8).alias("promo"))
    return weekly.with_columns(pl.col("week").cast(pl.Int32))
