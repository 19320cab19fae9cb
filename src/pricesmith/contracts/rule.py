"""The seam of the rules: limits before the optimum, verdicts after it."""

from __future__ import annotations

import datetime as dt
import fnmatch
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import polars as pl
from msgspec import Meta, Struct

from .curves import Flags, Floats, Ints
from .money import ceil_minor, floor_minor

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
NonNegative = Annotated[float, Meta(ge=0.0)]
Positive = Annotated[float, Meta(gt=0.0)]
MANY_TIMES = 1e6
Multiple = Annotated[float, Meta(gt=0.0, le=MANY_TIMES)]
"""So many times a price: bounded, so that the product is a number still."""

UNKNOWN = "unknown_limit"
"""Hold code where a rule's limit is NaN: it is not known, so it permits nothing."""

NDArrayStr = Any
"""(n,) object array of str."""

EXCEPT = "!"
"""Begins a pattern that is about all values but those that fit the rest of it."""
SELECTABLE = ("sku", "channel", "region", "brand", "category", "family", "role")
"""Columns of `items` that `where` may name; values are patterns (`a/*`)."""


def per_cent(description: str, unit: Literal["share", "multiple"] = "share", **bounds: Any) -> Meta:
    """What a field says of itself that people write in per cent: a part of something (0.15 = 15 %), or so many times it (1.1 = 110 %)."""
    return Meta(description=description, extra_json_schema={"unit": unit}, **bounds)


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides the items.

    units_now   (n,) expected units per day at the current prices; NaN or None where unknown
    units_then  (n,) expected units per day at the prices that `broken` is asked about
    Rules about sums (index_limit by revenue, category_floor) judge by them; without them they permit no change.
    """

    as_of: dt.date
    currency: str
    tax: str
    units_now: Floats | None = None
    units_then: Floats | None = None


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

    def met(self, prices: Ints) -> Flags:
        """(m,) True where the pair keeps to its ratios at these prices (n,); only float error is forgiven."""
        return self.met_by(prices[self.first], prices[self.second])

    def met_by(self, first: Ints, second: Ints) -> Flags:
        """(m,) True where the pair keeps to its ratios, its prices given pair by pair."""
        one, other = first.astype(np.float64), second.astype(np.float64)
        with np.errstate(invalid="ignore"):
            highest = np.where(np.isinf(self.high), np.inf, self.high * one)
        met: Flags = (other >= ceil_minor(self.low * one)) & (other <= floor_minor(highest))
        return met


@dataclass(frozen=True, slots=True)
class Coupling:
    """One family of sums over many items:  lower[g] <= sum over items i of group g of weight_i(price_i) <= upper[g].

    quantity  what is added up: "changed" (1 where the price changes), "index" (weight * (price / current - 1)),
              "revenue" or "margin" (expected, in minor units per day)
    group     (n,) group number of each item, -1 where it does not take part
    lower, upper  (G,) bounds; -inf, inf where free. For "revenue" and "margin" `lower` is a share of today's expected sum T,
              and the bound is T - (1 - lower) * |T|: lower * T where T > 0, and never above T, so that keeping every price stays possible
    names     (G,) group names for messages
    weights   (n,) for "index": weights that sum to 1 in each group; None: by expected revenue at the current price
    """

    quantity: str
    group: Ints
    lower: Floats
    upper: Floats
    names: tuple[str, ...]
    weights: Floats | None = None


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", omit_defaults=True):
    """One line of policy. A kind of rule overrides what it needs of `limit`, `admits`, `beside`, `ties`, `couplings` and `broken`.

    where     column -> pattern; the items that the rule is about (all by default)
    hard      a hard rule is never broken; a soft one gives way, the lowest priority first, when a product has no price left
    priority  the higher, the later a soft rule gives way
    """

    where: Annotated[
        dict[str, str],
        Meta(
            description="items the rule is about, column = pattern (`*` any text, `?` one character, `!` first: all others): "
            '{ category = "a/*" }; else all'
        ),
    ] = {}
    hard: Annotated[bool, Meta(description="false: the rule gives way where a product would have no price left")] = True
    priority: Annotated[int, Meta(description="of two soft rules that clash, the lower priority gives way")] = 0

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)

    def fits(self, currency: str) -> None:
        """Raise Contradiction where the rule cannot be in a shop of that currency."""

    def agree(self, other: Rule) -> None:
        """Raise Contradiction where no changed price can ever keep to both this rule and another one on the same items."""

    def selects(self, items: pl.DataFrame) -> Flags:
        """(n,) True for the items that `where` names; a null cell matches no pattern."""
        return matches(items, self.where)

    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        """Bounds on each item's price before any price is chosen."""
        return Limits.none(items.height)

    def admits(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        """(n, K) True where the rule lets this candidate price be published; the current price is asked like any other."""
        return np.ones(prices.shape, dtype=bool)

    def beside(self, items: pl.DataFrame, prices: Ints, context: Context, up: bool) -> Ints:
        """(n, K) the nearest price from each on, up or down, of the form that the rule asks for; the same where it asks for none.

        By it a clash tells rules on the form of a price from limits that leave none of any form: a rule with `admits` has it too.
        """
        return prices

    def ties(self, items: pl.DataFrame, context: Context) -> Ties | None:
        """Pairs of items whose prices hang together."""
        return None

    def couplings(self, items: pl.DataFrame, context: Context) -> Coupling | None:
        """Sums over many items that must stay within bounds."""
        return None

    def broken(self, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
        """(n,) True where a changed price (one that differs from the current price) breaks this rule: the verdict on final prices."""
        limits = self.limit(items, context)
        legal = (prices >= limits.low) & (prices <= limits.high) & (limits.hold == "")
        broken: Flags = changed(items, prices) & ~(legal & self.admits(items, prices[:, None], context)[:, 0])
        return broken


def matches(items: pl.DataFrame, patterns: Mapping[str, str]) -> Flags:
    """(n,) True where every named column fits its shell pattern (case counts; `*` crosses `/`), after a `!` does not; a null cell never."""
    fit = np.ones(items.height, dtype=bool)
    for column, pattern in patterns.items():
        fitting = re.compile(fnmatch.translate(pattern.removeprefix(EXCEPT))).match
        known, wanted = items[column].drop_nulls().unique(), not pattern.startswith(EXCEPT)
        fit &= items[column].is_in([value for value in known if (fitting(value) is not None) == wanted]).fill_null(False).to_numpy()
    return fit


def numbers(items: pl.DataFrame, column: str) -> Floats:
    """A column as (n,) float64, NaN where null or not finite."""
    values = items[column].cast(pl.Float64).fill_null(math.nan).to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def changed(items: pl.DataFrame, prices: Ints) -> Flags:
    """(n,) True where a price differs from the current one; without a current price, every price above 0 is a change."""
    current = numbers(items, "current_price")
    moved: Flags = np.where(np.isnan(current), prices > 0, prices != current)
    return moved


def rule_type(kinds: dict[str, type[Rule]]) -> Any:
    """The tagged union of the given rule kinds, for decoding a policy."""
    union: Any = None
    for kind in kinds.values():
        union = kind if union is None else union | kind
    return union


def plain(rule: Rule) -> dict[str, Any]:
    """The rule as a plain mapping, as it would stand in shop.toml."""
    return dict(msgspec.to_builtins(rule))
