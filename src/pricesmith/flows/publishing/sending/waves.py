"""The canary: a first small wave, then larger ones, each after the one before has had time to show what it does."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import DECISIONS
from pricesmith.flows.publishing.desk import Desk
from pricesmith.guards.rank import wave_share

KEY = list(DECISIONS.key)
FILLED = 0.9
"""Part of a wave that must stand in the shop before its time counts; the rest may wait for reasons of its own."""
ARRIVED, TRIED_AGAIN = ["applied", "same"], ["unknown", "pending"]
"""Fates of a price that stands in the shop, and of one that is still to be settled."""
LEAVES = pl.col("fate").is_null() | pl.col("fate").is_in([*ARRIVED, *TRIED_AGAIN])
"""Of rows of `with_fate`: the price stands in the shop, is on its way to it, or waits for its turn."""
ENDED = 3
"""Turn of a price that ended without leaving."""


def with_fate(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Rows of table INTENTS with the last `fate` that receipts tell of each, null where none does."""
    fates = receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last())
    return intents.join(fates, on="intent", how="left", maintain_order="left")


def sent(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Those of the intents whose price was sent, whatever became of it; a price that stood in the shop already never is."""
    return intents.join(receipts.filter(pl.col("sent").is_not_null()), on="intent", how="semi", maintain_order="left")


def last_asked(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """The last intent of each product and target: `target`, keys, `kind` and its last `fate`."""
    found = with_fate(intents, receipts).group_by("target", *KEY, maintain_order=True)
    return found.agg(pl.col("kind").last(), pl.col("fate").last())


@dataclass(frozen=True, slots=True)
class Wave:
    """Where a run stands: `share` of its changes may leave by now; `next_at` is when the next wave opens, None where all may leave.

    more_at  when the next wave opens with which more may leave, if nothing more is asked for meanwhile; None where that is not known yet,
             since this wave is not filled
    empty    waves beside this one that bring no price, since `canary_least` is more than their share: each takes its time too
    """

    share: float
    next_at: dt.datetime | None
    more_at: dt.datetime | None = None
    empty: int = 0


def wave_of(desk: Desk, intents: pl.DataFrame, changes: int, now: dt.datetime) -> Wave:
    """The wave of a run on the desk's target.

    intents  rows of table INTENTS of the run that count, see `lately`
    changes  number of prices of the run that left or are to leave to this target
    """
    table = leaving(intents, desk.read("receipts"))
    return wave_at(desk.policy.guards, came(table), changes, now)


def wave_at(limits: GuardPolicy, arrived: Sequence[dt.datetime], changes: int, now: dt.datetime) -> Wave:
    """The wave of a run: the next one opens when this one has been in the shop for `canary_minutes`.

    A wave counts from the moment at which FILLED of its prices stood there; one that was not filled opens nothing, however old.

    arrived  when each price of the run was first seen in the shop, ascending
    changes  number of prices of the run that left or are to leave
    """
    length = dt.timedelta(minutes=limits.canary_minutes)
    if arrived and not length:
        return Wave(1.0, None)
    opened: dt.datetime | None = None
    for number in range(len(limits.canary)):
        share = wave_share(number, changes, limits)
        if share >= 1.0:
            return Wave(1.0, None)
        needed = math.ceil(FILLED * most(share, changes))
        if len(arrived) < needed:
            return Wave(share, now + length)
        filled = arrived[needed - 1]
        opened = (filled if opened is None else max(filled, opened)) + length
        if now < opened:
            empty, to_come = _empty(number, changes, limits)
            return Wave(share, opened, opened + length * to_come, empty)
    return Wave(1.0, None)


def _empty(number: int, changes: int, limits: GuardPolicy) -> tuple[int, int]:
    """Waves beside wave `number` in which as many may leave as in it, and those of them that come after it."""
    rooms = [most(wave_share(one, changes, limits), changes) for one in range(len(limits.canary) + 1)]
    return rooms.count(rooms[number]) - 1, rooms[number + 1 :].count(rooms[number])


def most(share: float, changes: int) -> int:
    """Number of changes whose place in the canary is below that share."""
    return min(math.ceil(share * changes - 1e-9), changes)


def leaving(intents: pl.DataFrame, receipts: pl.DataFrame) -> pl.DataFrame:
    """Keys of prices of a run, with `turn`: 0 it stands in the shop, 1 it may, 2 it was not sent, ENDED; and `came`, the first time.

    intents, receipts  rows of these tables, of the run and the target; kinds other than `publish` do not count
    """
    ours = intents.filter(pl.col("kind") == "publish").select("intent", *KEY)
    tries = receipts.join(ours.select("intent"), on="intent", how="semi", maintain_order="left")
    there = pl.col("fate").is_in(ARRIVED)
    ends = tries.group_by("intent").agg(
        came=pl.col("at").filter(there).min(), sent=pl.col("sent").is_not_null().any(), fate=pl.col("fate").last()
    )
    open_ = pl.col("fate").is_null() | pl.col("fate").is_in(TRIED_AGAIN)
    turn = (
        pl.when(pl.col("came").is_not_null()).then(0)
        .when(open_ & pl.col("sent").fill_null(False)).then(1)
        .when(open_).then(2)
        .otherwise(ENDED)
    )  # fmt: skip
    found = ours.join(ends, on="intent", how="left", maintain_order="left").with_columns(turn=turn)
    return found.group_by(KEY, maintain_order=True).agg(pl.col("turn").min(), pl.col("came").min())


def came(table: pl.DataFrame) -> list[dt.datetime]:
    """When each price that `leaving` tells of was first seen in the shop, ascending."""
    return table["came"].drop_nulls().sort().to_list()
