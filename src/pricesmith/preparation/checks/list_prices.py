"""Prices asked now: list prices made from order lines that hardly any unit was sold at, and stated ones that the sales speak against."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.list_share import doubted, lately, list_shares
from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

_TEXT = (
    "{products} products sold less than a fifth of their units of the last 28 days near the list price, which is what small orders pay; "
    "if there are two price lists, tell them apart by `channel`, or write what the shop asks into `price` of the product table"
)
_OUTDATED = {
    "day": "{products} of {of} products with a `price` were not sold at it in their last three days with a sale, so what "
    "customers paid counts as their price now; where the shop asks that `price`, write since when into `price_from`, else what it asks, or "
    "nothing, into `price`",
    "week": "{products} of {of} products with a `price` were not sold at it in their last three weeks with a sale, so what "
    "customers paid counts as their price now; where the shop asks that `price`, write since when into `price_from`, else what it asks, or "
    "nothing, into `price`",
    "month": "{products} of {of} products with a `price` were not sold at it in their last three months with a sale, so what "
    "customers paid counts as their price now; where the shop asks that `price`, write since when into `price_from`, else what it asks, or "
    "nothing, into `price`",
}
"""By the period of the shop."""


def check_list_prices(facts: Facts) -> list[Warning_]:
    """Products whose stated price is out of date, and those whose list price is that of a few small orders: two price lists, most often."""
    outdated = found("price_outdated", "products", "warning", facts.outdated, _outdated(facts))
    if not facts.derived:
        return outdated
    prices = facts.prices.filter(pl.col("price_stated") == 0)
    shares = list_shares(lately(facts.tables["orders"], facts.last, facts.policy.timezone), prices)
    return [*outdated, *found("list_price_rare", "orders", "warning", doubted(shares), _TEXT)]


def _outdated(facts: Facts) -> str:
    """What is said of stated prices that do not count. Sales made of order lines are of days, others of the periods of the shop."""
    priced = facts.tables["products"].filter((pl.col("price") > 0) & pl.col("sku").is_in(facts.keys["sku"].implode()))
    return _OUTDATED["day" if facts.derived else facts.policy.period].replace("{of}", str(priced.height))
