"""List prices made from order lines that hardly any unit was sold at."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.preparation.prepared import Warning_
from pricesmith.preparation.times import local_date

from .facts import Facts, found

DAYS = 28
NEAR = 0.75
"""Of the list price: what quantity discounts usually leave."""
FEW = 0.2
"""Share of the units of the last days that are sold near the list price, below which another price list is likely."""
_TEXT = (
    "{products} products sold less than a fifth of their units of the last 28 days near the list price, which is what small orders pay; "
    "if there are two price lists, tell them apart by `channel`, or give `sales` with `list_price`"
)


def check_list_prices(facts: Facts) -> list[Warning_]:
    """Products whose list price is what a few small orders paid, and most units went for far less: two price lists, most often."""
    if not facts.derived:
        return []
    day = local_date(pl.col("at"), facts.policy.timezone).alias("date")
    lines = facts.tables["orders"].filter(pl.col("units") > 0).select("sku", "units", "price", day)
    lately = lines.filter(pl.col("date") > facts.last - dt.timedelta(days=DAYS))
    asked = facts.prices.group_by("sku").agg(pl.col("current_price").min())
    near = (pl.col("price") >= NEAR * pl.col("current_price")).cast(pl.Float64)
    shares = lately.join(asked, on="sku").group_by("sku").agg(((near * pl.col("units")).sum() / pl.col("units").sum()).alias("share"))
    return found("list_price_rare", "orders", "warning", shares.filter(pl.col("share") < FEW), _TEXT)
