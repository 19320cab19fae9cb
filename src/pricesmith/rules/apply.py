"""All rules together: limits before the optimum, verdicts after it.

A rule is known by its kind; the second of a kind is `kind:2`, the third `kind:3`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints, Ladder, pieces
from pricesmith.contracts.money import MAX_MINOR, ceil_minor, floor_minor
from pricesmith.contracts.rule import UNKNOWN, Context, Coupling, NDArrayStr, Rule, Ties, changed

from ._conflict import ends_of, giving_way, smallest_clash
from ._sums import kept_to
from ._ties import apart, connected, meetable

Rules = Sequence[Rule]
_ROWS = 1 << 14
"""Items that are judged at once, so that what is worked on stays in the cache."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of R rules on n items, in minor units.

    names      (R,) names of the rules
    low, high  (R, n) whole minor amounts; -inf and +inf where a rule sets no bound
    hold       (n,) reason code of the first rule that forbids any change, "" where none does
    holding    (R, n) True where a rule forbids any change
    """

    names: tuple[str, ...]
    low: Floats
    high: Floats
    hold: NDArrayStr
    holding: Flags

    def part(self, rows: Ints | slice) -> Bounds:
        """The same of some of the items."""
        return Bounds(self.names, self.low[:, rows], self.high[:, rows], self.hold[rows], self.holding[:, rows])


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the rules leave of a ladder.

    valid    (n, K) True where a ladder price may be published. A held item has its current price only. The current price is asked
             like any other: where it breaks a rule it is not valid, and keeping it is the engine's choice, not the rules' permission.
    clash    (n,) names of a smallest set of hard rules that no price can meet together; () where some valid price is left
    dropped  (R, n) True where a soft rule gave way
    """

    valid: Flags
    clash: list[tuple[str, ...]]
    dropped: Flags


def names_of(rules: Rules) -> tuple[str, ...]:
    """Names of rules, unique and stable: `max_change`, `max_change:2`."""
    seen: Counter[str] = Counter()
    names = []
    for rule in rules:
        seen[rule.kind] += 1
        names.append(rule.kind if seen[rule.kind] == 1 else f"{rule.kind}:{seen[rule.kind]}")
    return tuple(names)


def limit(rules: Rules, items: pl.DataFrame, context: Context) -> Bounds:
    """Bounds of every rule on every item, before any price is chosen. A bound that is NaN permits nothing and holds as `unknown_limit`."""
    count = items.height
    low, high = np.full((len(rules), count), -np.inf), np.full((len(rules), count), np.inf)
    hold: NDArrayStr = np.full(count, "", dtype=object)
    holding = np.zeros((len(rules), count), dtype=bool)
    for number, rule in enumerate(rules):
        limits = rule.limit(items, context)
        unknown = np.isnan(limits.low) | np.isnan(limits.high)
        low[number] = np.where(unknown, np.inf, ceil_minor(limits.low))
        high[number] = np.where(unknown, -np.inf, floor_minor(limits.high))
        first = hold == ""
        hold[first] = limits.hold[first]
        hold[unknown & (hold == "")] = UNKNOWN
        holding[number] = unknown | (limits.hold != "")
    return Bounds(names_of(rules), low, high, hold, holding)


def admit(rules: Rules, items: pl.DataFrame, ladder: Ladder, bounds: Bounds, context: Context) -> Allowed:
    """Which ladder prices the rules let through; soft rules give way and clashes are named where none is left."""
    held = bounds.hold != ""
    valid = passed(rules, items, ladder, bounds, context)
    valid[held] = False
    kept = np.flatnonzero(held & (ladder.current >= 0))
    valid[kept, ladder.current[kept]] = True
    clash: list[tuple[str, ...]] = [()] * items.height
    dropped = np.zeros(bounds.low.shape, dtype=bool)
    stuck = np.flatnonzero(~valid.any(axis=1) & ~held)
    for part in blocks(stuck.size):
        _resolve(rules, items, ladder, bounds, context, stuck[part], Allowed(valid, clash, dropped))
    return Allowed(valid, clash, dropped)


def passed(rules: Rules, items: pl.DataFrame, ladder: Ladder, bounds: Bounds, context: Context) -> Flags:
    """(n, K) ladder prices that every rule lets through, soft ones too, whether they hold the item or not."""
    valid = ladder.valid.copy()
    low, high = bounds.low.max(axis=0, initial=-np.inf), bounds.high.min(axis=0, initial=np.inf)
    for part in pieces(*valid.shape):
        valid[part] &= within(ladder.prices[part], low[part], high[part])
    for part in blocks(items.height):
        for rule in judging(rules):
            valid[part] &= rule.admits(items[part], ladder.prices[part], context_of(context, part))
    return valid


def judging(rules: Rules) -> list[Rule]:
    """The rules that judge each price by itself, beside setting limits."""
    return [rule for rule in rules if type(rule).admits is not Rule.admits]


def ties(rules: Rules, items: pl.DataFrame, context: Context, ladder: Ladder | None = None, valid: Flags | None = None) -> Ties | None:
    """The ties of all rules in one; None where there are none.

    ladder, valid  where given, pairs of soft rules that no two valid (or current) prices of the pair can meet give way
    """
    found = []
    for rule in rules:
        tied = rule.ties(items, context)
        if tied is not None and not rule.hard and ladder is not None and valid is not None:
            tied = meetable(tied, ladder, valid)
        if tied is not None and tied.first.size:
            found.append(tied)
    if not found:
        return None
    parts = zip(*((tied.first, tied.second, tied.low, tied.high) for tied in found), strict=True)
    first, second, low, high = (np.concatenate(part) for part in parts)
    return Ties(first.astype(np.int64), second.astype(np.int64), low.astype(np.float64), high.astype(np.float64))


