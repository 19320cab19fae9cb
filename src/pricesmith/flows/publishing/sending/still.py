"""What still waits to leave to a shop, by run."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.ledger import Books


@dataclass(frozen=True, slots=True)
class Still:
    """Prices of a run that wait to leave. undo: back to what stood before;  due: when the first may be tried"""

    run: str
    undo: bool
    count: int
    due: dt.datetime


def still(left: pl.DataFrame, intents: pl.DataFrame) -> list[Still]:
    """The run that was queued first comes first. left: what waits, of `Outbox.waiting`;  intents: rows of that table"""
    groups = intents.join(left.select("intent", "due"), on="intent").group_by("run", "kind", maintain_order=True)
    return [Still(run, kind == "undo", count, due) for run, kind, count, due in groups.agg(pl.len(), pl.col("due").min()).iter_rows()]


def still_to(book: Books, target: str) -> list[Still]:
    """The same of all that waits to leave to a shop; where nothing does, the ledger is not read."""
    left = book.waiting(target)
    return [] if left.is_empty() else still(left, book.read("intents"))


def of_others(book: Books, target: str, run: str) -> int:
    """Prices of other runs that wait to leave to a shop."""
    return sum(one.count for one in still_to(book, target) if one.run != run)
