"""Which changes of a run a guard would hold, told before anybody accepts them; see `sending/foretold.py` for what that leaves out."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.desk.own_prices.whole import WAIT
from pricesmith.flows.desk.reading.ledger import KEY, QUICK, Reading, Run
from pricesmith.flows.desk.reading.trouble import Trouble
from pricesmith.flows.publishing.history.runs import FOLLOWS, run_facts
from pricesmith.flows.publishing.sending.forbidden import forbidden
from pricesmith.flows.publishing.sending.foretold import SCHEMA, Foretold, Place, foretold, foretold_alone
from pricesmith.guards.measured import MEASURES

from .standing import standing, taken

WAITING = ("open", "ready", "unreached")
"""States of `standing.STATES` of a change that was not sent yet."""
GUARD = "guard"
"""Column of the price table: the guard that would hold a change and its code, as in `G3 step`."""
KEPT = 2
"""Runs of which what guards ask about their products is kept."""


class ForeseenHold(msgspec.Struct, frozen=True):
    """Why a guard would hold a change.

    against, bound  what the guard measures it by, and the furthest that it lets through, null where it knows neither
    unit            of both, and `setting`: as in `dry.Row`
    """

    guard: str
    code: str
    price: int
    against: float | None
    bound: float | None
    unit: str
    setting: str


class Caught(msgspec.Struct, frozen=True):
    """Changes that a guard would hold, by its code."""

    guard: str
    code: str
    count: int


class Foreseen(msgspec.Struct, frozen=True):
    """Changes of a run that were not sent yet and that a guard would hold as they are, by its reasons, the most common first.

    stops    `GUARD code` of guards that would stop the whole channel if all that is looked at were sent together
    working  that is being worked out: ask again in a while
    failed   why it cannot be told: then no changes say nothing
    """

    changes: int = 0
    caught: list[Caught] = []
    stops: list[str] = []
    working: bool = False
    failed: Trouble | None = None


class Known(NamedTuple):
    """What is known of a run. stamp: another one where that is another; rows: of `foretold.SCHEMA`, None where it is not known (yet)."""

    stamp: str
    rows: pl.DataFrame | None
    failed: Trouble | None = None
    stops: tuple[str, ...] = ()


def known(reading: Reading, run: Run, at: dt.datetime, *, wait: bool = False) -> Known:
    """Worked out once for what it rests on: the run, the rules in force, settings of guards and shops, prices seen there, lowered floors.

    wait  until it is known, however large the run
    """
    name = f"{run.name} {_rests_on(reading, reading.policy, at)}"
    return _soon(reading, run, name, lambda: _of_run(reading, run, run.changes, at), wait)


def foreseen_under(reading: Reading, run: Run, asked: str, mine: Decided, among: Flags, at: dt.datetime) -> Foreseen:
    """Of the changes of a run that is decided in another way, under the settings of its shop; what its products are stays as it was.

    asked  names the question;  among: (n,) True for the items that are looked at
    """
    policy, change = mine.shop.policy, mine.decisions.filter(pl.col("action") == "change")
    name = f"{run.name} {asked} {_rests_on(reading, policy, at)}"
    follows, change = change.select(*KEY, follows=FOLLOWS), change.with_columns(forbidden=pl.lit(0, pl.Int8))

    def rows() -> Foretold:
        products = products_of(reading, run).drop("follows").join(follows, on=KEY, how="left", maintain_order="left")
        return _rows(reading, change, products, policy, at)

    return told(_soon(reading, run, name, rows), mine.items.filter(pl.Series(among)).select(KEY))


def aside(reading: Reading, run: Run, at: dt.datetime, *, wait: bool = False) -> Known:
    """Changes without which the rest of the run can be sent together, no guard being foreseen to hold any of it; stops: with them.

    A smaller batch may be held for what a larger one is not (G6), so that the rest is asked about anew. wait: as in `known`.
    """
    first = known(reading, run, at, wait=wait)
    if first.rows is None or first.rows.is_empty():
        return first
    held = [first.rows]

    def rows() -> Foretold:
        while not held[-1].is_empty():
            rest = run.changes.join(pl.concat(held), on=KEY, how="anti", maintain_order="left")
            held.append(_of_run(reading, run, rest, at).held)
        return Foretold(pl.concat(held), first.stops)

    return _soon(reading, run, f"{run.name} aside {_rests_on(reading, reading.policy, at)}", rows, wait)


def foreseen_of(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime, *, wait: bool = False) -> Foreseen:
    """Of some changes of the run (columns KEY) alone, sent together. wait: as in `known`."""
    return Foreseen() if keys.is_empty() else told(known_of(reading, run, keys, at, wait=wait), keys)


def known_of(reading: Reading, run: Run, keys: pl.DataFrame, at: dt.datetime, *, wait: bool = False) -> Known:
    """As `known`, of some changes of the run (columns KEY) alone, sent together."""
    changes = run.changes.join(keys, on=KEY, how="semi", maintain_order="left")
    part = hashlib.sha256(changes.select(KEY).write_csv().encode()).hexdigest()
    name = f"{run.name} {part} {_rests_on(reading, reading.policy, at)}"
    return _soon(reading, run, name, lambda: _of_run(reading, run, changes, at), wait)


def foreseen(reading: Reading, run: Run, at: dt.datetime, among: pl.DataFrame | None = None) -> Foreseen:
    """Of all changes of the run that were not sent yet, or of those of them with these keys."""
    waiting = _waiting(standing(reading, run, at))
    waiting = waiting if among is None else waiting.join(among, on=KEY, how="semi", maintain_order="left")
    return told(known(reading, run, at), waiting)


def foreseen_now(reading: Reading, run: Run, at: dt.datetime) -> Foreseen:
    """The same at once, however large the run: 100,000 changes take a second. Raises PricesmithError where it cannot be told."""
    found = _of_run(reading, run, run.changes, at)
    return told(Known("", found.held), _waiting(standing(reading, run, at)))


def told(found: Known, among: pl.DataFrame) -> Foreseen:
    """Of these changes (columns KEY)."""
    if found.rows is None:
        return Foreseen(working=found.failed is None, failed=found.failed)
    rows = found.rows.join(among, on=KEY, how="semi")
    groups = rows.group_by("guard", "code").len().sort("len", "code", descending=[True, False])
    return Foreseen(rows.height, [Caught(*row) for row in groups.iter_rows()], list(found.stops) if rows.height else [])


def guarded(found: Known, where: pl.DataFrame) -> pl.DataFrame:
    """Keys and GUARD of the changes that `foreseen` counts.

    where  rows of `standing`
    """
    rows = (SCHEMA.to_frame() if found.rows is None else found.rows).join(_waiting(where), on=KEY, how="semi", maintain_order="left")
    return rows.select(*KEY, **{GUARD: pl.col("guard") + " " + pl.col("code")})


def reasons(found: Known, table: pl.DataFrame) -> dict[Key, ForeseenHold]:
    """Why a guard would hold the changes that have GUARD in these rows of the price table."""
    if found.rows is None:
        return {}
    held = found.rows.join(table.drop_nulls(GUARD).select(KEY), on=KEY, how="semi", maintain_order="left")
    return {Key(*(row[name] for name in KEY)): _held(row) for row in held.iter_rows(named=True)}


Holding = Callable[[Sequence[int]], Mapping[int, ForeseenHold]]
"""Prices of one product, minor units -> why a guard would hold those of them that one would, each set by a person and sent by itself."""


def holding(reading: Reading, run: Run, product: pl.DataFrame, at: dt.datetime) -> Holding | None:
    """product: its key and `current_price`, one row. None where what guards ask about the run is not known, or not yet."""
    if known(reading, run, at).rows is None:
        return None
    policy = reading.policy
    facts = products_of(reading, run).join(product.select(KEY), on=KEY, how="semi")

    def held(prices: Sequence[int]) -> Mapping[int, ForeseenHold]:
        asked = pl.DataFrame({"price": prices}, schema={"price": pl.Int64})
        whole = product.select(KEY).join(asked, how="cross")
        asked = asked.with_columns(forbidden(reading.book, run.name, whole, policy))
        parts = [foretold_alone(product, asked, facts, place, policy.guards, at) for place, _ in _parts(reading, product, policy)]
        rows = pl.concat([SCHEMA.to_frame(), *parts]).unique("price", keep="first", maintain_order=True)
        return {row["price"]: _held(row) for row in rows.iter_rows(named=True)}

    return held


def _held(row: dict[str, Any]) -> ForeseenHold:
    measure = MEASURES.get(row["code"])
    unit, setting = ("", "") if measure is None else (measure.unit, measure.setting)
    return ForeseenHold(**{name: row[name] for name in SCHEMA if name not in KEY}, unit=unit, setting=setting)


def _waiting(where: pl.DataFrame) -> pl.DataFrame:
    return where.filter(pl.col("state").is_in(WAITING)).select(KEY)


def _soon(reading: Reading, run: Run, name: str, make: Callable[[], Foretold], wait: bool = False) -> Known:
    """Known at once of a small shop, or where somebody waits; else it is being made, and there when asked for again."""
    try:
        found = reading.foreseen.ask(name, make, WAIT if wait or run.decided.height <= QUICK else 0.0)
    except PricesmithError as error:
        return Known(f"{name} failed", None, Trouble.of(error))
    return Known(f"{name} False", None) if found is None else Known(f"{name} True", found.held, None, found.stops)


def _rests_on(reading: Reading, policy: Policy, at: dt.datetime) -> str:
    """The past of a price moves on with the clock: by the hour, where there is one."""
    seen = reading.rows("applied").height
    floors = reading.rows("exceptions").filter(pl.col("expires") > at)["seq"].to_list()
    parts = [policy.rules, policy.tax, policy.guards, policy.shops, policy.currency, seen, floors, f"{at:%Y%m%d%H}" if seen else ""]
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()


def products_of(reading: Reading, run: Run) -> pl.DataFrame:
    """`products` of `runs.RunFacts`."""
    found: pl.DataFrame = reading.shelf("products", KEPT).get(run.name, lambda name: run_facts(reading.book, name).products)
    return found


def _of_run(reading: Reading, run: Run, changes: pl.DataFrame, at: dt.datetime) -> Foretold:
    """Of changes of a run, under the settings in force."""
    asked = changes.with_columns(forbidden(reading.book, run.name, changes, reading.policy))
    return _rows(reading, asked, products_of(reading, run), reading.policy, at)


def _rows(reading: Reading, changes: pl.DataFrame, products: pl.DataFrame, policy: Policy, at: dt.datetime) -> Foretold:
    """Of several shops that take a change the first that would hold it."""
    found = [foretold(here, products, place, policy.guards, at) for place, here in _parts(reading, changes, policy)]
    rows = pl.concat([SCHEMA.to_frame(), *(one.held for one in found)]).unique(KEY, keep="first", maintain_order=True)
    return Foretold(rows, tuple(dict.fromkeys(stop for one in found for stop in one.stops)))


def _parts(reading: Reading, changes: pl.DataFrame, policy: Policy) -> list[tuple[Place, pl.DataFrame]]:
    """Each shop with the changes that it takes, where it takes any; those that no shop takes yet, as for one never read."""
    applied, exceptions = reading.rows("applied"), reading.rows("exceptions")
    found = []
    for target, shop in policy.shops.items():
        here = changes.filter((pl.col("channel") == shop.channel) & (pl.col("region") == shop.region))
        found.append((Place(target, shop.currency or policy.currency, applied.filter(pl.col("target") == target), exceptions), here))
    found.append((Place("", policy.currency, applied.clear(), exceptions), changes.filter(~taken(changes, policy))))
    return [(place, here) for place, here in found if not here.is_empty()]
