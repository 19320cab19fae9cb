"""Order lines -> sales rows, with the list price told apart from quantity discounts.

Who buys much pays less: the mean price of a day then falls because of who bought, not because of what was asked, and would pass for
a price response. A sales row made from orders therefore has as its `price` the list price: what a customer with a small line pays.

A line is small where its units are at most the lower quartile of the line sizes of its product and channel. The list price of a day is
the median price of that day's small lines, else that of the latest day before with one (within 28 days), else the highest price
that the day's lines paid. Units are those of all lines; returns (negative units) are taken off on the day they come back.
"""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.tables import SALES

SMALL_SHARE = 0.25
CARRY_DAYS = 28
_ITEM = ["sku", "channel", "region"]
_DAY = [*_ITEM, "date"]


def to_sales(orders: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Sales rows of order lines.

    orders   table ORDERS
    returns  table SALES, one row for each day, product, channel and region with an order; `promo` and `list_price` are null
    """
    lines = orders.with_columns(pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("date")).sort(
        [*_DAY, "at", "order_id", "price", "units"]
    )
    days = lines.group_by(_DAY, maintain_order=True).agg(
        pl.col("units").sum().clip(lower_bound=0.0),
        pl.col("order_id").filter(pl.col("units") > 0).n_unique().cast(pl.Float64).alias("orders"),
        pl.col("price").filter(pl.col("units") > 0).max().alias("_highest"),
    )
    priced = days.join(_list_prices(lines), on=_DAY, how="left", maintain_order="left").sort(_DAY)
    carried = priced.with_columns(pl.when(pl.col("_quote").is_not_null()).then("date").alias("_quoted")).with_columns(
        pl.col("_quote", "_quoted").forward_fill().over(_ITEM)
    )
    fresh = (pl.col("date") - pl.col("_quoted")).dt.total_days() <= CARRY_DAYS
    price = pl.coalesce(pl.when(fresh).then("_quote"), "_highest", "_quote")
    rows = carried.with_columns(price.alias("price")).filter(pl.col("price").is_not_null())
    return rows.select(
        *(pl.col(name) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name) for name, dtype in SALES.schema.items())
    ).sort(SALES.key)


def _list_prices(lines: pl.DataFrame) -> pl.DataFrame:
    """Median price of the small lines by day."""
    sold = lines.filter(pl.col("units") > 0)
    small = pl.col("units") <= pl.col("units").quantile(SMALL_SHARE, "lower").over("sku", "channel")
    return sold.filter(small).group_by(_DAY, maintain_order=True).agg(pl.col("price").quantile(0.5, "higher").alias("_quote"))
