"""Prices of one's own against what binds many products at once: sums over the whole shop, and ties to other products."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import polars as pl

from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import QUICK, Reading
from pricesmith.flows.desk.reading.remembered import Remembered
from pricesmith.flows.publishing.answers.own_price import bound, breaking, settable
from pricesmith.flows.publishing.history.rederive import Rederived
from pricesmith.flows.publishing.measured.departures import departures, left, root_of
from pricesmith.rules.together import Broken, Together

LOOKED = 24
"""Prices that the rules on the product alone allow, the nearest first, of which those to be offered are chosen."""
EVERY = 10_000
"""Prices that the rules on the product alone allow and that are looked at, at most."""
WAIT = 60.0
"""Seconds that a page of a small shop waits at most for what takes it milliseconds."""


class Barred(msgspec.Struct, frozen=True):
    """Prices, minor units, that the rules on the product alone allow, and the rules over several products that they would break.

    whole   all of these rules add up prices of the shop; else one of them ties products to one another
    fills   which other changes fill a bound on the average move: those `up` or `down`; "" where it is another bound
    """

    prices: list[int]
    rules: list[str]
    whole: bool
    fills: Literal["", "up", "down"] = ""


class Left(NamedTuple):
    """A run with what people made of it, and what its rules bind over several products then."""

    decided: Decided
    known: Together


departures_of = Remembered(lambda reading, run, at: departures(reading.book, root_of(reading.book, run.name), at))
"""(reading, run, at) -> the table of `departures.departures`."""


def known_soon(reading: Reading, run: str) -> Together | None:
    """What the rules bind over several products at the prices of a run; None while that is being made for a large shop."""
    small = reading.run(run).decided.height <= QUICK
    return reading.bound.ask(run, lambda: bound(reading.replayed(run).decided), WAIT if small else 0.0)


def left_soon(reading: Reading, run: str, at: dt.datetime) -> Left | None:
    """What people left of a run; None while that is being made for a large shop."""
    root = root_of(reading.book, run)
    again, said = reading.replayed_soon(root), departures_of(reading, reading.run(root), at)
    if again is None or said.is_empty():
        known = None if again is None else known_soon(reading, root)
        return None if again is None or known is None else Left(again.decided, known)
    small = reading.run(root).decided.height <= QUICK
    name = f"{root} {hashlib.sha256(said.write_csv().encode()).hexdigest()}"
    found: Left | None = reading.left.ask(name, lambda: _left(again, said), WAIT if small else 0.0)
    return found


def _left(again: Rederived, said: pl.DataFrame) -> Left:
    decided = left(again.decided, said)
    return Left(decided, bound(decided))


def barring(decided: Decided, known: Together, item: int, prices: Sequence[int]) -> list[list[Broken]]:
    """What each price (minor units) of an item would break over several products; each is one that the rules on it alone allow."""
    return breaking(decided, known, np.array([item]), np.array(prices, dtype=np.int64)[:, None])


def offered(
    decided: Decided, known: Together, item: int, wanted: float, count: int = 8, passing: Callable[[list[int]], list[int]] = list
) -> tuple[list[int], list[Barred]]:
    """Prices nearest to the wanted one that a person may set in place of the known one, ascending; and those as near that are barred.

    passing  which of some prices no guard would hold; no other is offered
    """
    near = [price for price in settable(decided, item, wanted, EVERY) if price != known.prices[item]]
    close = sorted(passing(near), key=lambda price: abs(price - wanted))[:LOOKED]
    broken = dict(zip(close, barring(decided, known, item, close), strict=True))
    barred: dict[tuple[tuple[str, ...], Literal["", "up", "down"]], list[int]] = {}
    for price in sorted(close[:count]):
        if broken[price]:
            barred.setdefault((tuple(dict.fromkeys(one.rule for one in broken[price])), filling(broken[price])), []).append(price)
    sums = {added.rule for added in known.sums}
    free = sorted([price for price in close if not broken[price]][:count])
    return free, [Barred(prices, list(rules), sums.issuperset(rules), fills) for (rules, fills), prices in barred.items()]


def filling(broken: Sequence[Broken]) -> Literal["", "up", "down"]:
    """Which other changes fill the bound that a price would break: see `Barred.fills`."""
    sides: set[Literal["up", "down"]] = {"up" if one.then > one.upper else "down" for one in broken if one.quantity == "index"}
    return sides.pop() if len(sides) == 1 else ""
