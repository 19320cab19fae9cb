"""What is counted: a product has a price in each store that it is sold in, so that there are more prices than products."""

from __future__ import annotations

import msgspec
import polars as pl


class Counted(msgspec.Struct, frozen=True):
    """products: by SKU;  places: stores or channels, by channel and region;  prices: one for each product in each of its places"""

    products: int
    places: int
    prices: int


def counted(rows: pl.DataFrame) -> Counted:
    """rows: of products in places, with their keys"""
    return Counted(rows["sku"].n_unique(), rows.select("channel", "region").n_unique(), rows.height)
