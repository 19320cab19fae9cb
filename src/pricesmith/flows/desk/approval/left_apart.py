"""Hard rules that tie products to one another and that a run leaves broken, as today's prices broke them: a rule binds what changes.

No prices mend it within the other rules, the limits on sums, and what is held.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import ceil_minor, floor_minor
from pricesmith.contracts.shop import Key
from pricesmith.engine import Decided
from pricesmith.flows.desk.reading.ledger import KEY, Reading
from pricesmith.flows.publishing.answers.own_price import prices_of
from pricesmith.rules.together import Untied, binds, untied

SHOWN = 3
"""Pairs of a rule that are named in a list."""


class Tied(msgspec.Struct, frozen=True):
    """A product of a pair. price: that the run leaves it, minor units; needed: what it would need beside the other one's price."""

    sku: str
    channel: str
    region: str
    name: str | None
    price: int
    needed: int


class Pair(msgspec.Struct, frozen=True):
    """Two products whose prices a rule does not allow beside one another.

    side  `above`: the price of `one` is too high beside that of `other`, which is too low; `below`: the other way round
    """

    rule: str
    side: str
    one: Tied
    other: Tied


class Apart(msgspec.Struct, frozen=True):
    """A rule that stays broken. count: pairs of products, or groups where it wants one price for all of a group

    groups  it does;  examples: SHOWN of the pairs at most, each of another group there
    """

    rule: str
    count: int
    groups: bool
    examples: list[Pair]


def apart(reading: Reading, run: str) -> list[Apart]:
    """The rules that a run leaves broken, in their order. Decides a run again that nobody asked about yet."""
    found = _pairs(reading, run)
    return [Apart(rule, len(pairs), groups, pairs[:SHOWN]) for rule, groups, pairs in found]


def apart_soon(reading: Reading, run: str) -> list[Apart] | None:
    """The same; None while a large run is being laid out, and where it cannot be decided again: `accepted.judged` tells why."""
    try:
        known = not binds(reading.run(run).policy.rules) or reading.replayed_soon(run) is not None
        return apart(reading, run) if known else None
    except PricesmithError:
        return None


def apart_of(reading: Reading, run: str, key: Key) -> list[Pair]:
    """The pairs of one product; none where `apart_soon` has none."""
    if not apart_soon(reading, run):
        return []
    every = (pair for _, _, pairs in _pairs(reading, run) for pair in pairs)
    return [pair for pair in every if key in (_key(pair.one), _key(pair.other))]


def _key(one: Tied) -> Key:
    return Key(one.sku, one.channel, one.region)


def _pairs(reading: Reading, run: str) -> list[tuple[str, bool, list[Pair]]]:
    """Name of each rule that stays broken, whether it wants one price for groups, and its pairs; none of a run of own prices."""
    laid_out = reading.run(run)
    if laid_out.row["kind"] != "price" or not binds(laid_out.policy.rules):
        return []
    found: list[tuple[str, bool, list[Pair]]] = reading.shelf("apart").get(run, lambda name: _broken(reading.replayed(name).decided))
    return found


def _broken(decided: Decided) -> list[tuple[str, bool, list[Pair]]]:
    prices, shop = prices_of(decided), decided.shop
    found = untied(shop.policy.rules, decided.items, prices, shop.context)
    return [(one.rule, one.groups, _told(one, decided.items, prices)) for one in found]


def _told(untied_: Untied, items: pl.DataFrame, prices: Ints) -> list[Pair]:
    first, second, low, high = (getattr(untied_.pairs, name) for name in ("first", "second", "low", "high"))
    there, here = prices[first].astype(np.float64), prices[second].astype(np.float64)
    above = here > np.where(np.isinf(high), np.inf, high * there)
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(above, floor_minor(np.where(above, high * there, 0.0)), ceil_minor(low * there))
        beside = np.where(above, ceil_minor(np.where(above, here / high, 0.0)), floor_minor(np.where(above, 0.0, here / low)))
    told = zip(_sides(items, second, here, needed), _sides(items, first, there, beside), above.tolist(), strict=True)
    return [Pair(untied_.rule, "above" if over else "below", one, other) for one, other, over in told]


def _sides(items: pl.DataFrame, rows: Ints, prices: Floats, needed: Floats) -> Iterator[Tied]:
    for row, price, limit in zip(items[rows].select(*KEY, "name").iter_rows(named=True), prices, needed, strict=True):
        yield Tied(**row, price=int(price), needed=int(limit))
