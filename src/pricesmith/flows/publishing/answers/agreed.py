"""Who agreed with the changes of a run that a target takes, and which prices of later runs are accepted for the same products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.history.changed_rules import rules_changed
from pricesmith.flows.publishing.history.lately import lately

from .approval import asked_about, needs, size_of, stand_behind
from .overtaken import overtaken

KEY = list(DECISIONS.key)


class Place(NamedTuple):
    """A target with the channel and region that it takes."""

    target: str
    channel: str
    region: str


def agreed(ledger: Ledger, row: Mapping[str, object], place: Place, policy: Policy, at: dt.datetime) -> pl.DataFrame:
    """Rows of table DECIDED that change a price at a target, with `needs`, `agreed`, `rejected`, and `asked`: it was asked for there.

    row  of `making.made`
    """
    run = str(row["run"])
    decisions = ledger.read("decided", {"run": [run]})
    meant = asked_about(str(row["kind"]))
    asked, receipts = ledger.read("intents"), ledger.read("receipts")
    past = lately(asked.filter(pl.col("target") == place.target), receipts, row, asked)
    changed = rules_changed(ledger, row, ledger.read("runs"), asked, receipts, [place.target])
    size = size_of(decisions.filter(meant))
    people = needs(decisions, policy.approval, size=size, rules_changed=changed, excepted=excepted(ledger, at))
    decisions = decisions.with_columns(needs=past.people(decisions, people))
    changes = decisions.filter(meant & (pl.col("channel") == place.channel) & (pl.col("region") == place.region))
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(row["digest"]), at, changes)
    sent = past.intents.select(KEY).unique().with_columns(asked=True)
    for told in (said, sent):
        changes = changes.join(told, on=KEY, how="left", maintain_order="left")
    return changes.with_columns(
        agreed=stand_behind(pl.col("agreed"), pl.col("needs"), pl.col("asker")), asked=pl.col("asked").fill_null(False)
    ).drop("asker")


def approved() -> pl.Expr:
    """Changes with enough people behind them."""
    return (pl.col("agreed") >= pl.col("needs")) & ~pl.col("rejected")


def meant(kind: str) -> pl.Expr:
    """Of approved changes those that a person stands behind: whoever accepted one, or set the price. kind: of the run"""
    return pl.lit(kind == "override") | (pl.col("agreed") >= 1)


def later(runs: pl.DataFrame, verdicts: pl.DataFrame, run: str, policy: Policy, at: dt.datetime) -> pl.DataFrame:
    """Rows of `making.made` of the runs that were made later, in which prices may be approved that somebody stands behind.

    runs  rows of `making.made`;  verdicts: of that table
    """
    own = runs.filter(pl.col("run") == run)["seq"].item()
    said = verdicts.filter((pl.col("answer") == "accept") & (pl.col("expires") > at))["run"].unique()
    free = (pl.col("kind") == "override") & pl.lit(policy.approval.automatic_move > 0)
    return runs.filter((pl.col("seq") > own) & (pl.col("run").is_in(said.implode()) | free))


def accepted_later(ledger: Ledger, runs: pl.DataFrame, run: str, place: Place, policy: Policy, at: dt.datetime) -> pl.DataFrame:
    """Keys and `price` of what is accepted in later runs and was not sent to the target yet, in the order in which they were made.

    runs  rows of `making.made`
    """
    asked, receipts = ledger.read("intents", {"target": [place.target]}), ledger.read("receipts")
    found = [pl.DataFrame(schema={**dict.fromkeys(KEY, pl.String()), "price": pl.Int64()})]
    for row in later(runs, ledger.read("verdicts"), run, policy, at).iter_rows(named=True):
        changes = agreed(ledger, row, place, policy, at).filter(approved() & meant(str(row["kind"])) & ~pl.col("asked"))
        gone = overtaken(runs, asked, receipts, str(row["run"]), changes)
        found.append(changes.join(gone, on=KEY, how="anti", maintain_order="left").select(*KEY, pl.col("price").cast(pl.Int64)))
    return pl.concat(found)


def excepted(ledger: Ledger, at: dt.datetime) -> list[Key]:
    """Products whose floor two people have lowered, unexpired."""
    standing = ledger.read("exceptions")
    if standing.is_empty():
        return []
    standing = standing.filter(pl.col("expires") > at)
    return [Key(*row) for row in standing.select(KEY).unique().sort(KEY).iter_rows()]
