"""The canary: a first small wave, then larger ones, each after the one before has had time to show what it does."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.publishing import GuardPolicy

from .desk import Desk


@dataclass(frozen=True, slots=True)
class Wave:
    """Where a run stands: `share` of its changes may leave by now; `next_at` is when more may, None where all may."""

    share: float
    next_at: dt.datetime | None


def wave_of(desk: Desk, run: str, changes: int, now: dt.datetime) -> Wave:
    """The wave of a run on the desk's target; time counts from its first price that was settled.

    changes  number of prices of the run that are sent to this target
    """
    return wave_at(desk.policy.guards, begin(desk, run), changes, now)


def wave_at(limits: GuardPolicy, begun: dt.datetime | None, changes: int, now: dt.datetime) -> Wave:
    """The wave of a run whose first price was settled at `begun`; None: none was."""
    length = dt.timedelta(minutes=limits.canary_minutes)
    number = 0 if begun is None else len(limits.canary) if not length else int((now - begun) / length)
    if number >= len(limits.canary):
        return Wave(1.0, None)
    share = max(limits.canary[number], limits.canary_least / max(changes, 1))
    if share >= 1.0:
        return Wave(1.0, None)
    return Wave(share, (begun or now) + (number + 1) * length)


def begin(desk: Desk, run: str) -> dt.datetime | None:
    """When the first price of a run was settled, whatever became of it; None where none was."""
    ours = desk.read("intents").filter((pl.col("run") == run) & (pl.col("kind") == "publish"))["intent"]
    first = desk.read("receipts").filter(pl.col("intent").is_in(ours.implode()))["at"].min()
    return first if isinstance(first, dt.datetime) else None
