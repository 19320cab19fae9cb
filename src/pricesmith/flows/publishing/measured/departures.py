"""Where people depart from what a run proposes: proposals that they turned down, and prices that they set in place of others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import polars as pl

from pricesmith import engine, revision
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import asked_about, run_row
from pricesmith.flows.publishing.history.beside import set_beside
from pricesmith.flows.publishing.history.facts import Beside, Facts
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.history.rederive import rows_of
from pricesmith.flows.publishing.sending.waves import ARRIVED, LEAVES, last_asked

KEY = list(DECISIONS.key)
SCHEMA = pl.Schema({**dict.fromkeys(KEY, pl.String()), "price": pl.Int64()})
SET = pl.Schema({**SCHEMA, "run": pl.String(), "by": pl.String()})


def root_of(ledger: Ledger, run: str) -> str:
    """The run of the whole shop that a run of own prices stands beside; a run of any other kind is its own."""
    row = run_row(ledger, run)
    while row["kind"] == "override" and row["parent"]:
        row = run_row(ledger, str(row["parent"]))
    return str(row["run"])


def departures(ledger: Ledger, root: str, at: dt.datetime) -> pl.DataFrame:
    """Columns SCHEMA, sorted: products of a run for which something else stands than what it proposes. price: null where it is today's.

    Turned down is what somebody rejected or took back since the run was last made. A price that a person set counts from when it is
    proposed until it is turned down; then what stood before it does again. What some shop has, or is to get, is not turned down.
    """
    told = _Told(*(ledger.read(name) for name in _Told._fields))
    rows = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    first = rows.row(by_predicate=pl.col("run") == root, named=True)
    found: dict[Key, int | None] = dict.fromkeys(_turned_down(ledger, first, told, at))
    found |= {Key(*one[:3]): one[3] for one in _set(ledger, rows, root, told, at).iter_rows()}
    return pl.DataFrame([(*key, price) for key, price in found.items()], schema=SCHEMA, orient="row").sort(KEY)


def prices_set(ledger: Ledger, root: str, at: dt.datetime) -> pl.DataFrame:
    """Columns SET, sorted: of `departures` those prices that people set, each with the run of own prices that it stands in, and by whom."""
    rows = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    told = _Told(*(ledger.read(name) for name in _Told._fields))
    return _set(ledger, rows, root, told, at).sort(KEY)


def contradicted(changes: pl.DataFrame, set_: pl.DataFrame) -> pl.DataFrame:
    """Keys of the changes in whose place a person set another price, with that price as `own`, its `run` and `by`.

    changes  keys and `price` of changes of one run;  set_: of `prices_set`, beside the run that it stands beside or is
    """
    both = changes.select(*KEY, "price").join(set_.rename({"price": "own"}), on=KEY, maintain_order="left")
    return both.filter(pl.col("own") != pl.col("price")).drop("price")


def _set(ledger: Ledger, rows: pl.DataFrame, root: str, told: _Told, at: dt.datetime) -> pl.DataFrame:
    """The same in any order. rows: of `making.made`"""
    found: dict[Key, tuple[int, str, str]] = {}
    for row in rows.filter(pl.col("run").is_in(set_beside(ledger.read("runs"), root))).iter_rows(named=True):
        gone, run = _turned_down(ledger, row, told, at), str(row["run"])
        set_ = msgspec.json.decode(str(row["facts"]), type=Facts).overrides
        keyed = ((Key(one.sku, one.channel, one.region), one) for one in set_)
        found |= {key: (one.price, run, one.by) for key, one in keyed if key not in gone}
    return pl.DataFrame([(*key, *one) for key, one in found.items()], schema=SET, orient="row")


def left(decided: engine.Decided, said: pl.DataFrame) -> engine.Decided:
    """A run with what people made of it. said: of `departures`"""
    return revision.suppose(decided, rows_of(decided.items, beside(said))) if said.height else decided


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
    last = last_asked(past.intents, told.receipts)
    sent = last.filter((pl.col("kind") == "publish") & LEAVES).select(KEY)
    back = last.filter((pl.col("kind") == "undo") & pl.col("fate").is_in(ARRIVED)).select(KEY)
    down = pl.concat([said.filter("rejected").select(KEY), back])
    return {Key(*one) for one in down.join(sent, on=KEY, how="anti").iter_rows()}
