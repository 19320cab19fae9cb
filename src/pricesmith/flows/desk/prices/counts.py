"""What is counted: a product has a price in each store that it is sold in, so that there are more prices than products."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.contracts.shop import UNNAMED
from pricesmith.flows.desk.reading.ledger import KEY, Reading


class Counted(msgspec.Struct, frozen=True):
    """products: by SKU;  places: stores or channels in which something has a price, by channel and region;  prices: one for each product in
    each of its places"""

    products: int
    places: int
    prices: int


def counted(rows: pl.DataFrame) -> Counted:
    """rows: of products in places, with their keys and `current_price`; a product that was never sold is in no store yet"""
    priced = rows.filter(pl.col("current_price").is_not_null())
    return Counted(rows["sku"].n_unique(), (priced if priced.height else rows).select("channel", "region").n_unique(), rows.height)


def several(reading: Reading) -> bool:
    """Whether products have prices in several places, as the newest run knows them."""
    name = reading.latest()
    return name is not None and bool(reading.shelf("several places").get(name, lambda run: counted(reading.run(run).decided).places > 1))


def keys(rows: pl.DataFrame) -> pl.Expr:
    """A list of examples of a group of rows, in their order: SKUs, with channel and region where the rows are of several places."""
    named = [pl.when(pl.col(part) != UNNAMED).then(part) for part in KEY[1:]]
    several = rows.select(KEY[1:]).n_unique() > 1
    return (pl.concat_str("sku", *named, separator=" · ", ignore_nulls=True) if several else pl.col("sku")).sort_by(KEY)
