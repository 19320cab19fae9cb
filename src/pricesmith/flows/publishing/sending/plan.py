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
from pricesmith.flows.publishing.answers.agreed import Place, accepted_later, agreed, approved
from pricesmith.flows.publishing.answers.approval import run_row
from pricesmith.flows.publishing.answers.overtaken import outvoted, overtaken
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.making import AGAIN, last_made, made
from pricesmith.flows.publishing.history.names import name_of

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would send to a target.

    changes   rows of table DECIDED that change a price there, with `needs`, `agreed`, `rejected`, and `overtaken` by the price of a later
              run: one that is in the shop or on its way, or that is accepted
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
    asked, receipts = ledger.read("intents"), ledger.read("receipts")
    sent, place = asked.filter(pl.col("target") == target), Place(target, shop.channel, shop.region)
    changes = agreed(ledger, found, place, policy, at)
    if keys is not None:
        changes = changes.filter(pl.struct(KEY).is_in([key._asdict() for key in keys]))
    late = overtaken(runs, sent, receipts, run, changes)
    newer = outvoted(accepted_later(ledger, runs, run, place, policy, at), changes)
    gone = pl.concat([late, newer]).unique().with_columns(overtaken=True)
    changes = changes.join(gone, on=KEY, how="left", maintain_order="left").with_columns(pl.col("overtaken").fill_null(False)).drop("asked")
    return Plan(run, target, changes, changes.filter(approved() & ~pl.col("overtaken")))


def nothing_ready(planned: Plan) -> PricesmithError:
    """Why nothing of a run may be sent."""
    if planned.changes.is_empty():
        return PricesmithError("the run changes no price of this shop's channel and region", where=planned.run)
    late = planned.changes.filter("overtaken")
    if late.height == planned.changes.height or late.filter(approved()).height:
        hint = "price the shop again, or take the newer prices back first, or reject them where they were not sent"
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
