"""What the ledger knows of one product: decisions of earlier runs, answers, what was sent, what came, and what guards caught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing import measures
from pricesmith.flows.publishing.approval import EVERY, asked_about

from .reading import Reading

RUNS, MOST = 30, 60
"""Runs that are looked at, and events that are told."""
_OVERRIDE = pl.col("kind") == "override"


class Held(msgspec.Struct, frozen=True):
    """That a guard held a price (minor units), and what it measured it by: see `measures.Measured`; null where the ledger does not know."""

    guard: str
    code: str
    price: int | None
    against: float | None = None
    bound: float | None = None
    unit: str = ""
    setting: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened to the price. Prices in minor units.

    kind  `decided`, `accept`, `reject`, `withdraw`, `queued`, `sent`, `price` (in the shop, as read) or `guard`
    code  reason of a decision, fate of a try, cause of a price, guard and its code
    was   price before, where the kind has one
    run   "" where it belongs to none
    held  where a guard held the price
    """

    at: dt.datetime
    kind: str
    run: str
    by: str
    code: str
    price: int | None = None
    was: int | None = None
    why: str | None = None
    held: Held | None = None


def traces(reading: Reading, key: Key) -> list[Event]:
    """The newest first."""
    told = concerning(reading, key)
    asked = told.filter(pl.when(_OVERRIDE).then(asked_about("override")).otherwise(asked_about("price")))["run"].to_list()
    found = [*_decided(told), *_answers(reading, key, asked), *_sent(reading, key), *_shop(reading, key)]
    return sorted([*found, *_guards(reading, key)], key=lambda event: event.at, reverse=True)[:MOST]


def concerning(reading: Reading, key: Key) -> pl.DataFrame:
    """Decisions of the latest runs that are about the product, with `at`, `by`, `kind` and `parent` of their run.

    A run in which people set prices repeats every other decision of its parent: it is about what they set and what thereby became another.
    """
    runs = reading.rows("runs").tail(RUNS).select("run", "at", "by", "kind", "parent")
    names = pl.concat([runs["run"], runs.filter(_OVERRIDE)["parent"].drop_nulls()]).unique(maintain_order=True)
    where = {"run": names.to_list(), **{name: [value] for name, value in key._asdict().items()}}
    rows = reading.book.read("decided", where).select("run", "action", "price", "current_price", "reason")
    before = rows.select(parent="run", before="price")
    told = rows.join(runs, on="run", how="inner", maintain_order="left").join(before, on="parent", how="left", maintain_order="left")
    same = _OVERRIDE & (pl.col("reason") != "override") & pl.col("price").eq_missing(pl.col("before"))
    return told.filter(~same).drop("before")


def _own(table: pl.DataFrame, key: Key, *, every: bool = False) -> pl.DataFrame:
    """Rows of the product; with `every` also those that mean all products."""
    return table.filter(
        pl.all_horizontal((pl.col(name) == value) | (pl.lit(every) & (pl.col(name) == EVERY)) for name, value in key._asdict().items())
    )


def _decided(rows: pl.DataFrame) -> list[Event]:
    return [
        Event(row["at"], "decided", row["run"], row["by"], row["reason"], row["price"], row["current_price"])
        for row in rows.iter_rows(named=True)
    ]


def _answers(reading: Reading, key: Key, runs: list[str]) -> list[Event]:
    rows = _own(reading.rows("verdicts").filter(pl.col("run").is_in(runs)), key, every=True)
    return [Event(row["at"], row["answer"], row["run"], row["approver"], "", why=row["why"]) for row in rows.iter_rows(named=True)]


def _sent(reading: Reading, key: Key) -> list[Event]:
    intents = _own(reading.rows("intents"), key)
    queued = [
        Event(row["at"], "queued", row["run"], row["target"], row["kind"], row["price"], row["previous"])
        for row in intents.iter_rows(named=True)
    ]
    known = intents.select("intent", "run", "target", "price")
    tries = reading.rows("receipts").join(known, on="intent", how="inner", maintain_order="left")
    return queued + [
        Event(row["at"], "sent", row["run"], row["target"], row["fate"], row["sent"], row["read"], _said(row), _held(row))
        for row in tries.iter_rows(named=True)
    ]


def _said(receipt: Mapping[str, Any]) -> str | None:
    """Words of the shop, else the code; a held price has `_held`."""
    return None if _by_guard(receipt) else receipt["detail"] or receipt["code"] or None


def _by_guard(receipt: Mapping[str, Any]) -> bool:
    return receipt["fate"] == "held" and ":" in (receipt["code"] or "")


def _held(receipt: Mapping[str, Any]) -> Held | None:
    if not _by_guard(receipt):
        return None
    guard, _, code = receipt["code"].partition(":")
    return Held(guard, code, receipt["price"], **msgspec.structs.asdict(measures.read("held", receipt["detail"])))


def _shop(reading: Reading, key: Key) -> list[Event]:
    rows = _own(reading.rows("applied"), key)
    return [Event(row["at"], "price", "", row["target"], row["cause"], row["price"]) for row in rows.iter_rows(named=True)]


def _guards(reading: Reading, key: Key) -> list[Event]:
    rows = _own(reading.rows("guard_hits").filter(pl.col("sku").is_not_null()), key)
    return [_hit(row) for row in rows.iter_rows(named=True)]


def _hit(row: Mapping[str, Any]) -> Event:
    guard, code, price = row["guard"], row["code"], row["price"]
    return Event(row["at"], "guard", row["run"] or "", row["target"], f"{guard} {code}", price, held=Held(guard, code, price))
