"""Prices asked now: list prices made from order lines that hardly any unit was sold at, and stated ones that the sales speak against."""

from __future__ import annotations

import polars as pl

from pricesmith.preparation.list_share import doubted, list_shares
from pricesmith.preparation.prepared import Warning_

from .facts import Facts, found

_TEXT = (
    "{products} products sold less than a fifth of their units of the last 28 days near the list price, which is what small orders pay; "
    "if there are two price lists, tell them apart by `channel`, or write what the shop asks into `price` of the product table"
)
_OUTDATED = (
    "{products} products have a `price` that nobody was charged in the last three days, weeks or months (as `period` has it) with a sale, "
    "so the sales say what they cost now; write what the shop asks now, or leave it empty"
)


def check_list_prices(facts: Facts) -> list[Warning_]:
    """Products whose stated price is out of date, and those whose list price is that of a few small orders: two price lists, most often."""
    outdated = found("price_outdated", "products", "warning", facts.outdated, _OUTDATED)
    if not facts.derived:
        return outdated
    prices = facts.prices.filter(pl.col("price_stated") == 0)
    shares = list_shares(facts.tables["orders"], prices, facts.last, facts.policy.timezone)
    return [*outdated, *found("list_price_rare", "orders", "warning", doubted(shares), _TEXT)]
