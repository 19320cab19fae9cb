"""What order lines were paid beside the list price that was made from them.

How many units were sold near it: few, where small orders pay by another price list; and how much was paid for a unit on average.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.policy import Policy

from .prepared import Prepared
from .times import local_date

_ITEM = ["sku", "channel", "region"]
DAYS = 28
NEAR = 0.75
"""Of the list price: what quantity discounts usually leave."""
FEW = 0.2
"""Share of the units of the last days that are sold near the list price, below which another price list is likely."""


def list_shares(lines: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """`sku` and `list_share`: share of the units that were sold at NEAR its lowest current price or more.

    lines  as of `lately`;  prices: `sku` and `current_price`, major units, of its items
    """
    asked = prices.group_by("sku").agg(pl.col("current_price").min())
    near = (pl.col("price") >= NEAR * pl.col("current_price")).cast(pl.Float64)
    groups = lines.join(asked, on="sku", maintain_order="left").group_by("sku", maintain_order=True)
    return groups.agg(list_share=(near * pl.col("units")).sum() / pl.col("units").sum())


def prices_paid(lines: pl.DataFrame) -> pl.DataFrame:
    """sku, channel, region and `paid`: mean price of the units, major units. lines: as of `lately`"""
    return lines.group_by(_ITEM, maintain_order=True).agg(paid=(pl.col("price") * pl.col("units")).sum() / pl.col("units").sum())


def lately(orders: pl.DataFrame, last: dt.date, timezone: str) -> pl.DataFrame:
    """Lines of the DAYS up to `last` that sold something: sku, channel, region, units, price, date. orders: table ORDERS"""
    lines = orders.filter(pl.col("units") > 0).select(*_ITEM, "units", "price", local_date(pl.col("at"), timezone).alias("date"))
    return lines.filter((pl.col("date") > last - dt.timedelta(days=DAYS)) & (pl.col("date") <= last))


def rare(share: float | None) -> float | None:
    """The share where it is FEW, else None."""
    return None if share is None or share >= FEW else share


def doubted(items: pl.DataFrame) -> pl.DataFrame:
    """Rows whose price hardly any unit was sold at (`list_share` below FEW): likely that of small orders alone. None where unknown."""
    return items.filter(pl.col("list_share") < FEW) if "list_share" in items.columns else items.head(0)


def with_list_share(items: pl.DataFrame, prepared: Prepared, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    """Items with `list_share` and `paid_share` of what was sold before `as_of`; null where the sales are not made from order lines.

    Where the product table says the price, how many units were sold near it is null too.

    items  with `current_price` in major units and `price_stated`
    """
    if not prepared.derived:
        return items.with_columns(list_share=pl.lit(None, pl.Float64), paid_share=pl.lit(None, pl.Float64))
    prices = items.filter(pl.col("price_stated") == 0).select("sku", "current_price").drop_nulls()
    lines = lately(prepared.tables["orders"], as_of - dt.timedelta(days=1), policy.timezone)
    said = pl.when(pl.col("price_stated") == 0).then("list_share").alias("list_share")
    told = items.join(list_shares(lines, prices), on="sku", how="left", maintain_order="left")
    told = told.join(prices_paid(lines), on=_ITEM, how="left", maintain_order="left")
    return told.with_columns(said, paid_share=pl.col("paid") / pl.col("current_price"))
