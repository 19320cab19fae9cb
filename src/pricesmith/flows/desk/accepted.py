"""What people accepted of a run, judged as a whole: a part of a lawful plan may break a rule that the whole of it keeps."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.publishing.own_price import bound, breaking
from pricesmith.rules.together import Broken, Together, binds

from .reading import KEY, QUICK, Reading, Run
from .standing import standing
from .trouble import Trouble
from .whole import WAIT, known_soon

STANDS = ("ready", "unreached", "sent", "applied")
"""States of `standing.STATES` of a change that is accepted and goes, or went, to the shop."""


class Judged(msgspec.Struct, frozen=True):
    """broken: rules over several products that what is accepted breaks, all else at today's price; working: ask again in a while.

    failed  where it could not be judged: then an empty `broken` says nothing
    """

    broken: list[Broken] = []
    working: bool = False
    failed: Trouble | None = None


def judged(reading: Reading, run: Run, at: dt.datetime) -> Judged:
    """Nothing is broken by a run that is accepted as a whole, nor by one of which nothing is; prices that people set were judged before.

    It needs the run decided again; what stops that stops neither the answer that was given nor the page of the run, and is told.
    """
    return _told(reading, run, at, _soon)


def judged_now(reading: Reading, run: Run, at: dt.datetime) -> Judged:
    """The same for whoever waits until it is known, however large the shop is."""
    return _told(reading, run, at, _now)


def _told(reading: Reading, run: Run, at: dt.datetime, judge: Callable[[Reading, Run, pl.DataFrame], Judged]) -> Judged:
    if run.row["kind"] != "price" or not binds(run.policy.rules):
        return Judged()
    where = standing(reading, run, at)
    left = where.filter(~pl.col("state").is_in(STANDS)).select(KEY)
    if left.height in (0, where.height):
        return Judged()
    try:
        return judge(reading, run, left)
    except PricesmithError as error:
        return Judged(failed=Trouble.of(error))


def _now(reading: Reading, run: Run, left: pl.DataFrame) -> Judged:
    return Judged(_broken(reading, run, bound(reading.replayed(run.name).decided), left))


def _soon(reading: Reading, run: Run, left: pl.DataFrame) -> Judged:
    """left: KEY of the changes that are not accepted."""
    known, wait = known_soon(reading, run.name), WAIT if run.decided.height <= QUICK else 0.0
    if known is None:
        return Judged(working=True)
    name = f"accepted {run.name} {hashlib.sha256(left.write_csv().encode()).hexdigest()}"
    found: list[Broken] | None = reading.replies.ask(name, lambda: _broken(reading, run, known, left), wait)
    return Judged(working=True) if found is None else Judged(found)


def _broken(reading: Reading, run: Run, known: Together, left: pl.DataFrame) -> list[Broken]:
    """The same, worked out."""
    rows = run.decided.join(left, on=KEY, how="semi", maintain_order="left").filter(pl.col("current_price") > 0).sort("item")
    items, today = (rows[name].cast(pl.Int64).to_numpy() for name in ("item", "current_price"))
    return breaking(reading.replayed(run.name).decided, known, items, np.asarray(today)[None, :])[0]
