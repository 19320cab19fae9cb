"""The nearest prices with an allowed ending that the rules of a product forbid, on either side of its price."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import ending, endings_of
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import Context, Rule
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided
from pricesmith.optimization import ladder
from pricesmith.rules import apply
from pricesmith.rules.min_change import MinChange

WIDER = 1.5
"""How far beyond the tightest upper limit, or the price, the next ending is looked for, as a factor."""
PORTION, MOST = 4096, 64
"""Prices with the most frequent ending of which a rule is asked at once, and how often it is asked before nothing is said."""


class Beyond(msgspec.Struct, frozen=True):
    """An ending price and the rule that forbids it, minor units.

    side   `above` or `below` the price of the product
    bound  `highest` where the ending price is higher than the rule allows, `lowest` where it is lower; `least_up`, `least_down` where it is
           too near to today's price for a rule on the least change: a price that rises is at least `limit`, one that falls at most;
           `refused` where the rule judges each price by itself and lets this one not through
    limit  null where it is refused so
    """

    side: str
    price: float
    bound: str
    rule: str
    limit: float | None


class Crossed(msgspec.Struct, frozen=True):
    """Two limits that no price meets at once, minor units: one rule allows nothing below `low`, the other nothing above `high`."""

    low_rule: str
    low: float
    high_rule: str
    high: float


def crossed(decided: Decided, item: int) -> Crossed | None:
    """The tightest limits of an item where they leave no price between them; soft rules that gave way do not count."""
    names, low, high = _limits(decided, item)
    least, most = float(low.max(initial=-np.inf)), float(high.min(initial=np.inf))
    if least <= most:
        return None
    return Crossed(names[int(low.argmax())], least, names[int(high.argmin())], most)


def out_of_reach(decided: Decided, snapshot: Snapshot, policy: Policy, item: int, price: int) -> list[Beyond]:
    """The nearest forbidden ending above a price (minor units) of an item and below it, once for each side of the limits that forbids it.

    A rule on the least change forbids prices within the limits, near to today's price, and one that judges each price by itself any of
    them: the nearest one is told, and nothing on a side on which there are too many to ask such a rule.

    Where limits cross, both sides may forbid one price. Empty where no hard rule on price endings is about the product; soft rules that
    gave way forbid nothing. Every price with such an ending counts, also one that is no candidate, see `one_in`.
    """
    known = Endings.of(decided, snapshot, policy, item)
    farthest = WIDER * max(_finite(_limits(decided, item)[2]), float(price))
    asked, found = asked_of(decided, known, item), _bounded(decided, known, item, price, farthest)
    told = []
    for side, end in (("above", farthest), ("below", 0.0)):
        beyond = [one for one in found if one.side == side]
        stop = min((one.price for one in beyond), key=lambda one: abs(one - price), default=end)
        refused = _refused(decided, known, asked, item, (price, stop)) if known.values and asked else None
        told += beyond if refused is None else [Beyond(side, float(one), "refused", rule, None) for one, rule in refused]
    return told


def asked_of(decided: Decided, known: Endings, item: int) -> dict[str, Rule]:
    """By name the rules that judge each price of an item by itself: neither by a least change nor by the endings that are known."""
    gone = decided.opened(np.array([item])).allowed.dropped[:, 0]
    return {
        name: rule
        for name, rule, let in zip(decided.shop.bounds.names, decided.shop.policy.rules, gone, strict=True)
        if apply.judging([rule]) and not isinstance(rule, MinChange) and rule not in known.rules and not let
    }


def _refused(
    decided: Decided, known: Endings, asked: Mapping[str, Rule], item: int, between: tuple[int, float]
) -> list[tuple[int, str]] | None:
    """The first such price from one on to another that a rule refuses, and its name; None where none is, [] where that cannot be told."""
    block, now, names = decided.opened(np.array([item])), known.row["current_price"][0], list(asked)
    for number, prices in enumerate(known.onward(*between)):
        if number == MOST:
            return []
        if not prices.size:
            continue
        fits = [rule.admits(block.items, prices[None, :], block.context)[0] for rule in asked.values()]
        refused = ~np.array(fits) & (prices != now)
        at = np.flatnonzero(refused.any(axis=0))
        if at.size:
            return [(int(prices[at[0]]), names[int(refused[:, at[0]].argmax())])]
    return None


def _bounded(decided: Decided, known: Endings, item: int, price: int, farthest: float) -> list[Beyond]:
    """Those that limits forbid, and rules on the least change."""
    names, low, high = _limits(decided, item)
    least, most = float(low.max(initial=-np.inf)), float(high.min(initial=np.inf))
    above = [one for one in (known.after(price, least), known.after(max(price, most), np.inf)) if one is not None and one <= farthest]
    below = [one for one in (known.before(price, most), known.before(min(price, least), -np.inf)) if one is not None]
    near = list(_too_near(decided, known, item, price))
    found = [
        Beyond(side, float(rung), bound, names[number], limit)
        for side, rungs in (("above", above), ("below", below))
        for rung in rungs[:1]
        for bound, number, limit in _forbidding(rung, low, high)
        if not any(one.side == side and abs(one.price - price) < abs(rung - price) for one in near)
    ]
    return [*near, *found]


def _too_near(decided: Decided, known: Endings, item: int, price: int) -> Iterator[Beyond]:
    """On either side of a price the nearest ending within the limits that a rule on the least change forbids."""
    shop, now = decided.shop, known.row["current_price"][0]
    if now is None:
        return
    _, low, high = _limits(decided, item)
    gone = decided.opened(np.array([item])).allowed.dropped[:, 0]
    steps = [
        (float(rule.least(np.array([float(now)]), known.context.currency)[0]), name)
        for rule, name, let in zip(shop.policy.rules, shop.bounds.names, gone, strict=True)
        if isinstance(rule, MinChange) and rule.selects(known.row)[0] and not let
    ]
    step, name = max(steps, default=(0.0, ""))
    bottom, top = max(now - step, low.max(initial=-np.inf) - 1), min(now + step, high.min(initial=np.inf) + 1)
    above, below = known.after(max(price, bottom), top), known.before(min(price, top), bottom)
    above = known.after(now, top) if above == now else above
    below = known.before(now, bottom) if below == now else below
    for side, rung in (("above", above), ("below", below)):
        if rung is not None:
            way, limit = ("least_up", now + step) if rung > now else ("least_down", now - step)
            yield Beyond(side, float(rung), way, name, limit)


def one_in(decided: Decided, snapshot: Snapshot, policy: Policy, item: int, price: int) -> int:
    """Of so many prices with an ending that rules ask for, one is a candidate near a price (minor units); 1 where all are, or none asks."""
    values = Endings.of(decided, snapshot, policy, item).values
    apart = [modulus for _, modulus in endings_of(values, snapshot.currency)]
    told = (ladder.one_in(value, snapshot.currency, float(price), modulus) for value, modulus in zip(values, apart, strict=True))
    return max(told, default=1)


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

    def onward(self, price: int, stop: float) -> Iterator[Ints]:
        """All such prices between one and `stop`, minor units, from the one towards the other, in portions."""
        at, up, width = price, stop > price, PORTION * min(self._moduli())
        last = math.ceil(stop) - 1 if up else math.floor(stop) + 1
        while (at < last) if up else (at > last):
            end = min(at + width, last) if up else max(at - width, last)
            found = self._between(at + 1, end) if up else self._between(end, at - 1)[::-1]
            at = end
            yield found

    def _period(self) -> int:
        """Minor units after which such prices come again: each modulus is a part of the largest."""
        return max(self._moduli())

    def _moduli(self) -> list[int]:
        return [ending(value, self.context.currency)[1] for value in self.values]

    def _between(self, first: int, last: int) -> Ints:
        """All such prices from `first` to `last`, ascending."""
        pairs = [ending(value, self.context.currency) for value in self.values]
        parts = [np.arange(first + (remainder - first) % modulus, last + 1, modulus, dtype=np.int64) for remainder, modulus in pairs]
        found = np.unique(np.concatenate(parts))
        for rule in self.rules:
            found = found[rule.admits(self.row, found[None, :], self.context)[0]] if found.size else found
        return found


def _limits(decided: Decided, item: int) -> tuple[tuple[str, ...], Floats, Floats]:
    """Names of the limits of an item, and (L,) lowest and highest price that each allows, minor units, infinite where free or given way."""
    block = decided.opened(np.array([item]))
    names, sides = tuple(block.limits()[0]), np.array(list(block.limits()[0].values())).reshape(-1, 2)
    gone = np.zeros(len(names), dtype=bool)
    gone[: len(block.bounds.names)] = block.allowed.dropped[:, 0]
    low, high = sides[:, 0], sides[:, 1]
    return names, np.where(np.isfinite(low) & ~gone, low, -np.inf), np.where(np.isfinite(high) & ~gone, high, np.inf)


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
