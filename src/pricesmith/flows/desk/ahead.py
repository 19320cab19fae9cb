"""When the waves of a run leave for a shop, told before they do."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.publishing.waves import FILLED, most, wave_at

from .reading import KEY, Reading
from .waits import moved

READ = dt.timedelta(seconds=1)
"""A rest that ends so soon has passed when the shop was read."""


class Ahead(msgspec.Struct, frozen=True):
    """The waves that are still to leave, published now: each moment is the earliest, for a guard may let prices wait longer.

    first_at, last_at  when the first and the last of them may leave, null where that is at once
    next_at            when the wave after the one that is leaving may, null where there is none or that is at once
    """

    waves: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None
    next_at: dt.datetime | None = None


def ahead(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, rested: pl.Series, at: dt.datetime) -> Ahead | None:
    """None where nothing is to leave.

    arrived  when each price of the run was first seen in the shop, ascending;  changes: those, and what is to leave
    rested   of what is to leave: when each price may move again
    """
    if rested.is_empty():
        return None
    starts = [max(one, at) for one in rested.sort()]

    def leave(after: int) -> list[dt.datetime]:
        """The waves, where so many of the prices must have rested before the next one's time counts."""
        return _waves(limits, arrived, changes, starts[min(max(after, 1), len(starts)) - 1])

    room = most(wave_at(limits, arrived, changes, at).share, changes)
    first, late = leave(1), leave(most(FILLED, len(starts)))
    following = leave(math.ceil(FILLED * room) - len(arrived))[1:] if room > len(arrived) else first
    first_at, last_at = (one if one > at else None for one in (first[0], max(late[-1], starts[-1])))
    return Ahead(len(late), first_at, last_at, next((one for one in following if one > at), None))


def rests(reading: Reading, target: str, keys: pl.DataFrame, at: dt.datetime) -> pl.Series:
    """(n,) when each price may move again; one that was never seen rests from now on."""
    seen = moved(reading, target, keys, at)
    rest = pl.col("changed_at").fill_null(at) + dt.timedelta(minutes=reading.policy.guards.dwell_minutes)
    table = keys.select(KEY).join(seen, on=KEY, how="left", maintain_order="left")
    return table.select(at=pl.when(rest > at + READ).then(rest).otherwise(pl.lit(at)))["at"]


def _waves(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, now: dt.datetime) -> list[dt.datetime]:
    """When each wave leaves, from `now` on, where each is in the shop as soon as it has left."""
    times, left = list(arrived), list[dt.datetime]()
    while len(times) < changes:
        room = most(wave_at(limits, times, changes, now).share, changes) - len(times)
        if room > 0:
            left.append(now)
            times += [now] * room
        else:
            now = wave_at(limits, times, changes, now).next_at or now
    return left or [now]
