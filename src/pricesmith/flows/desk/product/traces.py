"""What the ledger knows of one product: decisions of earlier runs, answers, what was sent, what came, and what guards caught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl

from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.own_prices.own import overrides_of
from pricesmith.flows.desk.publishing.sending import PUBLISH, UNDO
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.answers.approval import EVERY, asked_about
from pricesmith.flows.publishing.answers.people import person
from pricesmith.flows.publishing.history.making import AGAIN
from pricesmith.flows.publishing.sending import measures

RUNS, MOST = 30, 60
"""Runs that are looked at, and events that are told."""
_OVERRIDE = pl.col("kind") == "override"


class HeldBefore(msgspec.Struct, frozen=True):
    """That a guard held a price (minor units), and what it measured it by: see `measures.Measured`; null where the ledger does not know."""

    guard: str
    code: str
    price: int | None
    against: float | None = None
    bound: float | None = None
    unit: str = ""
    setting: str = ""


class Event(msgspec.Struct, frozen=True):
    """Something that happened to the price. Prices in minor units of `currency`, which is "" for that of the page's run.

    kind  `decided`, `made_again`, `accept`, `reject`, `withdraw`, `queued`, `sent`, `price` (in the shop, as read) or `guard`
    by    who asked, answered or had it sent; "" where nobody of ours did
    code  reason of a decision, fate of a try, cause of a price, guard and its code
    seq   number of its act in the ledger
    to    the shop, where the kind is about one
    was   price before, where the kind has one
    run   "" where it belongs to none
    held  where a guard held the price
    over  an answer that counts no longer, because the run was made again since
    """

    at: dt.datetime
    kind: str
    run: str
    by: str
    code: str
    price: int | None = None
    was: int | None = None
    why: str | None = None
    seq: int = 0
    to: str = ""
    held: HeldBefore | None = None
    over: bool = False
    currency: str = ""


ORDER = ("decided", "made_again", "accept", "reject", "withdraw", "queued", "guard", "sent", "price")
"""Kinds in the order in which one act brings them about."""


def traces(reading: Reading, key: Key) -> list[Event]:
    """The newest first."""
    told = concerning(reading, key)
    asked = told.filter(pl.when(_OVERRIDE).then(asked_about("override")).otherwise(asked_about("price")))["run"].to_list()
    intents = _intents(reading, key)
    found = [*_decided(told, key), *_again(reading, told), *_answers(reading, key, asked), *_sent(reading, intents)]
    found += [*_shop(reading, key, intents), *_guards(reading, key)]
    return sorted(found, key=lambda one: (one.seq, one.at, ORDER.index(one.kind)), reverse=True)[:MOST]


def concerning(reading: Reading, key: Key) -> pl.DataFrame:
    """Decisions of the latest runs that are about the product, with `at`, `by`, `kind`, `parent`, `facts` and `seq` of their run.

    A run in which people set prices repeats every other decision of its parent: it is about what they set and what thereby became another.
    """
    runs = reading.rows("runs").tail(RUNS).select("run", "at", "by", "kind", "parent", "seq", "facts", "currency")
    names = pl.concat([runs["run"], runs.filter(_OVERRIDE)["parent"].drop_nulls()]).unique(maintain_order=True)
    where = {"run": names.to_list(), **{name: [value] for name, value in key._asdict().items()}}
    rows = reading.book.read("decided", where).select("run", "action", "price", "current_price", "reason")
    before = rows.select(parent="run", before="price")
    told = rows.join(runs, on="run", how="inner", maintain_order="left").join(before, on="parent", how="left", maintain_order="left")
    same = _OVERRIDE & (pl.col("reason") != "override") & pl.col("price").eq_missing(pl.col("before"))
    return told.filter(~same).drop("before")


def of_product(table: pl.DataFrame, key: Key, *, every: bool = False) -> pl.DataFrame:
    """Rows of the product; with `every` also those that mean all products."""
    return table.filter(
        pl.all_horizontal((pl.col(name) == value) | (pl.lit(every) & (pl.col(name) == EVERY)) for name, value in key._asdict().items())
    )


def _event(row: Mapping[str, Any], kind: str, code: str, was: str, **more: Any) -> Event:
    """row: with `at`, `run`, `by`, `price`, `seq` and `currency`; code, was: its columns that have these"""
    return Event(
        row["at"], kind, row["run"], row["by"], row[code], row["price"], row[was], seq=row["seq"], currency=row["currency"], **more
    )


def _decided(rows: pl.DataFrame, key: Key) -> list[Event]:
    return [_event(row, "decided", "reason", "current_price", why=_meant(row, key)) for row in rows.iter_rows(named=True)]


def _meant(row: Mapping[str, Any], key: Key) -> str | None:
    """Why a person set the price; None where none did."""
    told = overrides_of(row).get(key) if row["reason"] == "override" else None
    return None if told is None else told.why


def _again(reading: Reading, rows: pl.DataFrame) -> list[Event]:
    """Each time that one of these runs was made once more, with what it says of the product."""
    acts = reading.rows("audit").filter(pl.col("act") == AGAIN).select("at", "by", "seq", run="subject")
    told = acts.join(rows.select("run", "reason", "price", "current_price", "currency"), on="run", how="inner", maintain_order="left")
    return [_event(row, "made_again", "reason", "current_price") for row in told.iter_rows(named=True)]


def _answers(reading: Reading, key: Key, runs: list[str]) -> list[Event]:
    rows = of_product(reading.rows("verdicts").filter(pl.col("run").is_in(runs)), key, every=True)
    since = {run: _counts_since(reading, run, key) for run in rows["run"].unique()}
    told = rows.filter(~_in_vain()).select("at", "answer", "run", "approver", "why", "seq").iter_rows()
    return [Event(at, answer, run, by, "", why=why, seq=seq, over=seq <= since[run]) for at, answer, run, by, why, seq in told]


def _in_vain() -> pl.Expr:
    """Whether somebody withdrew, with every answer to a run, one that they had not given to the product."""
    before = pl.col("answer").shift().over("run", person("approver"))
    return (pl.col("answer") == "withdraw") & (pl.col("sku") == EVERY) & (before.is_null() | (before == "withdraw"))


def _counts_since(reading: Reading, run: str, key: Key) -> int:
    """`seq` after which answers on the product count; see `lately`."""
    past = reading.lately(run)
    if not past.again or not of_product(past.kept, key).is_empty():
        return 0
    return past.unasked if of_product(past.asked, key).is_empty() else past.since


def _intents(reading: Reading, key: Key) -> pl.DataFrame:
    """Intents of the product, with `by`: who asked for it at the desk within `publish.expires_hours` before, else who put them there."""
    acts, subject = reading.rows("audit"), pl.col("run") + " " + pl.col("target")
    act = pl.when(pl.col("kind") == "undo").then(pl.lit(UNDO)).otherwise(pl.lit(PUBLISH))
    own = of_product(reading.rows("intents"), key).with_columns(subject=subject, act=act).sort("seq")
    own = own.join(acts.select("seq", "by"), on="seq", how="left", maintain_order="left")
    asked = acts.filter(pl.col("act").is_in([PUBLISH, UNDO])).select("act", "subject", asked="seq", person="by", when="at").sort("asked")
    own = own.join_asof(asked, left_on="seq", right_on="asked", by=["act", "subject"], check_sortedness=False)
    near = pl.col("when") > pl.col("at") - dt.timedelta(hours=reading.policy.publish.expires_hours)
    return own.with_columns(by=pl.coalesce(pl.when(near).then("person"), "by"))


def _sent(reading: Reading, intents: pl.DataFrame) -> list[Event]:
    queued = [_event(row, "queued", "kind", "previous", to=row["target"]) for row in intents.iter_rows(named=True)]
    own = intents.select("intent", "run", "target", "by", "price", "currency")
    tries = reading.rows("receipts").join(own, on="intent", how="inner", maintain_order="left")
    return queued + [
        Event(
            row["at"],
            "sent",
            row["run"],
            row["by"],
            row["fate"],
            row["sent"],
            row["read"],
            _said(row),
            row["seq"],
            row["target"],
            _held(row),
            currency=row["currency"],
        )
        for row in tries.iter_rows(named=True)
    ]


def _said(receipt: Mapping[str, Any]) -> str | None:
    """Words of the shop, else the code; a held price has `_held`."""
    return None if _by_guard(receipt) else receipt["detail"] or receipt["code"] or None


def _by_guard(receipt: Mapping[str, Any]) -> bool:
    return receipt["fate"] == "held" and ":" in (receipt["code"] or "")


def _held(receipt: Mapping[str, Any]) -> HeldBefore | None:
    if not _by_guard(receipt):
        return None
    guard, _, code = receipt["code"].partition(":")
    return HeldBefore(guard, code, receipt["price"], **msgspec.structs.asdict(measures.read("held", receipt["detail"])))


def _shop(reading: Reading, key: Key, intents: pl.DataFrame) -> list[Event]:
    rows = of_product(reading.rows("applied"), key).join(intents.select("intent", "by"), on="intent", how="left", maintain_order="left")
    return [
        Event(
            row["at"], "price", "", row["by"] or "", row["cause"], row["price"], seq=row["seq"], to=row["target"], currency=row["currency"]
        )
        for row in rows.iter_rows(named=True)
    ]


def _guards(reading: Reading, key: Key) -> list[Event]:
    rows = of_product(reading.rows("guard_hits").filter(pl.col("sku").is_not_null()), key)
    return [_hit(row) for row in rows.iter_rows(named=True)]


def _hit(row: Mapping[str, Any]) -> Event:
    guard, code, price = row["guard"], row["code"], row["price"]
    held = HeldBefore(guard, code, price)
    return Event(row["at"], "guard", row["run"] or "", "", f"{guard} {code}", price, seq=row["seq"], to=row["target"], held=held)
