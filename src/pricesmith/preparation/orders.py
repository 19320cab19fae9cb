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

from .times import local_date

SMALL_SHARE = 0.25
CARRY_DAYS = 28
_ITEM = ["sku", "channel", "region"]
_DAY = ["item", "date"]


def to_sales(orders: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """Sales rows of order lines.

    orders   table ORDERS, sorted by its key (so that units are summed in one order)
    returns  table SALES sorted by item and date, a row for each day with an order; `promo` and `list_price` are null
    """
    items = orders.select(_ITEM).unique().sort(_ITEM).with_row_index("item")
    lines = orders.join(items, on=_ITEM, how="left", maintain_order="left").select(
        "item", "order_id", "units", "price", local_date(pl.col("at"), timezone).alias("date")
    )
    sold = lines.filter(pl.col("units") > 0)
    days = (
        lines.group_by(_DAY, maintain_order=True)
        .agg(pl.col("units").sum().clip(lower_bound=0.0))
        .join(sold.group_by(_DAY).agg(pl.col("price").max().alias("_highest")), on=_DAY, how="left")
        .join(sold.select(*_DAY, "order_id").unique().group_by(_DAY).agg(pl.len().cast(pl.Float64).alias("orders")), on=_DAY, how="left")
        .join(_list_prices(sold, items), on=_DAY, how="left")
        .sort(_DAY)
    )
    rows = days.with_columns(_quoted().alias("price")).filter(pl.col("price").is_not_null()).join(items, on="item").sort("item", "date")
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name) for name, dtype in SALES.schema.items()
    ).with_columns(pl.col("orders").fill_null(0.0))


def _list_prices(sold: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Median price of the small lines by day, as `_quote`."""
    groups = items.select("item", pl.struct("sku", "channel").rank("dense").alias("group"))
    sized = sold.join(groups, on="item", how="left")
    limits = sized.group_by("group").agg(pl.col("units").quantile(SMALL_SHARE, "lower").alias("limit"))
    small = sized.join(limits, on="group", how="left").filter(pl.col("units") <= pl.col("limit"))
    return small.group_by(_DAY).agg(pl.col("price").quantile(0.5, "higher").alias("_quote"))


def _quoted() -> pl.Expr:
    """The list price of a day: its own, else one of the days before, else the highest price paid. Rows are sorted by item and date."""
    dated = pl.when(pl.col("_quote").is_not_null()).then("date").forward_fill().over("item")
    fresh = (pl.col("date") - dated).dt.total_days() <= CARRY_DAYS
    last = pl.col("_quote").forward_fill().over("item")
    return pl.coalesce(pl.when(fresh).then(last), "_highest", last)
