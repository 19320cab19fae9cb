"""What came into the shop since a run was made or a product last sold before it: from the run, from another one, or by somebody else."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.preparation.times import local_date


class InShop(msgspec.Struct, frozen=True):
    """What the shop has now and the run could not know. price: minor units.

    run    that the price comes from, or was taken back from; null where somebody else set it
    """

    price: int
    at: dt.datetime
    target: str
    run: str | None


def _since(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    """KEY and the fields of InShop, of products whose price was seen after the run was made, its data ends, or they were last sold."""
    last = reading.rows("applied").group_by(KEY, maintain_order=True).last()
    last = last.join(run.decided.select(*KEY, "last_sale"), on=KEY, how="left", maintain_order="left")
    day = local_date(pl.col("at"), run.policy.timezone)
    known = ((day < run.as_of) & (day < pl.col("last_sale"))).fill_null(False)
    last = last.filter((pl.col("seq") > pl.lit(run.row["seq"])) | ~known)
    origin = reading.rows("intents").select("intent", "run")
    return last.join(origin, on="intent", how="left", maintain_order="left").select(*KEY, "price", "at", "target", "run")


since = Remembered(_since)
"""(reading, run, at) -> the fields of InShop by product."""


def in_shop(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime) -> dict[Key, InShop]:
    """Of these products (columns KEY) those of which that is known."""
    found = since(reading, run, at).join(keys.select(KEY), on=KEY, how="semi", maintain_order="left")
    return {
        Key(*(row[name] for name in KEY)): InShop(*(row[name] for name in InShop.__struct_fields__)) for row in found.iter_rows(named=True)
    }
