"""What products were sold at before a current price that may be a special: a list that, looked through, goes into the product table."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.money import minor_expr
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import ORDERS, PRODUCTS, PROMOTIONS, SALES
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation import prepare
from pricesmith.preparation.checks.brief_prices import lately_brief
from pricesmith.preparation.history import history, policy_of
from pricesmith.preparation.items import asked_prices
from pricesmith.preparation.last_day import last_sound_day

NONE = {"sku": pl.String, "current_price": pl.Int64, "price": pl.Int64, "price_from": pl.Date}


def priced_before(reading: Reading) -> pl.DataFrame:
    """`sku`, its `current_price` and the `price` of the four weeks before it (minor units), and `price_from`, the day after the last sale.

    Of the products that `price_brief` tells of, those that are sold in one place: the product table has one price for all of them.
    Raises what reading the tables does.
    """
    source, policy = wiring.source_of(reading.folder), reading.policy
    raw = {table.name: source.read(table) for table in (PRODUCTS, SALES, ORDERS, PROMOTIONS)}
    if any(isinstance(one, LargeTable) for one in raw.values()):
        return pl.DataFrame(schema=NONE)
    prepared = prepare(raw, policy)
    last = last_sound_day(prepared)
    if last is None:
        return pl.DataFrame(schema=NONE)
    eve = last + dt.timedelta(days=1)
    keys, rows = history(prepared, policy_of(prepared, policy), eve)
    prices = asked_prices(keys, rows, prepared, policy, eve).join(keys.select("item", "sku"), on="item")
    alone = keys.filter(pl.len().over("sku") == 1)
    brief = lately_brief(rows, prices.filter(pl.col("current_price").is_not_null()), last)[0].join(alone, on="item", how="semi")
    asked = (minor_expr(pl.col(old), policy.currency).alias(new) for old, new in (("current_price", "current_price"), ("usual", "price")))
    return brief.select("sku", *asked, price_from=pl.lit(eve))
