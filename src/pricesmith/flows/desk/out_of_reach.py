"""The nearest prices with an allowed ending that the limits of a product forbid, on either side of its price."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import Context
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided
from pricesmith.optimization.ladder import lattice

WIDER = 1.5
"""How far beyond the tightest upper limit, or the price, the next ending is looked for, as a factor."""


class Beyond(msgspec.Struct, frozen=True):
    """An ending price and a limit that forbids it, minor units.

    side   `above` or `below` the price of the product
    bound  `highest` where the ending price is higher than the rule allows, `lowest` where it is lower
    """

    side: str
    price: float
    bound: str
    rule: str
    limit: float


class Crossed(msgspec.Struct, frozen=True):
    """Two limits that no price meets at once, minor units: one rule allows nothing below `low`, the other nothing above `high`."""

    low_rule: str
    low: float
    high_rule: str
    high: float


def crossed(decided: Decided, item: int) -> Crossed | None:
    """The tightest limits of an item where they leave no price between them; soft rules that gave way do not count."""
    low, high = _limits(decided, item)
    least, most = float(low.max(initial=-np.inf)), float(high.min(initial=np.inf))
    if least <= most:
        return None
    names = decided.shop.bounds.names
    return Crossed(names[int(low.argmax())], least, names[int(high.argmin())], most)


def out_of_reach(decided: Decided, snapshot: Snapshot, policy: Policy, item: int, price: int) -> list[Beyond]:
    """The nearest forbidden ending above a price (minor units) of an item and below it, once for each side of the limits that forbids it.

    Where limits cross, both sides may forbid one price. Empty where no hard rule on price endings is about the product; soft rules that
    gave way forbid nothing.
    """
    names, (low, high) = decided.shop.bounds.names, _limits(decided, item)
    rungs = endings(decided, snapshot, policy, item, max(_finite(high), float(price)))
    least, most = low.max(initial=-np.inf), high.min(initial=np.inf)
    shut = rungs[(rungs < least) | (rungs > most)]
    return [
        Beyond(side, float(rung), bound, names[number], limit)
        for side, rung in (("above", shut[shut > price][:1]), ("below", shut[shut < price][-1:]))
        for rung in rung.tolist()
        for bound, number, limit in _forbidding(rung, low, high)
    ]


def endings(decided: Decided, snapshot: Snapshot, policy: Policy, item: int, high: float) -> Ints:
    """Ascending prices (minor units) up to WIDER times `high` that all hard rules on endings of a product admit; () where it has none."""
    row, none = decided.items[item : item + 1], np.zeros(0, dtype=np.int64)
    rules = [rule for rule in policy.rules if rule.kind == "price_endings" and rule.hard and rule.selects(row)[0]]
    if not rules:
        return none
    top = max(WIDER * high, 10.0)
    values = tuple(sorted({value for rule in rules for value in rule.endings}))  # type: ignore[attr-defined]
    rungs = lattice(snapshot.currency, values, 10 ** math.ceil(math.log10(top)))
    rungs = rungs[rungs <= top]
    context = Context(snapshot.as_of, snapshot.currency, policy.tax)
    for rule in rules:
        rungs = rungs[rule.admits(row, rungs[None, :], context)[0]] if rungs.size else none
    return rungs


def _limits(decided: Decided, item: int) -> tuple[Floats, Floats]:
    """(R,) lowest and highest price that each rule allows, minor units, infinite where it sets no limit or gave way."""
    bounds, gone = decided.shop.bounds, decided.opened(np.array([item])).allowed.dropped[:, 0]
    low, high = bounds.low[:, item], bounds.high[:, item]
    return np.where(np.isfinite(low) & ~gone, low, -np.inf), np.where(np.isfinite(high) & ~gone, high, np.inf)


def _forbidding(price: float, low: Floats, high: Floats) -> Iterator[tuple[str, int, float]]:
    """The sides that forbid a price: which, the number of the tightest rule, and its limit."""
    if price > (limit := float(high.min(initial=np.inf))):
        yield "highest", int(high.argmin()), limit
    if price < (limit := float(low.max(initial=-np.inf))):
        yield "lowest", int(low.argmax()), limit


def _finite(high: Floats) -> float:
    """The tightest upper limit; 0 where there is none."""
    limit = float(high.min(initial=np.inf))
    return limit if math.isfinite(limit) else 0.0
