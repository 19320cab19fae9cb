"""Proposals that people turned down: rejected, or taken back out of the shop. Their products keep the price that they have."""

from __future__ import annotations

import datetime as dt

import polars as pl

from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.tables import DECISIONS

from .approval import asked_about
from .lately import lately
from .making import last_made
from .waves import ARRIVED, TRIED_AGAIN

KEY = list(DECISIONS.key)


def turned_down(ledger: Ledger, run: str, at: dt.datetime) -> pl.DataFrame:
    """KEY, sorted, of the changes that somebody rejected or took back since the run was last made; those of a run that it overrides too."""
    found, name = [], run
    while name:
        row = last_made(ledger, name)
        found.append(_of(ledger, row, at))
        name = str(row["parent"] or "") if row["kind"] == "override" else ""
    return pl.concat(found).unique().sort(KEY)


def _of(ledger: Ledger, row: dict[str, object], at: dt.datetime) -> pl.DataFrame:
    """row: of `making.made`."""
    run = str(row["run"])
    changes = ledger.read("decided", {"run": [run]}, columns=[*KEY, "action", "reason"]).filter(asked_about(str(row["kind"]))).select(KEY)
    receipts = ledger.read("receipts")
    past = lately(ledger.read("intents"), receipts, row)
    said = past.said(ledger.read("verdicts", {"run": [run]}), run, str(row["digest"]), at, changes)
    fates = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    last = past.intents.join(fates, on="intent", how="left", maintain_order="left").group_by(KEY, maintain_order=True).last()
    back = last.filter((pl.col("kind") == "undo") & pl.col("fate").is_in(ARRIVED)).select(KEY)
    leaves = pl.col("fate").is_null() | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])
    sent = last.filter((pl.col("kind") == "publish") & leaves).select(KEY)
    rejected = said.filter("rejected").select(KEY).join(sent, on=KEY, how="anti")
    return pl.concat([rejected, back])