def torn(tied: Ties | None, prices: Ints) -> Flags:
    """(n,) True for items that are tied, directly or through others, to some that break a tie at these prices (n,)."""
    if tied is None or tied.met(prices).all():
        return np.zeros(prices.size, dtype=bool)
    group = connected(tied.first, tied.second, prices.size)
    return np.isin(group, group[tied.first[~tied.met(prices)]])


def couplings(rules: Rules, items: pl.DataFrame, context: Context) -> list[tuple[str, Coupling]]:
    """The sums that rules bound, with the rules' names. Keeping every price meets all of them, so soft ones never need to give way."""
    found = ((name, rule.couplings(items, context)) for name, rule in zip(names_of(rules), rules, strict=True))
    return [(name, coupling) for name, coupling in found if coupling is not None]


def check(rules: Rules, items: pl.DataFrame, prices: Ints, context: Context) -> Flags:
    """The last word: (R, n) True where a changed price breaks a rule, alone, beside a tied item, or in a sum that is out of bounds."""
    moved = changed(items, prices)
    broken = np.zeros((len(rules), items.height), dtype=bool)
    for number, rule in enumerate(rules):
        broken[number] = rule.broken(items, prices, context)
        tied = rule.ties(items, context)
        if tied is not None:
            broken[number] |= apart(tied, prices)
        coupling = rule.couplings(items, context)
        if coupling is not None:
            broken[number] |= ~kept_to(coupling, items, prices, context)
    return broken & moved


def settle(rules: Rules, items: pl.DataFrame, prices: Ints, context: Context, current: Ints) -> tuple[Ints, Flags]:
    """Put every price that breaks a hard rule back to the current one, until none does.

    Returns the prices and (n,) True where a price was put back. `current` (n,) is the price to return to.
    """
    hard = [rule for rule in rules if rule.hard]
    prices = prices.copy()
    undone = np.zeros(items.height, dtype=bool)
    while (wrong := check(hard, items, prices, context).any(axis=0)).any():
        prices[wrong] = current[wrong]
        undone |= wrong
    return prices, undone


def blocks(count: int) -> list[slice]:
    """Slices that cover `count` rows."""
    return [slice(start, min(start + _ROWS, count)) for start in range(0, count, _ROWS)]


def context_of(context: Context, rows: slice | Ints) -> Context:
    """The context of some of the items."""
    now, then = (None if units is None else units[rows] for units in (context.units_now, context.units_then))
    return dataclasses.replace(context, units_now=now, units_then=then)


def within(prices: Ints, low: Floats, high: Floats) -> Flags:
    """(n, K) True where low (n,) <= price <= high (n,); both whole amounts or infinite."""
    top = np.int64(2**62)
    lowest = np.clip(low, -float(top), float(top)).astype(np.int64)[:, None]
    highest = np.clip(high, -float(top), float(top)).astype(np.int64)[:, None]
    inside: Flags = (prices >= lowest) & (prices <= highest)
    return inside


def _resolve(rules: Rules, items: pl.DataFrame, ladder: Ladder, bounds: Bounds, context: Context, rows: Ints, into: Allowed) -> None:
    """Let soft rules give way for rows without a price, and name the clash where the hard ones leave none; writes into `into`."""
    asked, some, context = items[rows], ladder.prices[rows], context_of(context, rows)
    fits = fits_alone(rules, asked, some, bounds.low[:, rows], bounds.high[:, rows], context)
    hard = np.array([rule.hard for rule in rules], dtype=bool)
    rank = sorted((number for number, rule in enumerate(rules) if not rule.hard), key=lambda number: (-rules[number].priority, number))
    kept, gone = giving_way(fits, ladder.valid[rows], hard, rank)
    into.valid[rows], into.dropped[:, rows] = kept, gone
    lost = np.flatnonzero(~kept.any(axis=1))
    firm = [rule for rule in rules if rule.hard]
    low, high = bounds.low[hard][:, rows[lost]], bounds.high[hard][:, rows[lost]]
    reach = np.where(ladder.valid[rows[lost]], some[lost], 0).max(axis=1, initial=0)
    ends = ends_of(firm, asked[lost], np.vstack([low, reach]), np.vstack([high, reach]), context_of(context, lost))
    wider = np.concatenate([some[lost], ends], axis=1)
    fits = fits_alone(firm, asked[lost], wider, low, high, context_of(context, lost))
    names = np.array(bounds.names, dtype=object)[hard]
    real = np.concatenate([ladder.valid[rows[lost]], (ends > 0) & (ends < MAX_MINOR)], axis=1)
    for row, clash in zip(rows[lost], smallest_clash(fits, real, some.shape[1]).T, strict=True):
        into.clash[row] = tuple(names[clash])


def fits_alone(rules: Rules, items: pl.DataFrame, prices: Ints, low: Floats, high: Floats, context: Context) -> Flags:
    """(R, n, K) True where a rule by itself lets a price through."""
    fits = np.empty((len(rules), *prices.shape), dtype=bool)
    for number, rule in enumerate(rules):
        fits[number] = within(prices, low[number], high[number])
        if judging([rule]):
            fits[number] &= rule.admits(items, prices, context)
    return fits
