"""How many changes of a run were accepted or rejected: for lists of many runs, each read once and counted anew when somebody answers."""

from __future__ import annotations

import datetime as dt

import msgspec
import polars as pl

from pricesmith.flows.desk.approval.standing import standing
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.history.rederive import policy_of

KEPT = 64
"""Runs whose counts are kept."""


class Partly(msgspec.Struct, frozen=True):
    """Changes that are still open, with which some of the people agreed whom they need, but not all."""

    agreed: int
    needs: int
    changes: int


class Answers(msgspec.Struct, frozen=True):
    """Changes of a run that enough people accepted, or that somebody rejected, as of now; an earlier try to publish them aside.

    partly  those that some accepted, but not yet enough
    """

    accepted: int = 0
    rejected: int = 0
    partly: list[Partly] = []


def answered(reading: Reading, name: str, at: dt.datetime) -> Answers:
    """None of a run that nobody answered yet."""
    since = reading.last_made(name)["seq"]
    said = reading.rows("verdicts").filter(pl.col("run") == name)
    if said.is_empty():
        return Answers()
    stamp = f"{name} {since} {_so_far(said, at)} {_beside(reading, at)}"
    found: Answers = reading.shelf("answered", KEPT).get(stamp, lambda _stamp: _counted(reading, name, at))
    return found


def _beside(reading: Reading, at: dt.datetime) -> str:
    """What counts hang on beside the answers: prices sent and what became of them, lowered floors, and what the settings ask for."""
    sent = [reading.rows(table).height for table in ("intents", "receipts")]
    return f"{sent} {_so_far(reading.rows('exceptions'), at)} {reading.policy.approval} {sorted(reading.policy.shops)}"


def _so_far(rows: pl.DataFrame, at: dt.datetime) -> tuple[int, int]:
    """Rows that were ever written, and those that have not run out."""
    return rows.height, rows.filter(pl.col("expires") > at).height


def _counted(reading: Reading, name: str, at: dt.datetime) -> Answers:
    row = reading.rows("runs").filter(pl.col("run") == name).row(0, named=True)
    table = reading.book.read("decided", {"run": [name], "action": ["change"]}).select(*KEY, "action", "reason", "price", "current_price")
    lean = Run(name, row, policy_of(reading.book, name), table.with_columns(move=pl.col("price") / pl.col("current_price") - 1.0))
    where = standing(reading, lean, at)
    accepted = where.filter((pl.col("agreed") >= pl.col("needs")) & ~pl.col("rejected")).height
    return Answers(accepted, where.filter("rejected").height, partly(where))


def partly(where: pl.DataFrame) -> list[Partly]:
    """Those nearest to enough first. where: rows of `standing`"""
    some = where.filter((pl.col("state") == "open") & (pl.col("agreed") > 0) & (pl.col("agreed") < pl.col("needs")))
    groups = some.group_by("agreed", "needs").agg(pl.len()).sort(pl.col("needs") - pl.col("agreed"), "needs")
    return [Partly(*row) for row in groups.iter_rows()]
