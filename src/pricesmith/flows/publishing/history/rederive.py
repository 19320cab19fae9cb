"""A price again, from the ledger alone: the recorded snapshot, model and settings must give the recorded decisions, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import polars as pl

from pricesmith import engine, revision
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.answers.approval import run_row
from pricesmith.rules import RULES

from . import contents
from .facts import Beside, Facts, Override

Set = Override | Beside


@dataclass(frozen=True, slots=True)
class Rederived:
    """A recorded run, decided again.

    recorded   rows of table DECIDED
    differing  keys of the products whose decision is not the recorded one
    """

    snapshot: Snapshot
    policy: Policy
    decided: engine.Decided
    recorded: pl.DataFrame
    differing: pl.DataFrame


def policy_of(ledger: Ledger, run: str) -> Policy:
    """The settings under which a run was made, with the model that it used."""
    row, policy = run_row(ledger, run), settings_of(ledger, run)
    model = msgspec.json.decode(str(row["facts"]), type=Facts).model
    whole: Policy = msgspec.structs.replace(policy, model=msgspec.structs.replace(policy.model, name=model)) if model else policy
    return whole


def settings_of(ledger: Ledger, run: str) -> Policy:
    """What shop.toml said when a run was made, whatever else the run was told."""
    name = str(run_row(ledger, run)["policy"])
    return parse_policy(contents.read(ledger, [name])[name].decode(), RULES, where=f"settings of run {run}")


def rederive(ledger: Ledger, run: str) -> Rederived:
    """Decide a recorded run again. Raises LedgerError where its content is missing or was changed."""
    row = run_row(ledger, run)
    parts = {name: msgspec.json.decode(str(row[name]), type=dict[str, str]) for name in ("snapshot", "model")}
    snapshot, policy = contents.to_snapshot(ledger, parts["snapshot"]), policy_of(ledger, run)
    decided = engine.replay(snapshot, contents.to_tables(ledger, parts["model"]), policy)
    facts = msgspec.json.decode(str(row["facts"]), type=Facts)
    if facts.beside:
        decided = revision.suppose(decided, rows_of(snapshot.items, facts.beside))
    if facts.overrides:
        decided = revision.suppose(decided, rows_of(snapshot.items, facts.overrides), "override")
    recorded = ledger.read("decided", {"run": [run]})
    return Rederived(snapshot, policy, decided, recorded, differing(decided.decisions, recorded))


def rows_of(items: pl.DataFrame, set_: Sequence[Set]) -> dict[int, int | None]:
    """Number of each item that people said a price of -> that price; of one item the last counts."""
    by_key = {(one.sku, one.channel, one.region): one.price for one in set_}
    wanted = pl.DataFrame(list(by_key), schema=dict.fromkeys(DECISIONS.key, pl.String), orient="row")
    found = wanted.join(items.select(*DECISIONS.key, "item"), on=DECISIONS.key, how="left", maintain_order="left")["item"]
    return dict(zip(found.to_list(), by_key.values(), strict=True))


def differing(decisions: pl.DataFrame, recorded: pl.DataFrame) -> pl.DataFrame:
    """Keys of the rows that are not equal in every column, or stand on one side only."""
    columns = DECISIONS.schema.names()
    sides = [table.select(columns).cast(DECISIONS.schema) for table in (decisions, recorded)]
    lone = [one.join(other, on=columns, how="anti", nulls_equal=True) for one, other in (sides, reversed(sides))]
    return pl.concat(lone).select(DECISIONS.key).unique().sort(DECISIONS.key)
