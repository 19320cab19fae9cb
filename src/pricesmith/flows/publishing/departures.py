"""Where people depart from what a run proposes: proposals that they turned down, and prices that they set in place of others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import polars as pl

from pricesmith import engine
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS

from .approval import asked_about, run_row
from .lately import lately
from .making import AGAIN, made
from .rederive import rows_of
from .runs import Beside, Facts
from .waves import ARRIVED, TRIED_AGAIN

KEY = list(DECISIONS.key)
SCHEMA = pl.Schema({**dict.fromkeys(KEY, pl.String()), "price": pl.Int64()})


def root_of(ledger: Ledger, run: str) -> str:
    """The run of the whole shop that a run of own prices stands beside; a run of any other kind is its own."""
    row = run_row(ledger, run)
    while row["kind"] == "override" and row["parent"]:
        row = run_row(ledger, str(row["parent"]))
    return str(row["run"])


def departures(ledger: Ledger, root: str, at: dt.datetime) -> pl.DataFrame:
    """Columns SCHEMA, sorted: products of a run for which something else stands than what it proposes. price: null where it is today's.

    Turned down is what somebody rejected or took back since the run was last made. A price that a person set counts from when it is
    proposed until it is turned down; then what stood before it does again.
    """
    told = _Told(*(ledger.read(name) for name in ("intents", "receipts")))
    runs = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]})).rows(named=True)
    found: dict[Key, int | None] = {}
    known = {root}
    for row in runs:
        if row["run"] == root:
            found |= dict.fromkeys(_turned_down(ledger, row, told, at))
        elif row["kind"] == "override" and row["parent"] in known:
            known.add(row["run"])
            gone = _turned_down(ledger, row, told, at)
            set_ = msgspec.json.decode(str(row["facts"]), type=Facts).overrides
            found |= {key: one.price for one in set_ if (key := Key(one.sku, one.channel, one.region)) not in gone}
    return pl.DataFrame([(*key, price) for key, price in found.items()], schema=SCHEMA, orient="row").sort(KEY)


def left(decided: engine.Decided, said: pl.DataFrame) -> engine.Decided:
    """A run with what people made of it. said: of `departures`"""
    return engine.suppose(decided, rows_of(decided.items, beside(said))) if said.height else decided


def beside(said: pl.DataFrame) -> list[Beside]:
    """The same as a run of own prices keeps it. said: of `departures`"""
    return [Beside(**row) for row in said.iter_rows(named=True)]


class _Told(NamedTuple):
    """Rows of these tables."""

    intents: pl.DataFrame
    receipts: pl.DataFrame


def _turned_down(ledger: Ledger, row: Mapping[str, object], told: _Told, at: dt.datetime) -> set[Key]:
    """row: of `making.made`."""
    run, kind = str(row["run"]), str(row["kind"])
    where = {"run": [run]} | ({"reason": ["override"]} if kind == "override" else {})
    changes = ledger.read("decided", where, columns=[*KEY, "action", "reason"]).filter(asked_about(kind)).select(KEY)
    past = lately(told.intents, told.receipts, row)
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(row["digest"]), at, changes)
    fates = told.receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    last = past.intents.join(fates, on="intent", how="left", maintain_order="left").group_by(KEY, maintain_order=True).last()
    back = last.filter((pl.col("kind") == "undo") & pl.col("fate").is_in(ARRIVED)).select(KEY)
    leaves = pl.col("fate").is_null() | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])
    sent = last.filter((pl.col("kind") == "publish") & leaves).select(KEY)
    rejected = said.filter("rejected").select(KEY).join(sent, on=KEY, how="anti")
    return {Key(*one) for one in pl.concat([rejected, back]).iter_rows()}
