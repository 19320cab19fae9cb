"""Prices of a run that people set in their shop themselves, since a day that they name."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import asked_about, run_row

from .departures import departures, root_of

KEY = list(DECISIONS.key)


def set_by_hand(ledger: Ledger, run: str, since: dt.date, at: dt.datetime) -> pl.DataFrame:
    """Keys, `price` (minor units), `since` and `ended` (null): the changes of a run as people left them.

    since  first whole day of the prices
    at     when it is said: what was turned down by then did not come, and where a person set another price that one did
    """
    decided = ledger.read("decided", {"run": [run]}, columns=[*KEY, "price", "action", "reason"])
    changes = decided.filter(asked_about(str(run_row(ledger, run)["kind"]))).select(*KEY, "price")
    if root_of(ledger, run) == run:
        changes = _as_left(changes, departures(ledger, run, at))
    return changes.with_columns(since=pl.lit(since), ended=pl.lit(None, pl.Date)).sort(KEY)


def _as_left(changes: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """other: of `departures`."""
    return pl.concat([changes.join(other, on=KEY, how="anti").select(*KEY, "price"), other.drop_nulls("price").select(*KEY, "price")])
