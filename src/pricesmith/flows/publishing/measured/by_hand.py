"""Prices of a run that people set in their shop themselves, since a day that they name."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import answers, asked_about, run_row
from pricesmith.flows.publishing.sending.waves import ARRIVED

from .departures import departures, root_of

KEY = list(DECISIONS.key)


def set_by_hand(ledger: Ledger, run: str, since: dt.date, at: dt.datetime) -> pl.DataFrame:
    """Keys, `price` (minor units), `since` and `ended` (null): the changes of a run as people left them.

    since  first whole day of the prices
    at     when it is said: what was turned down by then did not come, and where a person set another price that one did. Where people
           accepted changes, those alone came; where nobody did, all
    Raises UsageError for a day before that of the run, and for a run of which a price was published from here.
    """
    row = run_row(ledger, run)
    made = row["as_of"]
    assert isinstance(made, dt.date)
    _check(ledger, run, made, since)
    decided = ledger.read("decided", {"run": [run]}, columns=[*KEY, "price", "action", "reason"])
    changes = decided.filter(asked_about(str(row["kind"]))).select(*KEY, "price")
    said = answers(ledger.read("verdicts", {"run": [run]}), run, str(row["digest"]), at, changes)
    agreed = said.filter((pl.col("agreed") > 0) & ~pl.col("rejected")).select(KEY)
    if agreed.height:
        changes = changes.join(agreed, on=KEY, how="semi", maintain_order="left")
    if root_of(ledger, run) == run:
        changes = _as_left(changes, departures(ledger, run, at))
    return changes.with_columns(since=pl.lit(since), ended=pl.lit(None, pl.Date)).sort(KEY)


def _check(ledger: Ledger, run: str, made: dt.date, since: dt.date) -> None:
    if since < made:
        what = f"prices of run {run} cannot have stood since {since}"
        raise UsageError(what, where="since", hint=f"it was made as of {made}: give a later day")
    asked = ledger.read("intents", {"run": [run], "kind": ["publish"]}, columns=["intent"])
    came = ledger.read("receipts", {"intent": asked["intent"].to_list()}).filter(pl.col("fate").is_in(ARRIVED))
    if asked.height and came.height:
        what = f"prices of run {run} were published from here"
        raise UsageError(what, where="since", hint="leave the day out: the ledger knows since when each stands there")


def _as_left(changes: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """other: of `departures`."""
    return pl.concat([changes.join(other, on=KEY, how="anti").select(*KEY, "price"), other.drop_nulls("price").select(*KEY, "price")])
