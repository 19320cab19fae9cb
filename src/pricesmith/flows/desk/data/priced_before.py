"""What products were sold at before a current price that may be a special: a list that, looked through, goes into the product table."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.money import minor_expr
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation.checks.brief_prices import lately_brief
from pricesmith.preparation.items import asked_prices

from .histories import seen

NONE = {"sku": pl.String, "price": pl.Int64, "price_from": pl.Date, "price_now": pl.Int64}


def priced_before(reading: Reading) -> pl.DataFrame:
    """`sku`, the `price` before the current one, that one as `price_now`, and `price_from`, the day after the last sale.

    Prices in minor units. Put in place of `price`, the current one is said to be what the shop asks: then it is no special.

    Of the products that `price_brief` tells of, those that are sold in one place: the product table has one price for all of them.
    Raises what reading the tables does.
    """
    found = seen(reading)
    if found is None:
        return pl.DataFrame(schema=NONE)
    eve, keys, policy = found.last + dt.timedelta(days=1), found.keys, found.policy
    prices = asked_prices(keys, found.rows, found.prepared, policy, eve).join(keys.select("item", "sku"), on="item")
    alone = keys.filter(pl.len().over("sku") == 1)
    brief = lately_brief(found.rows, prices.filter(pl.col("current_price").is_not_null()), found.last)[0]
    before, now = (minor_expr(pl.col(name), policy.currency) for name in ("before", "current_price"))
    return brief.join(alone, on="item", how="semi").select(
        "sku", before.alias("price"), pl.lit(eve).alias("price_from"), now.alias("price_now")
    )
