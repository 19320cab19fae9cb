"""Where the price of one product can be taken back: what stands in a shop, and what has not left yet."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import Reading

from .ended import with_ends
from .receipts import WAITING, tried


class Back(msgspec.Struct, frozen=True):
    """A price of a run that can be taken back, minor units. fate: as its receipt has it, `waiting` where it has not left yet.

    to  the price that stood in the shop before the run's, null where it has not left yet or none is known; a floor of today may be higher
    at  when it was asked for
    """

    run: str
    target: str
    price: int
    fate: str
    at: dt.datetime
    to: int | None = None


def ways_back(reading: Reading, key: Key) -> list[Back]:
    """The prices of a product that can be taken back, the newest first."""
    own = tried(reading).filter(pl.all_horizontal(pl.col(name) == value for name, value in key._asdict().items()))
    if own.is_empty():
        return []
    open_ = pl.col("stands") | (pl.col("fate") == WAITING)
    found = with_ends(reading, own).filter((pl.col("kind") == "publish") & open_).sort("seq", descending=True)
    asked = found.join(reading.rows("intents").select("intent", asked_at="at"), on="intent", how="left", maintain_order="left")
    rows = asked.select("run", "target", "price", "fate", "asked_at").iter_rows()
    return [
        Back(run, target, price, fate, asked_at, None if fate == WAITING else _earlier(reading, own, key, run, target))
        for run, target, price, fate, asked_at in rows
    ]


def _earlier(reading: Reading, own: pl.DataFrame, key: Key, run: str, target: str) -> int | None:
    """The last price that was seen in a shop before the first of a run. own: rows of `tried` of the product."""
    of = [pl.col(name) == value for name, value in {**key._asdict(), "target": target}.items()]
    seen = reading.rows("applied").filter(of).with_columns(earlier=pl.col("price").shift(1))
    ours = own.filter((pl.col("run") == run) & (pl.col("target") == target) & (pl.col("kind") == "publish"))
    first = seen.join(ours.select("intent"), on="intent", how="semi", maintain_order="left")["earlier"].head(1)
    return None if first.is_empty() else first[0]
