"""Back to the prices that stood before a run, as the ledger saw them in the shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from pricesmith.contracts.ledger import Act, Books, Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import run_row
from pricesmith.flows.publishing.history.lately import lately
from pricesmith.flows.publishing.history.making import last_made
from pricesmith.flows.publishing.history.runs import run_facts
from pricesmith.guards.hard_floor import floor

from .plan import intents

KEY = list(DECISIONS.key)


class Back(NamedTuple):
    """Number of prices that go back, and of those that had not left yet and do not leave any more."""

    restored: int
    kept: int


def before(ledger: Ledger, run: str, target: str, policy: Policy, keys: Sequence[Key] | None = None) -> pl.DataFrame:
    """What undoing a run would restore: keys, `current_price` (now in the shop), `price` (before the run, or today's higher floor).

    Only products are restored whose price in the shop is still the run's own.
    """
    applied = ledger.read("applied", {"target": [target]}).with_columns(
        earlier=pl.col("price").shift(1).over(KEY), newest=pl.col("at").cum_count().over(KEY) == pl.len().over(KEY)
    )
    run_row(ledger, run)
    past = lately(ledger.read("intents", {"target": [target]}), ledger.read("receipts"), last_made(ledger, run))
    ours = past.intents.filter(pl.col("kind") == "publish").select("intent")
    first = applied.join(ours, on="intent").group_by(KEY, maintain_order=True).agg(price=pl.col("earlier").first())
    now = applied.filter(pl.col("newest")).join(ours, on="intent").select(*KEY, current_price="price")
    if keys is not None:
        now = now.filter(pl.struct(KEY).is_in([key._asdict() for key in keys]))
    restored = now.join(first, on=KEY).filter(pl.col("price").is_not_null() & (pl.col("price") != pl.col("current_price")))
    return _above_floor(ledger, run, restored, policy).filter(pl.col("price") != pl.col("current_price")).sort(KEY)


def on_its_way(ledger: Books, run: str, target: str, keys: Sequence[Key] | None = None) -> pl.DataFrame:
    """What of a run is still to leave and has not come: keys, `current_price` and `price`, both what stands in the shop as far as known.

    A product of which no price was ever known has none to keep, and is not among them.
    """
    asked = ledger.read("intents", {"target": [target]})
    last = asked.filter(pl.col("version") == pl.col("version").max().over(KEY))
    past = lately(asked, ledger.read("receipts"), last_made(ledger, run))
    open_ = ledger.waiting(target).join(last, on="intent", how="semi").select("intent")
    left = past.intents.filter(pl.col("kind") == "publish").join(open_, on="intent", how="semi", maintain_order="left")
    newest = ledger.read("applied", {"target": [target]}).group_by(KEY, maintain_order=True).agg(seen=pl.col("price").last())
    found = left.join(newest, on=KEY, how="left", maintain_order="left").with_columns(price=pl.coalesce("seen", "previous"))
    if keys is not None:
        found = found.filter(pl.struct(KEY).is_in([key._asdict() for key in keys]))
    return found.drop_nulls("price").select(*KEY, current_price="price", price="price").sort(KEY)


def undo(ledger: Books, run: str, target: str, policy: Policy, *, by: str, at: dt.datetime, keys: Sequence[Key] | None = None) -> Back:
    """Queue the prices before a run. Nobody needs to agree with going back.

    They pass the same guards on floors. What is still to leave gives way to them as to any newer version, also where another worker has it
    in hand: the price before is then sent after it.
    """
    rows = before(ledger, run, target, policy, keys)
    left = on_its_way(ledger, run, target, keys).join(rows, on=KEY, how="anti", maintain_order="left")
    queued = intents(ledger, pl.concat([rows.select(left.columns), left]), run, target, policy, at, "undo")
    if queued.height:
        ledger.append(Act(at, by, "queued_undo", f"{run} {target}"), {"intents": queued})
    return Back(rows.height, left.height)


def foreign(leased: pl.DataFrame, asked: pl.DataFrame, receipts: pl.DataFrame) -> pl.Series:
    """(n,) True for a price that was to go back, was never sent, and finds in the shop none of the run that is taken back.

    leased           rows of table INTENTS with `read`, the price in the shop (minor units)
    asked, receipts  rows of tables INTENTS and RECEIPTS of the target
    """
    undone = leased.filter(pl.col("kind") == "undo")
    if undone.is_empty():
        return pl.repeat(False, leased.height, eager=True)
    own = asked.filter(pl.col("kind") == "publish").join(undone, on=["run", *KEY], how="semi").select("run", *KEY, read="price").unique()
    ours = leased.join(own.with_columns(own=True), on=["run", *KEY, "read"], how="left", maintain_order="left")["own"]
    sent = receipts.filter(pl.col("sent").is_not_null()).join(undone, on="intent", how="semi")["intent"]
    return (leased["kind"] == "undo") & ~leased["intent"].is_in(sent.implode()) & ours.is_null()


def way_back(ledger: Ledger, key: Key, price: int) -> str | None:
    """The run whose price stands in a shop in place of this one (minor units), which stood there before it; None where there is none."""
    of = {name: [value] for name, value in key._asdict().items()}
    ours = ledger.read("intents", of).filter(pl.col("kind") == "publish").select("intent", "run")
    applied = ledger.read("applied", of).with_columns(earlier=pl.col("price").shift(1).over("target"))
    seen = applied.join(ours, on="intent", how="left", maintain_order="left")
    first = seen.drop_nulls("run").group_by("target", "run", maintain_order=True).agg(before=pl.col("earlier").first())
    now = seen.group_by("target", maintain_order=True).last().join(first, on=["target", "run"], maintain_order="left")
    found = now.filter((pl.col("before") == price) & (pl.col("price") != price))
    return None if found.is_empty() else str(found["run"][0])


def _above_floor(ledger: Ledger, run: str, rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """A price that would not bring its cost back any more gives way to the lowest one that does."""
    known = rows.join(run_facts(ledger, run).products, on=KEY, how="left", maintain_order="left")
    lowest = floor(known.with_columns(exception_floor=pl.lit(None, pl.Int64)), policy.guards)
    raised = pl.Series(np.where(np.isfinite(lowest), lowest, 0.0)).cast(pl.Int64)
    return rows.with_columns(price=pl.max_horizontal(pl.col("price"), raised))
