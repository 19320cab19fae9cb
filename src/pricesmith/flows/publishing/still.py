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


def still(book: Books, target: str) -> list[Still]:
    """The run that was queued first comes first."""
    left = book.waiting(target).select("intent", "due")
    if left.is_empty():
        return []
    groups = book.read("intents").join(left, on="intent").group_by("run", "kind", maintain_order=True).agg(pl.len(), pl.col("due").min())
    return [Still(run, kind == "undo", count, due) for run, kind, count, due in groups.iter_rows()]


def of_others(book: Books, target: str, run: str) -> int:
    """Prices of other runs that wait to leave to a shop."""
    return sum(one.count for one in still(book, target) if one.run != run)
