"""What became of the changes of a run, and what they are worth, state by state."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import polars as pl

from pricesmith.flows.desk.reading.ledger import KEY

from .standing import STATES

COMING = ("open", "ready", "unreached", "sent", "applied", "carried")
"""States of changes that stand in the shop or can still come: what the others were to bring does not."""


class Part(msgspec.Struct, frozen=True):
    """The changes that stand alike: how many, and the sum of their expected changes of profit, each taken alone (major units a day)."""

    count: int
    profit_change: float


def parts(where: pl.DataFrame, change: pl.DataFrame) -> dict[str, Part]:
    """What became of the changes, in the order of STATES.

    where  rows of `standing`;  change: with `profit_change`
    """
    worth = where.select(*KEY, "state").join(change.select(*KEY, "profit_change"), on=KEY, how="left")
    found = {state: Part(*rest) for state, *rest in worth.group_by("state").agg(pl.len(), pl.col("profit_change").sum()).iter_rows()}
    return {state: found[state] for state in STATES if state in found}


def part_of(change: pl.DataFrame) -> Part:
    return Part(change.height, float(change["profit_change"].sum()))


def coming(states: Mapping[str, Part]) -> Part | None:
    """Those of COMING together; None where all of them are."""
    if not states.keys() - set(COMING):
        return None
    left = [states[state] for state in COMING if state in states]
    return Part(sum(part.count for part in left), sum((part.profit_change for part in left), 0.0))
