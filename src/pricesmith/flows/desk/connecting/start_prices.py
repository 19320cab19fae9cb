"""Prices that a run starts from, of the product table or the last sales, against what was read in the shop since."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows.desk.publishing.since import since
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run


class Started(msgspec.Struct, frozen=True):
    """Changes of a run whose start price is not what the shop has now.

    new    the shop has the run's own price already;  other: it has a third price;  as_of: day of the run, before which sales are seen
    """

    as_of: dt.date
    new: int
    other: int


def started(reading: Reading, run: Run, at: dt.datetime, without: pl.DataFrame | None = None) -> Started:
    """Of what the shop has for certain since the run was made, or since the product was last sold. without: keys that do not count"""
    there = since(reading, run, at).select(*KEY, there="price")
    there = there if without is None else there.join(without, on=KEY, how="anti")
    table = run.changes.join(there, on=KEY).filter(pl.col("there") != pl.col("current_price"))
    new = table.filter(pl.col("there") == pl.col("price")).height
    return Started(run.as_of, new, table.height - new)
