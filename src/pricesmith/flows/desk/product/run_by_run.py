"""What the latest runs of the whole shop said of one product, side by side: from which price, to which, and what they rested on."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import Reading

RUNS = 8


class Said(msgspec.Struct, frozen=True):
    """What one run said. Prices in minor units of its currency; elasticity with the ends of its 90 % interval, null where it had none.

    at              when it was made;  as_of: of its data
    expected_units  a day, at its price;  profit_change: major units a day
    """

    run: str
    at: dt.datetime
    as_of: dt.date
    currency: str
    current_price: int | None
    price: int | None
    action: str
    reason: str
    elasticity: float | None
    elasticity_lo: float | None
    elasticity_hi: float | None
    evidence: str
    expected_units: float | None
    profit_change: float | None


def run_by_run(reading: Reading, key: Key) -> list[Said]:
    """Of the last RUNS that have it, the one made last first."""
    made = reading.made().filter(pl.col("kind") == "price").select("run", "at", "as_of", "currency", order="seq").tail(RUNS)
    where = {"run": made["run"].to_list(), **{name: [value] for name, value in key._asdict().items()}}
    names = [name for name in Said.__struct_fields__ if name not in ("at", "as_of", "currency")]
    rows = reading.book.read("decided", where, columns=names).drop("seq", strict=False)
    table = rows.join(made, on="run").sort("order", descending=True).with_columns(pl.col(pl.Float64).fill_nan(None))
    return [Said(**row) for row in table.select(Said.__struct_fields__).iter_rows(named=True)]
