"""The approved prices of a run as a file, for somebody who sets them by hand: what may not leave is left out of it and counted."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec
import polars as pl

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.flows.desk.own_prices.by_hand import own_runs
from pricesmith.flows.desk.reading.ledger import KEY, Reading, Run
from pricesmith.flows.publishing.answers.agreed import approved
from pricesmith.flows.publishing.sending.switch import ALL, state_of

from .foreseen import Caught, Foreseen, Known, known_of, told
from .standing import standing

WAITS, ENDED = ("ready", "unreached", "sent"), ("held", "failed")
"""States of `standing.STATES` of an approved change that is not in a shop yet, and of one that did not come there."""


OVER = ("overtaken", "sent", "applied")
"""States of one whose price another accepted one overtakes: nobody sets it by hand any more."""


class ApprovedFile(msgspec.Struct, frozen=True):
    """prices: in the file, of which `there` stand in a shop already; columns: its header. The others that were approved are left out of it:

    own      prices of the file that people set beside this run, and that were approved
    held     what a guard would hold, and what would stop the channel if the file left as one; no file while that is not known
    overtaken  of which another accepted price of a later run takes the place
    stopped  of stopped products or shops;  ended: what a guard held when it was sent, or what the shop did not take
    """

    prices: int
    columns: list[str]
    there: int
    held: Foreseen
    overtaken: int
    stopped: int
    ended: int
    own: int = 0


class Approved(NamedTuple):
    """What the page says of the file, and its rows: keys, `price` and `current_price` in minor units, `currency` and `name`, by sku."""

    said: ApprovedFile
    rows: pl.DataFrame


def approved_file(reading: Reading, run: Run, at: dt.datetime, *, wait: bool = False) -> Approved:
    """The prices of a run, and own prices that stand beside it: one file sets them all.

    wait  until it is known what guards would hold, however large the run
    """
    found = _alone(reading, run, at, wait)
    for name in own_runs(reading, run.name):
        found = _with_own(found, _alone(reading, reading.run(name), at, wait))
    return found


def _with_own(found: Approved, own: Approved) -> Approved:
    """Both as one file: an own price takes the place of another of its product, and what may not leave of either is told of both."""
    rows = pl.concat([found.rows.join(own.rows, on=KEY, how="anti"), own.rows]).sort("sku", *KEY[1:])
    one, other = found.said, own.said
    unknown = (held for held in (one.held, other.held) if held.failed or held.working)
    held = next(unknown, None) or _both(one.held, other.held)
    said = ApprovedFile(
        rows.height, columns_of(rows), one.there + other.there, held, one.overtaken, one.stopped + other.stopped, one.ended + other.ended,
        one.own + other.prices,
    )  # fmt: skip
    return Approved(said, rows)


def _both(one: Foreseen, other: Foreseen) -> Foreseen:
    counts: dict[tuple[str, str], int] = {}
    for row in (*one.caught, *other.caught):
        counts[row.guard, row.code] = counts.get((row.guard, row.code), 0) + row.count
    caught = [Caught(*reason, count) for reason, count in sorted(counts.items(), key=lambda item: -item[1])]
    return Foreseen(one.changes + other.changes, caught, list(dict.fromkeys([*one.stops, *other.stops])))


def _alone(reading: Reading, run: Run, at: dt.datetime, wait: bool) -> Approved:
    every = standing(reading, run, at)
    where, over = every.filter(~pl.col("outvoted")), every.filter(pl.col("outvoted") & pl.col("state").is_in(OVER))
    there, waits = where.filter(pl.col("state") == "applied"), where.filter(pl.col("state").is_in(WAITS) & approved())
    free = waits.filter(~_stopped(reading, waits))
    held, rest = _held(reading, run, free.select(KEY), at, wait)
    keys = pl.concat([there.select(KEY), rest])
    name = pl.col("name") if "name" in run.changes.columns else pl.lit(None, pl.String).alias("name")
    rows = run.changes.select(*KEY, "price", "current_price", name).join(keys, on=KEY, how="semi")
    rows = rows.with_columns(currency=pl.lit(run.currency)).sort("sku", *KEY[1:])
    ended = where.filter(pl.col("state").is_in(ENDED)).height
    return Approved(ApprovedFile(rows.height, columns_of(rows), there.height, held, over.height, waits.height - free.height, ended), rows)


def columns_of(rows: pl.DataFrame) -> list[str]:
    """The header of the file: channel and region where there are several; behind what a shop reads, what a person looks at beside it."""
    places = KEY[1:] if rows.select(KEY[1:]).n_unique() > 1 else []
    return ["sku", *places, "price", "currency", "current_price", *(["name"] if rows["name"].is_not_null().any() else [])]


def rows_of(reading: Reading, run: Run, at: dt.datetime) -> pl.DataFrame:
    """The rows of the file. Raises UsageError where it has none, PricesmithError where it cannot be told what guards would hold."""
    said, rows = approved_file(reading, run, at, wait=True)
    if said.held.failed is not None:
        raise PricesmithError(said.held.failed.what, where=said.held.failed.where, hint=said.held.failed.hint)
    if said.held.working:
        raise PricesmithError("which changes a guard would hold is still being worked out", hint="try again in a minute")
    if rows.is_empty():
        raise UsageError("no approved price of this run may leave", hint="the page of the run says why")
    return rows


def _held(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime, wait: bool) -> tuple[Foreseen, pl.DataFrame]:
    """What a guard would hold of these, and the keys of the others. A smaller batch may be held for what a larger one is not (G6)."""
    found, rest = list[pl.DataFrame](), keys
    while not rest.is_empty():
        known = known_of(reading, run, rest, at, wait=wait)
        if known.rows is None:
            return told(known, keys), keys.clear()
        if known.rows.is_empty() and known.stops:
            return Foreseen(stops=list(known.stops)), keys.clear()
        if known.rows.is_empty():
            break
        found.append(known.rows)
        rest = rest.join(known.rows, on=KEY, how="anti", maintain_order="left")
    return (told(Known("", pl.concat(found)), keys) if found else Foreseen()), rest


def _stopped(reading: Reading, rows: pl.DataFrame) -> pl.Series:
    """(n,) True where the product, every shop that takes its channel and region, or everything is stopped."""
    scopes = state_of(reading.rows("switches"))
    shops = reading.policy.shops
    open_ = {(one.channel, one.region) for name, one in shops.items() if ("target", name) not in scopes}
    shut = {(one.channel, one.region) for one in shops.values()} - open_
    places = pl.Series([place in shut for place in rows.select(KEY[1:]).iter_rows()], dtype=pl.Boolean)
    skus = [name for scope, name in scopes if scope == "sku"]
    return rows["sku"].is_in(skus) | places | pl.repeat(ALL in scopes, rows.height, dtype=pl.Boolean, eager=True)
