"""The seam of the rules: limits before the optimum, verdicts after it."""

from __future__ import annotations

import datetime as dt
import fnmatch
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Meta, Struct

from .curves import Flags, Floats, Ints

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]
Positive = Annotated[float, Meta(gt=0.0)]

NDArrayStr = Any
"""(n,) object array of str."""

SELECTABLE = ("sku", "channel", "region", "brand", "category", "family", "role")
"""Columns of `items` that `where` may name; values are patterns (`a/*`)."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides the items."""

    as_of: dt.date
    currency: str
    tax: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one rule on n items, in minor units.

    low, high  (n,) float64; -inf and +inf where the rule sets no bound. NaN is refused by the engine: it never means permission.
    hold       (n,) reason code where the rule forbids any price change, "" elsewhere
    """

    low: Floats
    high: Floats
    hold: NDArrayStr

    @staticmethod
    def none(count: int) -> Limits:
        return Limits(np.full(count, -np.inf), np.full(count, np.inf), np.full(count, "", dtype=object))


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs of items bound to one another: low * price[first] <= price[second] <= high * price[first].

    A group that must share one price is a chain of pairs with low = high = 1.
    first, second  (m,) item numbers;  low, high  (m,) ratios, 0 and inf where free
    """

    first: Ints
    second: Ints
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Coupling:
    """One family of sums over many items:  lower[g] <= sum over items i of group g of weight_i(price_i) <= upper[g].

    quantity  what is added up: "changed" (1 where the price changes), "index" (weight * (price / current - 1)),
              "revenue" or "margin" (expected, in minor units per day)
    group     (n,) group number of each item, -1 where it does not take part
    lower, upper  (G,) bounds; for "revenue" and "margin" a share of today's expected sum; -inf, inf where free
    names     (G,) group names for messages
    """

    quantity: str
    group: Ints
    lower: Floats
    upper: Floats
    names: tuple[str, ...]


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", omit_defaults=True):
    """One line of policy. A kind of rule overrides what it needs of `limit`, `admits`, `ties`, `couplings` and `broken`.

    where     column -> pattern; the items that the rule is about (all by default)
    hard      a hard rule is never broken; a soft one gives way, the lowest priority first, when a product has no price left
    priority  the higher, the later a soft rule gives way
    """

    where: dict[str, str] = {}
    hard: bool = True
    priority: int = 0

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def selects(self, items: pl.DataFrame) -> Flags:
        """(n,) True for the items that `where` names; a null cell matches no pattern."""
        chosen = np.ones(items.height, dtype=bool)
        for column, pattern in self.where.items():
            values = items[column].to_list()
            known = {value: value is not None and fnmatch.fnmatchcase(value, pattern) for value in set(values)}
            chosen &= np.fromiter((known[value] for value in values), bool, items.height)
        return chosen

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        """Bounds on each item's price before any price is chosen."""
        return Limits.none(items.height)

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        """(n, K) True where the rule lets this candidate price be published; the current price is asked like any other."""
        return np.ones(prices.shape, dtype=bool)

    def ties(self, items: pl.DataFrame, context: Context) -> Ties | None:
        """Pairs of items whose prices hang together."""
        return None

    def couplings(self, items: pl.DataFrame, context: Context) -> Coupling | None:
        """Sums over many items that must stay within bounds."""
        return None

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        """(n,) True where a changed price (`prices` differs from the current price) breaks this rule: the verdict, computed anew from the prices."""
        return np.zeros(items.height, dtype=bool)


def rule_type(kinds: dict[str, type[Rule]]) -> Any:
    """The tagged union of the given rule kinds, for decoding a policy."""
    union: Any = None
    for kind in kinds.values():
        union = kind if union is None else union | kind
    return union


def plain(rule: Rule) -> dict[str, Any]:
    """The rule as a plain mapping, as it would stand in shop.toml."""
    return dict(msgspec.to_builtins(rule))
