"""What is counted: a product has a price in each store that it is sold in, so that there are more prices than products."""

from __future__ import annotations

import msgspec
import polars as pl


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
