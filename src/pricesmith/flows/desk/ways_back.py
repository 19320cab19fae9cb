"""Where the price of one product can be taken back: what stands in a shop, and what has not left yet."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key

from .ended import with_ends
from .reading import Reading
from .receipts import WAITING, tried


class Back(msgspec.Struct, frozen=True):
    """A price of a run that can be taken back. price: minor units; fate: as its receipt has it, `waiting` where it has not left yet."""

    run: str
    target: str
    price: int
    fate: str


def ways_back(reading: Reading, key: Key) -> list[Back]:
    """The prices of a product that can be taken back, the newest first."""
    own = tried(reading).filter(pl.all_horizontal(pl.col(name) == value for name, value in key._asdict().items()))
    if own.is_empty():
        return []
    open_ = pl.col("stands") | (pl.col("fate") == WAITING)
    found = with_ends(reading, own).filter((pl.col("kind") == "publish") & open_).sort("seq", descending=True)
    return [Back(*row) for row in found.select(Back.__struct_fields__).iter_rows()]
