"""Rules whose `where` fits no product or excepts none, most often a slip of the pen: what of it fits none, and what products have there."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec
import polars as pl

from .rule import EXCEPT, Rule, matches

LISTED, ALIKE = 6, 2_000
"""Values that are told in place of one that is not there, and values among which the likest are looked for."""


class Idle(msgspec.Struct, frozen=True):
    """A rule that acts on nothing, or on what it should leave out. number: from 0 as in `$.rule[0]`

    column, pattern  the first part of its `where` that no item fits; both "" where items fit each part and none fits all of them
    values  what items have in that column, the likest first, at most LISTED;  more: other values that they have
    excepts  that part is to except the items that fit the pattern, and none does
    """

    number: int
    kind: str
    column: str = ""
    pattern: str = ""
    values: list[str] = []
    more: int = 0
    excepts: bool = False


def idle(rules: Sequence[Rule], items: pl.DataFrame) -> list[Idle]:
    """The rules that select none of the items, or except none where they should. items: with the columns SELECTABLE"""
    told = [(number, rule) for number, rule in enumerate(rules) if rule.where]
    return [_why(number, rule, items) for number, rule in told if not rule.selects(items).any() or _excepting_none(rule, items)]


def _excepting_none(rule: Rule, items: pl.DataFrame) -> tuple[str, str] | None:
    """The first part of its `where` that is to except what fits a pattern, which none does: the column, and the pattern."""
    excepted = ((column, pattern.removeprefix(EXCEPT)) for column, pattern in rule.where.items() if pattern.startswith(EXCEPT))
    return next((pair for pair in excepted if not matches(items, dict([pair])).any()), None)


def place_of(one: Idle) -> str:
    """Where its `where` stands: `$.rule[2].where`."""
    return f"$.rule[{one.number}].where"


def told(one: Idle) -> str:
    """What is wrong, where, and what to do."""
    place, column = f"$.rule[{one.number}]", one.column
    if not column:
        return f"{place} ({one.kind}) acts on no product: its where names several columns, and no product fits all of them; take one out"
    if not one.values:
        return (
            f"{place} ({one.kind}) acts on no product: none has {column} = {one.pattern}, as none names a {column} at all; "
            "fill in that column of the products, or name another one in where"
        )
    values = ", ".join([*one.values, *(["..."] if one.more else [])])
    if one.excepts:
        return f"{place} ({one.kind}) excepts no product: none has {one.column} = {one.pattern}; write what products have there: {values}"
    return f"{place} ({one.kind}) acts on no product: none has {column} = {one.pattern}; write what products have there: {values}"


def _why(number: int, rule: Rule, items: pl.DataFrame) -> Idle:
    excepted = _excepting_none(rule, items) if rule.selects(items).any() else None
    apart = excepted or next((pair for pair in rule.where.items() if not matches(items, dict([pair])).any()), None)
    if apart is None:
        return Idle(number, rule.kind)
    column, pattern = apart
    counts = items[column].drop_nulls().value_counts(name="count").sort("count", column, descending=[True, False])
    known = [str(value) for value in counts[column] if value != ""]
    values = _likest(pattern, known)
    return Idle(number, rule.kind, column, pattern, values, len(known) - len(values), excepted is not None)


def _likest(pattern: str, known: Sequence[str]) -> list[str]:
    """known: the most frequent first, which decides between values that are as like"""
    wanted = pattern.strip("*").casefold()
    begun = [value for value in known if value.casefold().startswith(wanted[:2])]
    near = list(dict.fromkeys([*begun[:ALIKE], *known[:ALIKE]]))
    return sorted(near, key=lambda value: -SequenceMatcher(None, wanted, value.casefold()).ratio())[:LISTED]
