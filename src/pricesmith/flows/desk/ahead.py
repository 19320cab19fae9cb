"""When the waves of a run leave for a shop, told before they do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.publishing.gate import RETRY
from pricesmith.flows.publishing.waves import FILLED, most, wave_at

from .reading import KEY, Reading

READ = dt.timedelta(seconds=1)
"""A rest that ends so soon has passed when the shop was read."""


class Ahead(msgspec.Struct, frozen=True):
    """The waves that are still to leave, published now: each moment is the earliest, for a guard may let prices wait longer.

    first_at, last_at  when the first and the last of them may leave, null where that is at once
    """

    waves: int
    first_at: dt.datetime | None
    last_at: dt.datetime | None


def ahead(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, rested: pl.Series, at: dt.datetime) -> Ahead | None:
    """None where nothing is to leave.

    arrived  when each price of the run was first seen in the shop, ascending;  changes: those, and what is to leave
    rested   of what is to leave: when each price may move again
    """
    if rested.is_empty():
        return None
    starts = rested.sort().to_list()
    first, _, _ = _waves(limits, arrived, changes, max(starts[0], at))
    _, last, waves = _waves(limits, arrived, changes, max(starts[most(FILLED, len(starts)) - 1], at))
    last = max(last, starts[-1])
    return Ahead(waves, first if first > at else None, last if last > at else None)


def rests(reading: Reading, target: str, keys: pl.DataFrame, at: dt.datetime) -> pl.Series:
    """(n,) when each price may move again; one that rests now is looked at again after RETRY, one that was never seen rests from now on."""
    seen = reading.rows("applied").filter(pl.col("target") == target).group_by(KEY).agg(pl.col("at").max())
    rest = pl.col("at").fill_null(at) + dt.timedelta(minutes=reading.policy.guards.dwell_minutes)
    table = keys.select(KEY).join(seen, on=KEY, how="left", maintain_order="left")
    return table.select(at=pl.when(rest > at + READ).then(pl.max_horizontal(rest, pl.lit(at + RETRY))).otherwise(pl.lit(at)))["at"]


def _waves(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, now: dt.datetime) -> tuple[dt.datetime, dt.datetime, int]:
    """When the first and the last wave leave, from `now` on, and how many do, where each is in the shop as soon as it has left."""
    times, left = list(arrived), list[dt.datetime]()
    while len(times) < changes:
        room = most(wave_at(limits, times, changes, now).share, changes) - len(times)
        if room > 0:
            left.append(now)
            times += [now] * room
        else:
            now = wave_at(limits, times, changes, now).next_at or now
    return (left[0], left[-1], len(left)) if left else (now, now, 0)
