"""What came into the shop since a run was made, but not from it."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key

from .reading import KEY, Reading, Run
from .remembered import Remembered


class InShop(msgspec.Struct, frozen=True):
    """What the shop has since a run was made, by way of another run or somebody else. price: minor units.

    run        that the price comes from, null where somebody else set it
    overtakes  it was published from a newer run, and is not the price that this run proposes
    """

    price: int
    at: dt.datetime
    target: str
    run: str | None
    overtakes: bool


def _since(reading: Reading, run: Run, _at: dt.datetime) -> pl.DataFrame:
    """KEY and the fields of InShop, of the products whose price was seen in the shop after the run was made and does not come from it."""
    made_now = pl.lit(run.row["seq"])
    last = reading.rows("applied").filter(pl.col("seq") > made_now).group_by(KEY, maintain_order=True).last()
    made = reading.rows("runs").select("run", made="seq")
    origin = reading.rows("intents").select("intent", "run").join(made, on="run", how="left", maintain_order="left")
    proposed = run.changes.select(*KEY, proposed="price")
    last = last.join(origin, on="intent", how="left", maintain_order="left").join(proposed, on=KEY, how="left", maintain_order="left")
    newer = (pl.col("cause") == "publish") & (pl.col("made") > made_now) & (pl.col("price") != pl.col("proposed"))
    others = last.filter(pl.col("run").ne_missing(pl.lit(run.name)))
    return others.select(*KEY, "price", "at", "target", "run", overtakes=newer.fill_null(False))


since = Remembered(_since)
"""(reading, run, at) -> the fields of InShop by product."""


def in_shop(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime) -> dict[Key, InShop]:
    """Of these products (columns KEY) those whose price came from elsewhere since."""
    found = since(reading, run, at).join(keys.select(KEY), on=KEY, how="semi", maintain_order="left")
    return {
        Key(*(row[name] for name in KEY)): InShop(*(row[name] for name in InShop.__struct_fields__)) for row in found.iter_rows(named=True)
    }
