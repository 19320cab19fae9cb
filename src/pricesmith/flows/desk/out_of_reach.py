"""The nearest prices with an allowed ending that the limits of a product forbid, on either side of its price."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import ending
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import Context, Rule
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided
from pricesmith.optimization import ladder

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
    gave way forbid nothing. Every price with such an ending counts, also one that is no candidate, see `one_in`.
    """
    names, (low, high) = decided.shop.bounds.names, _limits(decided, item)
    least, most = float(low.max(initial=-np.inf)), float(high.min(initial=np.inf))
    known = Endings.of(decided, snapshot, policy, item)
    farthest = WIDER * max(_finite(high), float(price))
    above = [one for one in (known.after(price, least), known.after(max(price, most), np.inf)) if one is not None and one <= farthest]
    below = [one for one in (known.before(price, most), known.before(min(price, least), -np.inf)) if one is not None]
    return [
        Beyond(side, float(rung), bound, names[number], limit)
        for side, rungs in (("above", above), ("below", below))
        for rung in rungs[:1]
        for bound, number, limit in _forbidding(rung, low, high)
    ]


def one_in(decided: Decided, snapshot: Snapshot, policy: Policy, item: int, price: int) -> int:
    """Of so many prices with an ending that rules ask for, one is a candidate near a price (minor units); 1 where all are, or none asks."""
    values = Endings.of(decided, snapshot, policy, item).values
    return max((ladder.one_in(value, snapshot.currency, float(price)) for value in values), default=1)


@dataclass(frozen=True, slots=True)
class Endings:
    """What all hard rules on endings ask of a product.

    row     of the product, one of table ITEMS;  values: endings of these rules in major units, () where there are none
    """

    row: pl.DataFrame
    rules: Sequence[Rule]
    values: tuple[float, ...]
    context: Context

    @classmethod
    def of(cls, decided: Decided, snapshot: Snapshot, policy: Policy, item: int) -> Endings:
        row = decided.items[item : item + 1]
        rules = [rule for rule in policy.rules if rule.kind == "price_endings" and rule.hard and rule.selects(row)[0]]
        values = tuple(sorted({value for rule in rules for value in rule.endings}))  # type: ignore[attr-defined]
        return cls(row, rules, values, Context(snapshot.as_of, snapshot.currency, policy.tax))

    def after(self, price: float, stop: float) -> int | None:
        """The first such price above one and below `stop`, minor units; None where there is none, or nothing lies above."""
        if not self.values or not math.isfinite(price):
            return None
        found = self._between(math.floor(price) + 1, math.floor(price) + self._period())
        found = found[found < stop]
        return int(found[0]) if found.size else None

    def before(self, price: float, stop: float) -> int | None:
        """The last such price below one and above `stop`, minor units."""
        if not self.values or not math.isfinite(price):
            return None
        found = self._between(max(math.ceil(price) - self._period(), 1), math.ceil(price) - 1)
        found = found[found > stop]
        return int(found[-1]) if found.size else None

    def _period(self) -> int:
        """Minor units after which such prices come again: each modulus is a part of the largest."""
        return max(ending(value, self.context.currency)[1] for value in self.values)

    def _between(self, first: int, last: int) -> Ints:
        """All such prices from `first` to `last`, ascending."""
        pairs = [ending(value, self.context.currency) for value in self.values]
        parts = [np.arange(first + (remainder - first) % modulus, last + 1, modulus, dtype=np.int64) for remainder, modulus in pairs]
        found = np.unique(np.concatenate(parts))
        for rule in self.rules:
            found = found[rule.admits(self.row, found[None, :], self.context)[0]] if found.size else found
        return found


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
