"""A price that a person set, beside what was recommended."""

from __future__ import annotations

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import Reading, Run

from .own import overrides_of


class ByHand(msgspec.Struct, frozen=True):
    """by: who set it.

    price    recommended, minor units
    against  expected profit of what was set less that of the recommendation, major units a day; null where either is not known
    """

    by: str
    price: int | None
    against: float | None


def by_hand_of(reading: Reading, run: Run, key: Key) -> ByHand | None:
    """None where nobody set the price of the product in this run."""
    told = overrides_of(run.row).get(key)
    if told is None:
        return None
    names = [run.name, _priced(reading, run.name)]
    rows = reading.book.read("decided", {"run": names, **{name: [value] for name, value in key._asdict().items()}})
    own, recommended = (rows.filter(pl.col("run") == name).row(0, named=True) for name in names)
    gains = [0.0 if row["action"] == "keep" else row["profit_change"] for row in (own, recommended)]
    price = recommended["current_price"] if recommended["price"] is None else recommended["price"]
    return ByHand(told.by, price, None if None in gains else gains[0] - gains[1])


def own_runs(reading: Reading, name: str) -> list[str]:
    """Runs of own prices that somebody accepted and that stand beside a run of the engine, the newest last."""
    own = reading.rows("runs").filter(pl.col("kind") == "override")["run"]
    accepted = set(reading.rows("verdicts").filter(pl.col("answer") == "accept")["run"])
    return [one for one in own if one in accepted and _priced(reading, one) == name]


def _priced(reading: Reading, name: str) -> str:
    """The run of the engine that a run of own prices comes from, directly or by way of others."""
    parents = dict(reading.rows("runs").filter(pl.col("kind") == "override").select("run", "parent").iter_rows())
    while name in parents:
        name = parents[name]
    return name
