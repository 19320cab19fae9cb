"""Which changes an acceptance of many takes: those that can leave. What a guard is foreseen to hold it leaves aside, unless it is meant."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run

from .foreseen import Foreseen, Known, aside, foreseen_of, told
from .reached import Reached, reached, reaches
from .standing import standing

ACCEPTED = ("ready", "unreached")
"""States of `standing.STATES` of a change that is accepted and was not sent yet."""


class Leaving(msgspec.Struct, frozen=True):
    """Of the changes that an acceptance reaches.

    taken  those that can leave together: all where it is not known which a guard would hold, as `aside` says then
    aside  the others
    """

    taken: Reached = Reached()
    aside: Foreseen = Foreseen()


def leaving(found: Known, table: pl.DataFrame) -> Leaving:
    """found: of `foreseen.aside`;  table: rows of `standing` with `profit_change`."""
    waits = table.filter(reaches("accept"))
    rest = waits if found.rows is None else waits.join(found.rows, on=KEY, how="anti")
    return Leaving(reached(rest, "accept"), told(found, waits.select(KEY)))


def taken(reading: Reading, run: Run, part: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """Those of some changes of the run that an acceptance of all of them takes; it is waited for, however large the run.

    Raises PricesmithError where it cannot be told what guards would hold, UsageError where they would hold every one that it reaches.
    """
    found = aside(reading, run, at, wait=True)
    if found.failed is not None:
        raise PricesmithError(found.failed.what, where=found.failed.where, hint=found.failed.hint)
    if found.rows is None:
        raise PricesmithError("which changes a guard would hold is still being worked out", hint="try again in a minute")
    kept = part.join(found.rows, on=KEY, how="anti", maintain_order="left")
    waits = standing(reading, run, at).filter(reaches("accept")).join(part, on=KEY, how="semi")
    if not waits.is_empty() and waits.join(kept, on=KEY, how="semi").is_empty():
        hint = "tick that they are meant too, or set prices of your own that can leave"
        raise UsageError("a guard would hold every change that is meant", hint=hint)
    return kept


def accepted(reading: Reading, run: Run, at: dt.datetime, *, wait: bool = False) -> Foreseen:
    """Of what is accepted of the run and was not sent yet, as it would be sent together. wait: as in `foreseen.known`."""
    keys = standing(reading, run, at).filter(pl.col("state").is_in(ACCEPTED)).select(KEY)
    return foreseen_of(reading, run, keys, at, wait=wait)
