"""Relation: prices that customers compare keep their order and distance."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from msgspec import Meta

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.rule import MANY_TIMES, SELECTABLE, Context, Multiple, Rule, Ties, matches, numbers, per_cent

from ._groups import Pairs, groups, join, priced

Column = Literal["sku", "brand", "category", "family", "role"]


class Relation(Rule, frozen=True, kw_only=True, tag="relation"):
    """Products of one group keep a ratio of prices: between brands, between pack sizes, or along a line of qualities.

    gap = "brand": min_ratio <= price(of) / price(to) <= max_ratio for every product that `of` names beside every one that `to` names.
    gap = "size":  the price per pack_size unit of a pack, over that of the next smaller pack, lies between min_ratio and max_ratio
    (1 where left out: it does not rise with the size).
    gap = "line":  the price of a step of `order`, over that of the step before, lies between min_ratio (1 where left out) and max_ratio.
    Compared within the same channel and region. Products without a current price (or pack size, where it is needed) are not bound.
    What today's prices break is mended in the run in which the other rules let it be, also where that earns less.
    """

    gap: Annotated[Literal["brand", "size", "line"], Meta(description="what is compared: brand, size or line")]
    by: Annotated[Column, Meta(description="column whose equal values make a group of products that are compared")] = "family"
    of: Annotated[dict[str, str], Meta(description='gap = "brand": the products that are bound, column = pattern: { brand = "own*" }')] = {}
    to: Annotated[dict[str, str], Meta(description='gap = "brand": the products that they are compared with')] = {}
    order: Annotated[
        tuple[str, ...], Meta(description='gap = "line": values of `column`, the cheapest first: ["good", "better", "best"]')
    ] = ()
    column: Annotated[Column, Meta(description='gap = "line": column that holds the steps of `order`')] = "role"
    min_ratio: Annotated[
        Annotated[float, Meta(ge=0.0, le=MANY_TIMES)] | None,
        per_cent("lowest ratio; 1 = 100 % for a line where left out, else free", "multiple"),
    ] = None
    max_ratio: Annotated[Multiple | None, per_cent("highest ratio; 1 = 100 % for size where left out, else free", "multiple")] = None
    per_unit: Annotated[bool, Meta(description='gap = "brand": compare prices per pack_size unit')] = False

    def __post_init__(self) -> None:
        fault = _misfit(self) or _unclear(self)
        if fault is not None:
            raise fault

    def ties(self, items: pl.DataFrame, context: Context) -> Ties | None:
        member = self.selects(items) & priced(items)
        if self.gap == "size" or self.per_unit:
            member &= numbers(items, "pack_size") > 0
        group = groups(items, (self.by, "channel", "region"), member)
        first, second, scale = _PAIRS[self.gap](self, items, group)
        low, high = self._ratios
        return Ties(first, second, low * scale, high * scale) if first.size else None

    @property
    def _ratios(self) -> tuple[float, float]:
        low = self.min_ratio if self.min_ratio is not None else 1.0 if self.gap == "line" else 0.0
        high = self.max_ratio if self.max_ratio is not None else 1.0 if self.gap == "size" else np.inf
        return low, high


def _misfit(rule: Relation) -> Contradiction | None:
    """A field that means nothing for this gap."""
    meant = {"brand": {"of", "to", "per_unit"}, "size": set(), "line": {"order", "column"}}[rule.gap]
    given = {"of": rule.of, "to": rule.to, "order": rule.order, "per_unit": rule.per_unit, "column": rule.column != "role"}
    for name, value in given.items():
        if value and name not in meant:
            fields = ", ".join([*sorted(meant), "by", "min_ratio", "max_ratio"])
            return Contradiction(name, f'{name} means nothing where gap = "{rule.gap}"', f"leave it out; fields of this gap: {fields}")
    for name, patterns in (("of", rule.of), ("to", rule.to)):
        for column in patterns:
            if column not in SELECTABLE:
                return Contradiction(name, f"cannot select by {column!r}", f"valid columns: {', '.join(SELECTABLE)}")
    return None


def _unclear(rule: Relation) -> Contradiction | None:
    """A field that is missing, or ratios that no prices can meet."""
    low, high = rule._ratios
    if low > high:
        return Contradiction(
            "min_ratio", f"min_ratio {low:g} is above max_ratio {high:g}", "ratios must leave room: min_ratio <= max_ratio"
        )
    if rule.gap == "brand" and not (rule.of and rule.to):
        return Contradiction(
            "of" if not rule.of else "to", "a brand gap compares two sets of products", 'give of = { brand = "..." } and to = { ... }'
        )
    if rule.gap == "brand" and rule.min_ratio is None and rule.max_ratio is None:
        return Contradiction("max_ratio", "the brand gap has no ratio", "give max_ratio, min_ratio or both")
    if rule.gap == "line" and (len(rule.order) < 2 or len(set(rule.order)) < len(rule.order)):
        return Contradiction("order", "a line needs two or more different steps", 'such as order = ["good", "better", "best"]')
    return None


def _brand(rule: Relation, items: pl.DataFrame, group: Ints) -> tuple[Ints, Ints, Floats]:
    second, first = join(np.where(matches(items, rule.of), group, -1), np.where(matches(items, rule.to), group, -1))
    apart = first != second
    first, second = first[apart], second[apart]
    size = numbers(items, "pack_size")
    return first, second, size[second] / size[first] if rule.per_unit else np.ones(first.size)


def _size(_: Relation, items: pl.DataFrame, group: Ints) -> tuple[Ints, Ints, Floats]:
    size = numbers(items, "pack_size")
    first, second = _next_step(group, np.unique(size, return_inverse=True)[1])
    return first, second, size[second] / size[first]


def _line(rule: Relation, items: pl.DataFrame, group: Ints) -> tuple[Ints, Ints, Floats]:
    place = {name: number for number, name in enumerate(rule.order)}
    step = items[rule.column].replace_strict(place, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
    first, second = _next_step(np.where(step >= 0, group, -1), step)
    return first, second, np.ones(first.size)


def _next_step(group: Ints, step: Ints) -> Pairs:
    """Pairs of every item with every item of the next higher step (whole numbers from 0) that occurs in its group."""
    member = group >= 0
    width = int(step.max(initial=0)) + 1
    kinds, kind = np.unique(group[member] * width + step[member], return_inverse=True)
    linked = np.append(np.diff(kinds // width) == 0, [False] * min(kinds.size, 1))
    here, above = np.full(group.size, -1, np.int64), np.full(group.size, -1, np.int64)
    here[member] = kind
    above[member] = np.where(linked[kind], kind + 1, -1)
    return join(above, here)


_PAIRS = {"brand": _brand, "size": _size, "line": _line}

RULE = Relation

EXAMPLE = """
[[rule]]
kind = "relation"
gap = "brand"
by = "family"
of = { brand = "own*" }
to = { brand = "national*" }
max_ratio = 0.9

[[rule]]
kind = "relation"
gap = "size"
by = "family"

[[rule]]
kind = "relation"
gap = "line"
by = "family"
order = ["good", "better", "best"]
min_ratio = 1.1
"""
