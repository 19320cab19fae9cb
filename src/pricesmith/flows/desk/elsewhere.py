"""What of a run is accepted in other runs too, and waits there to be published: another price of the same product may leave."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.approval import asked_about
from pricesmith.flows.publishing.overtaken import overtaken

from .reading import KEY, Reading, Run
from .standing import standing
from .traces import concerning

RUNS = 3
"""Other runs that are looked at, the newest that somebody accepted something of."""


class Elsewhere(msgspec.Struct, frozen=True):
    """Another run in which people accepted the price of a product that was not sent yet. price: minor units."""

    run: str
    price: int


def elsewhere(reading: Reading, run: str, key: Key, at: dt.datetime) -> list[Elsewhere]:
    """The newest first."""
    change = pl.when(pl.col("kind") == "override").then(asked_about("override")).otherwise(asked_about("price"))
    answered = _answered(reading, at)
    if not set(answered) - {run}:
        return []
    told = concerning(reading, key).filter(change & (pl.col("run") != run) & pl.col("run").is_in(answered))
    rows = told.sort("seq", descending=True).select(*(pl.lit(value).alias(name) for name, value in key._asdict().items()), "run", "price")
    return [Elsewhere(row["run"][0], row["price"][0]) for row in rows.iter_slices(1) if _waits(reading, row, at)]


def _answered(reading: Reading, at: dt.datetime) -> list[str]:
    """Runs that somebody accepted something of."""
    said = reading.rows("verdicts").filter((pl.col("answer") == "accept") & (pl.col("expires") > at))
    return said["run"].unique(maintain_order=True).to_list()


def _waits(reading: Reading, row: pl.DataFrame, at: dt.datetime) -> bool:
    """Whether somebody accepted a price, and it is neither sent nor overtaken. row: KEY, `run`, `price`."""
    name = str(row["run"][0])
    past, made = reading.lately(name), reading.last_made(name)
    if not past.intents.join(row, on=KEY, how="semi").is_empty():
        return False
    said = past.said(reading.rows("verdicts"), name, str(made["digest"]), at, row).row(0, named=True)
    late = overtaken(reading.made(), reading.rows("intents"), reading.rows("receipts"), name, row.drop("run"))
    return bool(said["agreed"]) and not said["rejected"] and late.is_empty()


def ready_too(reading: Reading, run: Run, at: dt.datetime) -> dict[str, int]:
    """Run -> changes of this run that are ready to be published there too, of the last RUNS others."""
    answered = set(_answered(reading, at)) - {run.name}
    others = [name for name in reading.made()["run"].reverse() if name in answered][:RUNS]
    found = {}
    for name in others:
        there = standing(reading, reading.run(name), at).filter(pl.col("state") == "ready")
        found[name] = there.join(run.changes, on=KEY, how="semi").height
    return {name: count for name, count in found.items() if count}
