"""Tables of a run that stay as they are until something is written to the ledger, shop.toml is changed, or something runs out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import polars as pl

from pricesmith.contracts.policy import Policy

from .ledger import Reading, Run

MOST = 6
"""Runs of which they are kept: those that were asked for last."""
NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class _Known(NamedTuple):
    acts: int
    policy: Policy
    since: dt.datetime
    until: dt.datetime
    table: pl.DataFrame


class Remembered:
    """One kind of table, made by a function of a reading, a run and a time; what it gives may hang on all of them, and on nothing else."""

    def __init__(self, make: Callable[[Reading, Run, dt.datetime], pl.DataFrame], most: int = MOST) -> None:
        self._make, self._most = make, most
        self._known: WeakKeyDictionary[Reading, dict[str, _Known]] = WeakKeyDictionary()

    def __call__(self, reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
        acts, policy, known = reading.rows("audit").height, reading.policy, self._known.setdefault(reading, {})
        found = known.get(run.name)
        if found is None or found.acts != acts or found.policy is not policy or not found.since <= at < found.until:
            found = _Known(acts, policy, at, ends(reading, at), self._make(reading, run, at))
        known.pop(run.name, None)
        known[run.name] = found
        for name in list(known)[: -self._most]:
            known.pop(name, None)
        return found.table


def ends(reading: Reading, at: dt.datetime) -> dt.datetime:
    """When the next acceptance or lowered floor runs out."""
    moments = [reading.rows(table).filter(pl.col("expires") > at)["expires"].min() for table in ("verdicts", "exceptions")]
    return min((moment for moment in moments if isinstance(moment, dt.datetime)), default=NEVER)
