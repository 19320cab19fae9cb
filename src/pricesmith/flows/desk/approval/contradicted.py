"""What of a run contradicts prices that people set beside it: an acceptance of many leaves it aside, and one that names it says so."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run

from .reached import CONTRADICTS
from .standing import ACCEPTED, own_run, standing

SHOWN = 5


class SetBeside(msgspec.Struct, frozen=True):
    """A price that a person set in place of that of a run, minor units.

    run, by   where it was set, and by whom
    later     that run was made later: where both are accepted its price holds, whichever was accepted first
    accepted  enough people stand behind it there, and it was not sent yet
    """

    sku: str
    channel: str
    region: str
    name: str | None
    price: int
    own: int
    run: str
    by: str
    later: bool
    accepted: bool


class Contradicted(msgspec.Struct, frozen=True):
    """Changes that wait and in whose place a person set another price; rows: the first SHOWN of them."""

    changes: int = 0
    rows: list[SetBeside] = []


def contradicted(reading: Reading, run: Run, at: dt.datetime, keys: pl.DataFrame | None = None) -> Contradicted:
    """Of the run, or of those of its changes that are among the keys: what an acceptance of many would reach but for that."""
    where = standing(reading, run, at).filter(CONTRADICTS & (pl.col("state") == "open"))
    return _told(reading, run, where, keys, at)


def left_aside(reading: Reading, run: Run, at: dt.datetime, keys: pl.DataFrame | None) -> Contradicted:
    """The same with what is accepted already: all that an acceptance of many does not take for that reason."""
    return _told(reading, run, standing(reading, run, at).filter(CONTRADICTS), keys, at)


def _told(reading: Reading, run: Run, where: pl.DataFrame, keys: pl.DataFrame | None, at: dt.datetime) -> Contradicted:
    where = where if keys is None else where.join(keys, on=KEY, how="semi", maintain_order="left")
    return Contradicted(where.height, _rows(reading, run, where.head(SHOWN), at))


def set_beside(reading: Reading, run: Run, key: Key, at: dt.datetime) -> SetBeside | None:
    """The price that a person set in place of this product's in the run, whatever became of it here; None where there is none."""
    row = pl.DataFrame([key], schema=KEY, orient="row")
    found = standing(reading, run, at).join(row, on=KEY, how="semi").filter(pl.col("own").is_not_null())
    return next(iter(_rows(reading, run, found, at)), None)


def _rows(reading: Reading, run: Run, where: pl.DataFrame, at: dt.datetime) -> list[SetBeside]:
    """where: rows of `standing` with `own`"""
    if where.is_empty():
        return []
    runs = {str(row["run"]): row for row in reading.made().iter_rows(named=True)}
    made, told = list(runs), where.join(run.decided.select(*KEY, "name", "price"), on=KEY, how="left", maintain_order="left")
    parts = [_accepted(reading, runs[str(name)], at) for name in where["own_run"].unique(maintain_order=True)]
    told = told.join(pl.concat(parts).with_columns(accepted=True), on=[*KEY, "own_run"], how="left", maintain_order="left")
    here = made.index(run.name)
    told = told.with_columns(
        later=pl.col("own_run").map_elements(lambda name: made.index(name) > here, pl.Boolean), accepted=pl.col("accepted").fill_null(False)
    )
    names = (*KEY, "name", "price", "own", "own_run", "own_by", "later", "accepted")
    return [SetBeside(*row) for row in told.select(names).iter_rows()]


def _accepted(reading: Reading, row: dict[str, object], at: dt.datetime) -> pl.DataFrame:
    """KEY and `own_run` of what is accepted in a run of own prices. row: of `making.made`"""
    waits = standing(reading, own_run(reading, row), at).filter(pl.col("state").is_in(ACCEPTED))
    return waits.select(*KEY, own_run=pl.lit(row["run"]))
