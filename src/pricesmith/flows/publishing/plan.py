"""Approved decisions become intents: absolute prices with a version and an end, written with their audit row in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.ledger import INTENTS, Act, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.publishing import ShopPolicy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS

from .approval import asked_about, needs, run_row, stand_behind
from .changed_rules import rules_changed
from .lately import lately
from .making import AGAIN, last_made, made
from .names import name_of
from .overtaken import overtaken

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would send to a target.

    changes   rows of table DECIDED that change a price there, with `needs`, `agreed`, `rejected`, and `overtaken` by a newer run's price
    ready     those with enough people behind them that nothing has overtaken
    """

    run: str
    target: str
    changes: pl.DataFrame
    ready: pl.DataFrame


def plan(
    ledger: Ledger, run: str, target: str, shop: ShopPolicy, policy: Policy, at: dt.datetime, keys: Sequence[Key] | None = None
) -> Plan:
    """Which changes of a run belong to a target's channel and region, and which of them may be sent."""
    run_row(ledger, run)
    runs = made(ledger.read("runs"), ledger.read("audit", {"act": [AGAIN]}))
    found = runs.row(by_predicate=pl.col("run") == run, named=True)
    decisions = ledger.read("decided", {"run": [run]})
    meant = asked_about(str(found["kind"]))
    many = decisions.filter(meant).height
    asked, receipts = ledger.read("intents"), ledger.read("receipts")
    sent = asked.filter(pl.col("target") == target)
    past = lately(sent, receipts, found, asked)
    changed = rules_changed(ledger, found, ledger.read("runs"), asked, receipts, [target])
    people = needs(decisions, policy.approval, many=many, rules_changed=changed, excepted=excepted(ledger, at))
    decisions = decisions.with_columns(needs=past.people(decisions, people))
    changes = decisions.filter(meant & (pl.col("channel") == shop.channel) & (pl.col("region") == shop.region))
    if keys is not None:
        changes = changes.filter(pl.struct(KEY).is_in([key._asdict() for key in keys]))
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(found["digest"]), at, changes)
    changes = changes.join(said, on=KEY, how="left", maintain_order="left")
    changes = changes.with_columns(agreed=stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker"))).drop("asker")
    late = overtaken(runs, sent, receipts, run, changes).with_columns(overtaken=True)
    changes = changes.join(late, on=KEY, how="left", maintain_order="left").with_columns(pl.col("overtaken").fill_null(False))
    return Plan(run, target, changes, changes.filter(approved() & ~pl.col("overtaken")))


def approved() -> pl.Expr:
    """Changes with enough people behind them."""
    return (pl.col("agreed") >= pl.col("needs")) & ~pl.col("rejected")


def nothing_ready(planned: Plan) -> PricesmithError:
    """Why nothing of a run may be sent."""
    if planned.changes.is_empty():
        return PricesmithError("the run changes no price of this shop's channel and region", where=planned.run)
    late = planned.changes.filter("overtaken")
    if late.height == planned.changes.height or late.filter(approved()).height:
        hint = "price the shop again, or take the newer prices back first"
        return PricesmithError("a newer run has overtaken what could be sent of the run", where=planned.run, hint=hint)
    return PricesmithError("no change of the run is approved", where=planned.run, hint=f"`pricesmith approve DIR {planned.run} --by NAME`")


def queue(ledger: Ledger, planned: Plan, policy: Policy, *, by: str, at: dt.datetime, kind: str = "publish") -> int:
    """Write intents for what is ready and not under way already; returns how many."""
    asked = ledger.read("intents", {"target": [planned.target]})
    past = lately(asked, ledger.read("receipts"), last_made(ledger, planned.run))
    sent = past.intents.filter(pl.col("kind") == kind)
    fresh = planned.ready.join(sent.select(*KEY, "price"), on=[*KEY, "price"], how="anti")
    rows = intents(ledger, fresh, planned.run, planned.target, policy, at, kind)
    if rows.height:
        ledger.append(Act(at, by, "queued", f"{planned.run} {planned.target}"), {"intents": rows})
    return rows.height


def intents(ledger: Ledger, rows: pl.DataFrame, run: str, target: str, policy: Policy, at: dt.datetime, kind: str) -> pl.DataFrame:
    """Rows of table INTENTS; versions follow the newest of each product.

    rows  keys, `price`, `current_price` (minor units)
    """
    newest = ledger.read("intents", {"target": [target]}).group_by(KEY).agg(pl.col("version").max())
    numbered = rows.join(newest, on=KEY, how="left", maintain_order="left").with_columns(pl.col("version").fill_null(0) + 1)
    shop = policy.shops.get(target)
    currency = (shop.currency if shop is not None else "") or policy.currency
    names = [name_of(run, target, kind, *row) for row in numbered.select(*KEY, "version").iter_rows()]
    return numbered.select(
        intent=pl.Series(names, dtype=pl.String),
        run=pl.lit(run),
        at=pl.lit(at).cast(INTENTS.schema["at"]),
        target=pl.lit(target),
        **{name: pl.col(name) for name in KEY},
        version=pl.col("version"),
        price=pl.col("price"),
        previous=pl.col("current_price"),
        currency=pl.lit(currency),
        kind=pl.lit(kind),
        expires=pl.lit(at + dt.timedelta(hours=policy.publish.expires_hours)).cast(INTENTS.schema["expires"]),
    ).select(INTENTS.schema.names())


def excepted(ledger: Ledger, at: dt.datetime) -> list[Key]:
    """Products whose floor two people have lowered, unexpired."""
    standing = ledger.read("exceptions")
    if standing.is_empty():
        return []
    standing = standing.filter(pl.col("expires") > at)
    return [Key(*row) for row in standing.select(KEY).unique().sort(KEY).iter_rows()]
