"""Order lines -> sales rows, with the list price told apart from quantity discounts.

Who buys much pays less: the mean price of a day then falls because of who bought, not because of what was asked, and would pass for
a price response. A sales row made from orders therefore has as its `price` the list price: what a customer with a small line pays.

How the list price of a day is found is told in `line_prices`. Units are those of all lines; returns (negative units) are taken off on the
day they come back.
"""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.tables import SALES

from .line_prices import list_prices
from .times import local_date

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
        .join(sold.select(*_DAY, "order_id").unique().group_by(_DAY).agg(pl.len().cast(pl.Float64).alias("orders")), on=_DAY, how="left")
        .join(sold.group_by(_DAY).agg(pl.col("price").max().alias("_highest")), on=_DAY, how="left")
        .join(list_prices(sold, items), on=_DAY, how="left")
        .sort(_DAY)
    )
    price = pl.when(pl.col("_highest") == 0.0).then(0.0).otherwise(_nearest("_quote"))
    rows = days.with_columns(price.alias("price")).filter(pl.col("price").is_not_null()).join(items, on="item").sort("item", "date")
    return rows.select(
        pl.col(name) if name in rows.columns else pl.lit(None, dtype=dtype).alias(name) for name, dtype in SALES.schema.items()
    ).with_columns(pl.col("orders").fill_null(0.0))


def _nearest(column: str) -> pl.Expr:
    """The value of the day, else of the last day before that has one, else of the first one. Rows are sorted by item and date."""
    return pl.col(column).forward_fill().backward_fill().over("item")
