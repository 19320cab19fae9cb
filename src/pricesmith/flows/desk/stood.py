"""How the proposal for one product stands by now: beside what a person set, and beside what came into the shop since."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key

from .own import overrides_of
from .reading import KEY, Reading, Run


class ByHand(msgspec.Struct, frozen=True):
    """A price that a person set, beside what was recommended.

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


def _priced(reading: Reading, name: str) -> str:
    """The run of the engine that a run of own prices comes from, directly or by way of others."""
    parents = dict(reading.rows("runs").filter(pl.col("kind") == "override").select("run", "parent").iter_rows())
    while name in parents:
        name = parents[name]
    return name


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


_WAITING = ("open", "ready", "applied")


def in_shop(reading: Reading, run: Run, keys: pl.DataFrame) -> dict[Key, InShop]:
    """Of those products whose price in the shop was seen after the run was made and does not come from it. keys: columns KEY."""
    mine, since = run.decided.select(*KEY, proposed="price"), pl.lit(run.row["seq"])
    seen = reading.rows("applied").filter(pl.col("seq") > since).join(keys.select(KEY), on=KEY, how="semi", maintain_order="left")
    if seen.is_empty():
        return {}
    last = seen.group_by(KEY, maintain_order=True).last()
    made = reading.rows("runs").select("run", made="seq")
    origin = reading.rows("intents").select("intent", "run").join(made, on="run", how="left", maintain_order="left")
    last = last.join(origin, on="intent", how="left", maintain_order="left").join(mine, on=KEY, how="left", maintain_order="left")
    newer = (pl.col("cause") == "publish") & (pl.col("made") > since) & (pl.col("price") != pl.col("proposed"))
    found = last.filter(pl.col("run").ne_missing(run.name)).with_columns(overtakes=newer.fill_null(False))
    return {
        Key(*(row[name] for name in KEY)): InShop(*(row[name] for name in InShop.__struct_fields__)) for row in found.iter_rows(named=True)
    }


def overtaken(state: str | None, now: InShop | None) -> str | None:
    """The state of a change, `overtaken` where a newer run's price took its place."""
    return "overtaken" if now is not None and now.overtakes and state in _WAITING else state
