"""Prices of one's own against what binds many products at once: sums over the whole shop, and ties to other products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from pricesmith.contracts.curves import Ints, Ladder
from pricesmith.engine import Decided
from pricesmith.optimization.expectations import units_at
from pricesmith.rules.together import Broken, Together, binds, together
from pricesmith.rules.together import breaking as broken_by

from .nearest import around
from .reading import QUICK, Reading
from .replay import prices_of

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


def bound(decided: Decided) -> Together:
    """What the rules bind over several products at the prices of a run."""
    shop, rows, prices = decided.shop, np.arange(decided.column.size), prices_of(decided)
    if not binds(shop.policy.rules):
        return together((), decided.items, prices, shop.context)
    ladder = shop.shelf.ladder(rows)
    paid = ladder.current >= 0
    today = np.where(paid, ladder.prices[rows, np.maximum(ladder.current, 0)], 0)[:, None]
    now = shop.demand.curves(Ladder(today, paid[:, None], np.where(paid, 0, -1)), rows).base
    context = replace(shop.context, units_now=now, units_then=decided.expected.units)
    return together(shop.policy.rules, decided.items, prices, context)


def breaking(decided: Decided, known: Together, items: Ints, plans: Ints) -> list[list[Broken]]:
    """What each of p plans would break over several products, all other prices as they are: what the making of an own price would refuse.

    items  (m,) numbers of items;  plans  (p, m) minor units, each a price that the rules on its item alone allow
    """
    if not known.sums and not known.ties:
        return [[] for _ in plans]
    family = decided.shop.demand.family
    kin = np.isin(family, family[items][family[items] >= 0])
    kin[items] = True
    rows = np.flatnonzero(kin)
    block, own = decided.opened(rows), np.searchsorted(rows, items)
    prices, units = np.tile(known.prices[rows], (len(plans), 1)), np.empty((len(plans), rows.size))
    prices[:, own] = plans
    for number, plan in enumerate(plans):
        column = decided.column[rows].copy()
        column[own] = np.argmax((block.ladder.prices[own] == plan[:, None]) & block.ladder.valid[own], axis=1)
        units[number] = units_at(block.curves, block.ladder, column)
    return broken_by(known, decided.items, rows, prices, units)


def barring(decided: Decided, known: Together, item: int, prices: Sequence[int]) -> list[list[Broken]]:
    """What each price (minor units) of an item would break over several products; each is one that the rules on it alone allow."""
    return breaking(decided, known, np.array([item]), np.array(prices, dtype=np.int64)[:, None])


def offered(decided: Decided, known: Together, item: int, wanted: float, count: int = 8) -> tuple[list[int], list[Barred]]:
    """Prices nearest to the wanted one that a person may set, ascending; and those as near that rules over several products forbid."""
    close = sorted(around(decided, item, wanted, LOOKED), key=lambda price: abs(price - wanted))
    broken = dict(zip(close, barring(decided, known, item, close), strict=True))
    barred: dict[tuple[str, ...], list[int]] = {}
    for price in sorted(close[:count]):
        if broken[price]:
            barred.setdefault(tuple(dict.fromkeys(one.rule for one in broken[price])), []).append(price)
    sums = {added.rule for added in known.sums}
    near = sorted([price for price in close if not broken[price]][:count])
    return near, [Barred(prices, list(rules), sums.issuperset(rules)) for rules, prices in barred.items()]
