"""Order lines: days on which more came back than was sold, and orders that nobody reads."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.prepared import Warning_, warn
from pricesmith.preparation.times import local_date

from .facts import Facts, found


def check_orders(facts: Facts) -> list[Warning_]:
    """What the making of sales rows from order lines left out."""
    orders = facts.tables["orders"]
    if not facts.derived:
        text = f"orders: {orders.height} lines are not read, as `sales` is given"
        return [warn("orders_unused", "orders", "info", text, orders.height)] if orders.height else []
    day = local_date(pl.col("at"), facts.policy.timezone).alias("date")
    net = orders.group_by("sku", "channel", "region", day).agg(pl.col("units").sum())
    text = "{count} days of {products} products take back more units than they sell; they count as 0 units"
    return found("returns_exceed_sales", "orders", "info", net.filter(pl.col("units") < 0), text)
