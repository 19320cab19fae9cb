"""Prices that people set beside those of a run: the newest of each product, and where it stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.standing import own_run, standing
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.flows.publishing.history.beside import set_beside
from pricesmith.flows.publishing.history.facts import Facts, Override

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
        few = own_run(reading, row)
        where = standing(reading, few, at).select(*KEY, "state", "needs", "agreed")
        told = overrides_of(row)
        for one in few.decided.select(*KEY, "price").join(where, on=KEY, how="left", maintain_order="left").iter_rows(named=True):
            key = Key(*(one[name] for name in KEY))
            found[key] = {**one, "run": row["run"], "at": row["at"], "by": told[key].by, "why": told[key].why}
    return pl.DataFrame(list(found.values()), schema=SCHEMA)


own_prices = Remembered(_own)
"""(reading, run, at) -> the columns SCHEMA of the own prices beside a run; `price` in minor units."""


def _children(reading: Reading, name: str) -> list[dict[str, object]]:
    """Rows of the runs of own prices that come from this one, see `set_beside`."""
    runs = reading.rows("runs")
    return runs.filter(pl.col("run").is_in(set_beside(runs, name))).rows(named=True)
