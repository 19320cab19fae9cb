"""What people accepted of a run and of their own prices, as a whole: a part of a lawful plan may break a rule that all of it keeps."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.own_prices.own import own_prices
from pricesmith.flows.desk.own_prices.whole import WAIT, known_soon
from pricesmith.flows.desk.reading.ledger import KEY, QUICK, Reading, Run
from pricesmith.flows.desk.reading.trouble import Trouble
from pricesmith.flows.publishing.answers.own_price import bound, breaking
from pricesmith.flows.publishing.measured.departures import root_of
from pricesmith.rules.together import Broken, Together, binds

from .standing import standing

STANDS = ("ready", "unreached", "sent", "applied")
"""States of `standing.STATES` of a change that is accepted and goes, or went, to the shop."""
CARRIED = "carried"
"""State of one that another run brings: beside what is accepted it stands as proposed."""
OPEN = "open"
"""State of one that waits for an answer."""


class Judged(msgspec.Struct, frozen=True):
    """broken: rules over several products that what is accepted breaks, all else at today's price; working: ask again in a while.

    failed  where it could not be judged: then an empty `broken` or `left` says nothing
    left    the same of what is accepted together with all that is still open: what was turned down counts at today's price
    """

    broken: list[Broken] = []
    working: bool = False
    failed: Trouble | None = None
    left: list[Broken] = []


def judged(reading: Reading, run: Run, at: dt.datetime) -> Judged:
    """Nothing is broken by a run that is accepted as a whole, nor by one of which nothing is, where no own price is accepted beside it.

    A run of own prices is judged with the one that it stands beside. That is decided again; what stops this stops neither the answer that
    was given nor the page of the run, and is told.
    """
    return _told(reading, run, at, _soon)


def judged_now(reading: Reading, run: Run, at: dt.datetime) -> Judged:
    """The same for whoever waits until it is known, however large the shop is."""
    return _told(reading, run, at, _now)


Judge = Callable[[Reading, Run, pl.DataFrame], list[Broken] | None]


def _told(reading: Reading, run: Run, at: dt.datetime, judge: Judge) -> Judged:
    root = reading.run(root_of(reading.book, run.name))
    if root.row["kind"] != "price" or not binds(root.policy.rules):
        return Judged()
    where, own = standing(reading, root, at), own_prices(reading, root, at)
    open_ = bool((where["state"] == OPEN).any() or (own["state"] == OPEN).any())
    any_ = bool(where["state"].is_in(STANDS).any() or own["state"].is_in(STANDS).any())
    stands, left = _part(where, own, (*STANDS, CARRIED)) if any_ else None, _part(where, own, (*STANDS, CARRIED, OPEN)) if open_ else None
    try:
        broken, rest = ([] if part is None else judge(reading, root, part) for part in (stands, left))
    except PricesmithError as error:
        return Judged(failed=Trouble.of(error))
    return Judged(broken or [], broken is None or rest is None, left=rest or [])


def _part(where: pl.DataFrame, own: pl.DataFrame, states: tuple[str, ...]) -> pl.DataFrame | None:
    """KEY and `price` of what stands otherwise than proposed where changes and own prices of these states stand: own prices, and null
    where a change does not. None where none or all of the run stands as it was proposed, which breaks nothing.

    where  rows of `standing`;  own: of `own_prices`
    """
    own = own.filter(pl.col("state").is_in(states))
    left = where.filter(~pl.col("state").is_in(states)).select(KEY)
    if own.is_empty() and left.height in (0, where.height):
        return None
    rest = left.join(own, on=KEY, how="anti", maintain_order="left").with_columns(price=pl.lit(None, pl.Int64))
    return pl.concat([own.select(*KEY, "price"), rest])


def _now(reading: Reading, run: Run, part: pl.DataFrame) -> list[Broken]:
    """part: of `_part`."""
    return _broken(reading, run, bound(reading.replayed(run.name).decided), part)


def _soon(reading: Reading, run: Run, part: pl.DataFrame) -> list[Broken] | None:
    """The same; None while it is being worked out."""
    known, wait = known_soon(reading, run.name), WAIT if run.decided.height <= QUICK else 0.0
    if known is None:
        return None
    name = f"accepted {run.name} {hashlib.sha256(part.write_csv().encode()).hexdigest()}"
    found: list[Broken] | None = reading.replies.ask(name, lambda: _broken(reading, run, known, part), wait)
    return found


def _broken(reading: Reading, run: Run, known: Together, part: pl.DataFrame) -> list[Broken]:
    """The same, worked out."""
    rows = run.decided.drop("price").join(part, on=KEY, maintain_order="left").filter(pl.col("current_price") > 0).sort("item")
    items, plan = (rows[name].cast(pl.Int64).to_numpy() for name in ("item", "price"))
    today = rows["current_price"].cast(pl.Int64).to_numpy()
    decided, then = reading.replayed(run.name).decided, np.where(rows["price"].is_null().to_numpy(), today, plan)
    return breaking(decided, known, items, then.astype(np.int64)[None, :])[0]
