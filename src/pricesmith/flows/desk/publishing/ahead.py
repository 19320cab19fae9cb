"""When the prices of a run that are still to leave for a shop do, wave by wave: every such moment that a page tells is from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.flows.desk.approval.foreseen import products_of
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.sending.places import places
from pricesmith.flows.publishing.sending.waves import most, wave_at

from .waits import SHUT, SOON, moved

READ = dt.timedelta(seconds=1)
"""A rest that ends so soon has passed when the shop was read."""


class Coming(msgspec.Struct, frozen=True):
    """Prices that leave with one wave, at the earliest from `at` on (null where that is at once), the last of them at `until`.

    why    what the first of them wait for: `now` (nothing), `rest` (a change in the shop is a moment ago), `turn` (they are looked at again
           then), `wave` (the wave before must have been in the shop for `canary_minutes`)
    empty  waves between that one and this that bring no price, and take their time too: `canary_least` is more than their share
    """

    at: dt.datetime | None
    until: dt.datetime | None
    count: int
    why: str
    empty: int = 0


class Left(NamedTuple):
    """A price that is still to leave: when it may at the earliest, None where that is not known, and for what it waits until then."""

    at: dt.datetime | None
    why: str


def ahead(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, left: Sequence[Left], at: dt.datetime) -> list[Coming]:
    """The waves to come, where each price is in the shop as soon as it has left; a guard may let prices wait longer.

    arrived  when each price of the run was first seen in the shop, ascending;  changes: those, and what is to leave
    left     what is to leave, in the order of `places`
    """
    times, rest, now, why, empty = list(arrived), list(left), at, "now", 0
    found: dict[int, Coming] = {}
    while rest:
        wave = wave_at(limits, times, changes, now)
        room = most(wave.share, changes)
        due = rest[: max(room - len(times), 0)]
        going = [one.at is not None and one.at <= now for one in due]
        count = sum(going)
        if count:
            moment, before = None if now <= at else now, found.get(room)
            found[room] = (
                Coming(moment, moment, count, why, empty)
                if before is None
                else msgspec.structs.replace(before, until=moment, count=before.count + count)
            )
            times += [now] * count
            rest = [one for one, gone in zip(due, going, strict=True) if not gone] + rest[len(due) :]
            continue
        events = [(one.at, one.why, 0) for one in due if one.at is not None]
        events += [(wave.more_at, "wave", wave.empty)] if wave.more_at is not None else []
        if not events:
            break
        now, why, empty = min(events, key=lambda event: event[0])
    return list(found.values())


def in_order(
    reading: Reading, run: Run, target: str, ready: pl.DataFrame, open_: pl.DataFrame, at: dt.datetime
) -> tuple[list[Left], list[Left]]:
    """What is still to leave of what was asked for, and the same with what may be published now, in the order in which it leaves.

    ready  keys of what may be published;  open_: rows of `waiting`. Nothing is foreseen while the shop is stopped
    """
    if open_["wait"].is_in(SHUT).any():
        return [], []
    until = pl.when(pl.col("wait") == "sku_stopped").then(None).otherwise(pl.col("until").fill_null(at))
    why = pl.when(pl.col("wait") == "dwell").then(pl.lit("rest")).otherwise(pl.lit("turn"))
    asked = open_.filter(pl.col("kind") == "publish").select(*KEY, at=until, why=why, new=pl.lit(False))
    fresh = ready.select(KEY).with_columns(at=rests(reading, target, ready, at), why=pl.lit("rest"), new=pl.lit(True))
    table = pl.concat([asked, fresh.cast(asked.schema)])
    if table.height <= SOON:
        ours = (pl.col("target") == target) & (pl.col("kind") == "publish")
        queued = reading.lately(run.name).intents.filter(ours)
        about = fresh.select(*KEY, at=pl.lit(at).cast(queued.schema["at"]))
        ranks = places(run.name, queued, reading.rows("receipts"), about, products_of(reading, run), {})
        table = table.join(ranks.select(*KEY, "rank"), on=KEY, how="left", maintain_order="left").sort("new", "rank", maintain_order=True)
    both = [table.filter(~pl.col("new")), table]
    first, every = ([Left(*row) for row in part.select("at", "why").iter_rows()] for part in both)
    return first, every


def rests(reading: Reading, target: str, keys: pl.DataFrame, at: dt.datetime) -> pl.Series:
    """(n,) when each price may move again; one that was never seen rests from now on."""
    seen = moved(reading, target, keys, at)
    rest = pl.col("changed_at").fill_null(at) + dt.timedelta(minutes=reading.policy.guards.dwell_minutes)
    table = keys.select(KEY).join(seen, on=KEY, how="left", maintain_order="left")
    return table.select(at=pl.when(rest > at + READ).then(rest).otherwise(pl.lit(at)))["at"]
