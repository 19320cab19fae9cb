"""What of a run is accepted in other runs too, and waits there to be published: another price of the same product may leave."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.product.traces import concerning, of_product
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.runs.summaries import summaries
from pricesmith.flows.publishing.answers.approval import Size, asked_about

from .standing import Told, standing, where

SHOWN = 3
RUNS = 3
"""Other runs that are looked at, the newest that somebody accepted something of."""


class Elsewhere(msgspec.Struct, frozen=True):
    """Another run in which the price of a product is ready to be published. price: minor units."""

    run: str
    price: int


def elsewhere(reading: Reading, run: str, key: Key, at: dt.datetime) -> list[Elsewhere]:
    """The newest first. Of accepted prices the one of the run that was made last holds: earlier ones are not ready any more."""
    change = pl.when(pl.col("kind") == "override").then(asked_about("override")).otherwise(asked_about("price"))
    answered = set(_answered(reading, at))
    if not answered - {run}:
        return []
    made = reading.made().filter(pl.col("run").is_in(answered))["run"].to_list()
    rows = concerning(reading, key).filter(change & pl.col("run").is_in(made))
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in key._asdict().items())
    told, found = _told(reading, key), list[Elsewhere]()
    for row in sorted(rows.iter_slices(1), key=lambda row: made.index(row["run"][0]), reverse=True):
        if _ready(reading, row, told, at) and (not found or row["price"][0] == found[0].price):
            found.append(Elsewhere(row["run"][0], row["price"][0]))
    return [one for one in found if one.run != run]


def _answered(reading: Reading, at: dt.datetime) -> list[str]:
    """Runs that somebody accepted something of."""
    said = reading.rows("verdicts").filter((pl.col("answer") == "accept") & (pl.col("expires") > at))
    return said["run"].unique(maintain_order=True).to_list()


def _told(reading: Reading, key: Key) -> Told:
    """What the ledger has of one product."""
    intents = of_product(reading.rows("intents"), key)
    receipts = reading.rows("receipts").join(intents, on="intent", how="semi", maintain_order="left")
    return Told(intents, receipts, of_product(reading.rows("verdicts"), key, every=True))


def _ready(reading: Reading, row: pl.DataFrame, told: Told, at: dt.datetime) -> bool:
    """Whether enough people stand behind a change, and it is neither sent, rejected nor overtaken. row: of `concerning`, with KEY."""
    name = str(row["run"][0])
    known = summaries(reading, [name])[name]
    return bool(where(reading, name, row, told, at, Size(known.changes, known.products))["state"][0] == "ready")


class Too(msgspec.Struct, frozen=True):
    """Another run in which products of a run are ready to be published too.

    changes   of the run;  products: the first SHOWN product keys of those
    later     the other run was made later: its price is the one that stays
    """

    run: str
    changes: int
    products: list[str]
    later: bool


def ready_too(reading: Reading, run: Run, at: dt.datetime) -> list[Too]:
    """Of the last RUNS others."""
    made = reading.made()["run"].to_list()
    answered = set(_answered(reading, at)) - {run.name}
    found = []
    for name in [name for name in reversed(made) if name in answered][:RUNS]:
        there = standing(reading, reading.run(name), at).filter(pl.col("state") == "ready")
        both = there.join(run.changes, on=KEY, how="semi").sort(KEY)
        if both.height:
            first = both["sku"].unique(maintain_order=True).head(SHOWN).to_list()
            found.append(Too(name, both.height, first, made.index(name) > made.index(run.name)))
    return found
