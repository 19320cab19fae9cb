"""Prices that people set beside those of a run: the newest of each product, and where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.departures import set_beside
from pricesmith.flows.publishing.rederive import policy_of
from pricesmith.flows.publishing.runs import Facts, Override

from .reading import KEY, Reading, Run
from .remembered import Remembered
from .standing import standing

KEPT = 256
"""Runs of own prices that are kept laid out: a few rows each."""
_TEXTS = (*KEY, "run", "by", "why", "state")
SCHEMA = pl.Schema(
    {
        **{name: pl.String() for name in _TEXTS},
        **{name: pl.Int64() for name in ("price", "needs", "agreed")},
        "at": pl.Datetime("us", "UTC"),
    }
)


class Own(msgspec.Struct, frozen=True):
    """A price that a person set. run: of kind override; price: minor units; state: of `standing.STATES`, null where it is today's price."""

    run: str
    price: int
    by: str
    why: str
    at: dt.datetime
    state: str | None
    needs: int | None
    agreed: int | None


def overrides_of(row: Mapping[str, object]) -> dict[Key, Override]:
    """What people set in a run: of one product the last counts. row: of table RUNS."""
    known = msgspec.json.decode(str(row["facts"]), type=Facts).overrides
    return {Key(one.sku, one.channel, one.region): one for one in known}


def own_of(reading: Reading, run: Run, at: dt.datetime) -> dict[Key, Own]:
    """The newest own price of each product that has one beside this run."""
    rows = own_prices(reading, run, at).iter_rows(named=True)
    return {Key(*(row[name] for name in KEY)): Own(*(row[name] for name in Own.__struct_fields__)) for row in rows}


def _own(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """Columns SCHEMA, a row a product."""
    found: dict[Key, dict[str, object]] = {}
    for row in _children(reading, run.name):
        few = reading.shelf("own", KEPT).get(str(row["run"]), partial(_made, reading, row))
        where = standing(reading, few, at).select(*KEY, "state", "needs", "agreed")
        told = overrides_of(row)
        for one in few.decided.select(*KEY, "price").join(where, on=KEY, how="left", maintain_order="left").iter_rows(named=True):
            key = Key(*(one[name] for name in KEY))
            found[key] = {**one, "run": row["run"], "at": row["at"], "by": told[key].by, "why": told[key].why}
    return pl.DataFrame(list(found.values()), schema=SCHEMA)


def _made(reading: Reading, row: dict[str, object], _name: str) -> Run:
    return _few(reading, row)


own_prices = Remembered(_own)
"""(reading, run, at) -> the columns SCHEMA of the own prices beside a run; `price` in minor units."""


def _children(reading: Reading, name: str) -> list[dict[str, object]]:
    """Rows of the runs of own prices that come from this one, see `set_beside`."""
    runs = reading.rows("runs")
    return runs.filter(pl.col("run").is_in(set_beside(runs, name))).rows(named=True)


def _few(reading: Reading, row: dict[str, object]) -> Run:
    """A run of which only the prices that people set are laid out."""
    name = str(row["run"])
    table = reading.book.read("decided", {"run": [name], "reason": ["override"]}).drop("explanation", "seq")
    move = (pl.col("price") / pl.col("current_price") - 1.0).fill_nan(None)
    return Run(name, row, policy_of(reading.book, name), table.with_columns(move=move))
