"""Prices of one's own against what binds many products at once: sums over the whole shop, and ties to other products."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from pricesmith.engine import Decided
from pricesmith.flows.publishing.own_price import bound, breaking, settable
from pricesmith.rules.together import Broken, Together

from .reading import QUICK, Reading

LOOKED = 24
"""Prices that the rules on the product alone allow, the nearest first, of which those to be offered are chosen."""
WAIT = 60.0
"""Seconds that a page of a small shop waits at most for what takes it milliseconds."""


class Barred(msgspec.Struct, frozen=True):
    """Prices, minor units, that the rules on the product alone allow, and the rules over several products that they would break.

    whole  all of these rules add up prices of the shop; else one of them ties products to one another
    """

    prices: list[int]
    rules: list[str]
    whole: bool


def known_soon(reading: Reading, run: str) -> Together | None:
    """What the rules bind over several products at the prices of a run; None while that is being made for a large shop."""
    small = reading.run(run).decided.height <= QUICK
    return reading.bound.ask(run, lambda: bound(reading.replayed(run).decided), WAIT if small else 0.0)


def barring(decided: Decided, known: Together, item: int, prices: Sequence[int]) -> list[list[Broken]]:
    """What each price (minor units) of an item would break over several products; each is one that the rules on it alone allow."""
    return breaking(decided, known, np.array([item]), np.array(prices, dtype=np.int64)[:, None])


def offered(decided: Decided, known: Together, item: int, wanted: float, count: int = 8) -> tuple[list[int], list[Barred]]:
    """Prices nearest to the wanted one that a person may set, ascending; and those as near that rules over several products forbid."""
    close = sorted(settable(decided, item, wanted, LOOKED), key=lambda price: abs(price - wanted))
    broken = dict(zip(close, barring(decided, known, item, close), strict=True))
    barred: dict[tuple[str, ...], list[int]] = {}
    for price in sorted(close[:count]):
        if broken[price]:
            barred.setdefault(tuple(dict.fromkeys(one.rule for one in broken[price])), []).append(price)
    sums = {added.rule for added in known.sums}
    free = sorted([price for price in close if not broken[price]][:count])
    return free, [Barred(prices, list(rules), sums.issuperset(rules)) for rules, prices in barred.items()]
