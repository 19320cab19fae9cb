"""Prices of one's own against what binds many products at once: sums over the whole shop, and ties to other products."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import polars as pl

from pricesmith import engine
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.publishing.own_price import bound, breaking, settable
from pricesmith.flows.publishing.rederive import Rederived, items_of
from pricesmith.flows.publishing.turned_down import turned_down as turned_down_of
from pricesmith.rules.together import Broken, Together

from .reading import QUICK, Reading
from .remembered import Remembered

LOOKED = 24
"""Prices that the rules on the product alone allow, the nearest first, of which those to be offered are chosen."""
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
    """A run with what people turned down of it at today's price, and what its rules bind over several products then."""

    decided: Decided
    known: Together


turned_down = Remembered(lambda reading, run, at: turned_down_of(reading.book, run.name, at))
"""(reading, run, at) -> the table of `turned_down.turned_down`."""


def known_soon(reading: Reading, run: str) -> Together | None:
    """What the rules bind over several products at the prices of a run; None while that is being made for a large shop."""
    small = reading.run(run).decided.height <= QUICK
    return reading.bound.ask(run, lambda: bound(reading.replayed(run).decided), WAIT if small else 0.0)


def left_soon(reading: Reading, run: str, at: dt.datetime) -> Left | None:
    """What is left of a run; None while that is being made for a large shop."""
    again, down = reading.replayed_soon(run), turned_down(reading, reading.run(run), at)
    if again is None or down.is_empty():
        known = None if again is None else known_soon(reading, run)
        return None if again is None or known is None else Left(again.decided, known)
    small = reading.run(run).decided.height <= QUICK
    name = f"{run} {hashlib.sha256(down.write_csv().encode()).hexdigest()}"
    found: Left | None = reading.answered.ask(name, lambda: _left(again, down), WAIT if small else 0.0)
    return found


def _left(again: Rederived, down: pl.DataFrame) -> Left:
    decided = engine.keep(again.decided, items_of(again.decided.items, [Key(*row) for row in down.iter_rows()]))
    return Left(decided, bound(decided))


def barring(decided: Decided, known: Together, item: int, prices: Sequence[int]) -> list[list[Broken]]:
    """What each price (minor units) of an item would break over several products; each is one that the rules on it alone allow."""
    return breaking(decided, known, np.array([item]), np.array(prices, dtype=np.int64)[:, None])


def offered(decided: Decided, known: Together, item: int, wanted: float, count: int = 8) -> tuple[list[int], list[Barred]]:
    """Prices nearest to the wanted one that a person may set, ascending; and those as near that rules over several products forbid."""
    close = sorted(settable(decided, item, wanted, LOOKED), key=lambda price: abs(price - wanted))
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
