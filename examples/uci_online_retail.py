"""A British web shop for gifts, weekly, as two channels: customers with an account (mostly trade) and without one.

The two pay from different price lists, and account holders get quantity discounts within the same week: the average price paid falls
because of big lines, not the other way round. The price written is therefore the list price behind the lines of each channel, as it is
found for order lines in a shop folder, that of most lines of the week. Units are of all lines. Costs are assumed.
"""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.line_prices import list_prices

from .holidays import UK, calendar
from .shop import Shop, busiest, read, usual_cost

PRODUCTS = 400
COST_SHARE = 0.5
KEYS = ("date", "sku", "channel")


def build(whole: bool = False) -> Shop:
    lines = _lines()
    kept = busiest(lines.filter(pl.col("date") < pl.date(2010, 12, 1)), "sku", None if whole else PRODUCTS)
    lines = lines.join(kept, on="sku", how="semi")
    if whole:
        lines = lines.filter(pl.len().over("sku") >= 50)
    sales = _sales(lines)
    products = lines.group_by("sku").agg(pl.col("description").drop_nulls().mode().sort().first().str.strip_chars().alias("name"))
    products = (
        products.join(_category(products), on="sku")
        .join(usual_cost(sales.filter(pl.col("channel") == "account"), COST_SHARE), on="sku")
        .sort("sku")
    )
    tables = {"products": products, "sales": sales, "calendar": calendar(UK, sales["date"].min(), sales["date"].max())}
    return Shop("Online gifts", "GBP", "net", "week", 28, tables, cost_assumed=True)


def _lines() -> pl.DataFrame:
    table = read("uci_online_retail", "transactions").filter(
        (pl.col("quantity") > 0) & (pl.col("unit_price_gbp") > 0.01) & pl.col("stock_code").str.contains(r"^\d{5}[A-Za-z]?$")
    )
    return table.select(
        pl.col("invoice").alias("order_id"),
        pl.col("invoice_date").dt.date().alias("day"),
        pl.col("invoice_date").dt.date().dt.truncate("1w").alias("date"),
        pl.col("stock_code").str.to_uppercase().alias("sku"),
        pl.when(pl.col("customer_id").is_null()).then(pl.lit("guest")).otherwise(pl.lit("account")).alias("channel"),
        "quantity",
        pl.col("unit_price_gbp").alias("price"),
        "description",
    )


def _sales(lines: pl.DataFrame) -> pl.DataFrame:
    items = lines.select("sku", "channel").unique().sort("sku", "channel").with_row_index("item")
    sold = lines.join(items, on=["sku", "channel"]).select(
        "item", "order_id", "price", pl.col("day").alias("date"), pl.col("quantity").alias("units")
    )
    days = list_prices(sold, items).join(sold.group_by("item", "date").len(), on=["item", "date"]).join(items, on="item")
    weeks = days.with_columns(pl.col("date").dt.truncate("1w"), pl.col("_quote").round(2).alias("price"))
    counted = weeks.group_by(*KEYS, "price").agg(pl.col("len").sum()).sort("len", "price", descending=[True, False])
    listed = counted.group_by(KEYS, maintain_order=True).agg(pl.col("price").first())
    total = lines.group_by(KEYS).agg(pl.col("quantity").sum().alias("units"), pl.len().alias("orders"))
    joined = total.join(listed, on=KEYS, how="left").sort("sku", "channel", "date")
    filled = joined.with_columns(pl.col("price").forward_fill().backward_fill().over("sku", "channel")).drop_nulls("price")
    return filled.select("date", "sku", "units", "price", "channel", "orders").sort("date", "sku", "channel")


def _category(products: pl.DataFrame) -> pl.DataFrame:
    """Kind of goods by a word of the name, the most telling first; the source has no categories."""
    words = {
        "christmas": "CHRISTMAS|XMAS|ADVENT",
        "bags": r"BAG|PURSE",
        "candles": r"CANDLE|T-LIGHT|LANTERN|LIGHT",
        "kitchen": "MUG|CUP|PLATE|BOWL|CAKE|TEA|JAR|TIN|BAKING",
    }
    words |= {
        "stationery": "CARD|PAPER|WRAP|NOTEBOOK|PEN|STICKER|TISSUE|SIGN",
        "textiles": "CUSHION|TOWEL|APRON|GLOVE|DOORMAT|HOT WATER",
        "jewellery": "NECKLACE|BRACELET|EARRING|RING",
    }
    expression: pl.Expr = pl.lit("gifts/other")
    for name, pattern in reversed(words.items()):
        expression = pl.when(pl.col("name").str.contains(pattern)).then(pl.lit(f"gifts/{name}")).otherwise(expression)
    return products.select("sku", expression.alias("category"))
