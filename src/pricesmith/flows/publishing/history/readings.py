"""What was seen in the shop becomes history: first readings, our own prices, and prices that somebody else changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from pricesmith.contracts.ledger import APPLIED
from pricesmith.contracts.shop import Key, Reading
from pricesmith.contracts.tables import DECISIONS

KEY = list(DECISIONS.key)
READINGS = {**{name: pl.String() for name in KEY}, "read": pl.Int64(), "currency": pl.String(), "handle": pl.String()}

OURS = pl.DataFrame(schema={**dict.fromkeys(KEY, pl.String()), "sent": pl.Int64(), "intent": pl.String(), "kind": pl.String()})
"""No price of ours."""


def table(readings: Mapping[Key, Reading]) -> pl.DataFrame:
    """Keys, `read` (minor units), `currency`, `handle`."""
    rows = [(*key, reading.price, reading.currency, reading.handle) for key, reading in readings.items()]
    return pl.DataFrame(rows, schema=READINGS, orient="row")


def latest(applied: pl.DataFrame) -> pl.DataFrame:
    """Keys, `known` and `seen`: the last price of each product that the ledger knows of, and when it was seen.

    applied  rows of table APPLIED in the order in which they were written
    """
    return applied.group_by(KEY, maintain_order=True).agg(known=pl.col("price").last(), seen=pl.col("at").last())


def news(applied: pl.DataFrame, target: str, seen: pl.DataFrame, at: dt.datetime, ours: pl.DataFrame) -> pl.DataFrame:
    """Rows of table APPLIED for readings that differ from what the ledger knows.

    applied  rows of table APPLIED of the target in the order in which they were written
    seen     see `table`
    ours     keys, `sent`, `intent`, `kind` of prices that we wrote; a reading that equals one is our own doing, any other is drift
    """
    written = ours.select(*KEY, "sent", "intent", "kind").unique(KEY, keep="last", maintain_order=True)
    beside = seen.join(latest(applied), on=KEY, how="left", maintain_order="left").join(written, on=KEY, how="left", maintain_order="left")
    moved = beside.filter(pl.col("known").is_null() | (pl.col("known") != pl.col("read")))
    own = pl.col("sent").is_not_null() & (pl.col("sent") == pl.col("read"))
    first = own & pl.col("known").is_null()
    cause = pl.when(own & ~first).then("kind").when(pl.col("known").is_null()).then(pl.lit("found")).otherwise(pl.lit("drift"))
    return moved.select(
        target=pl.lit(target),
        **{name: pl.col(name) for name in KEY},
        at=pl.max_horizontal(pl.lit(at).cast(APPLIED.schema["at"]), pl.col("seen") + pl.duration(microseconds=1)),
        price=pl.col("read"),
        currency=pl.col("currency"),
        cause=cause,
        intent=pl.when(own & ~first).then("intent"),
    ).select(APPLIED.schema.names())
