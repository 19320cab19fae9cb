"""Rules that cannot be met together: which soft ones give way, and which hard ones are to blame."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.rule import Context, Rule

_FORMS, _TURNS = 4, 50
"""Rules on the form of a price of which every group is looked at; how often each is asked to find a price that suits all of a group."""


def giving_way(fits: Flags, ladder: Flags, hard: Flags, rank: Sequence[int]) -> tuple[Flags, Flags]:
    """Prices left when soft rules give way, the lowest priority first.

    fits    (R, n, K) True where a rule by itself lets a price through
    ladder  (n, K) True where there is a price
    hard    (R,) True for hard rules;  rank  soft rules, the highest priority first
    Returns (n, K) the prices left and (R, n) True where a soft rule gave way. A soft rule stays wherever it leaves a price
    beside the hard rules and the soft rules above it, so a lower one never pushes a higher one aside.
    """
    left = ladder & fits[hard].all(axis=0)
    dropped = np.zeros(fits.shape[:2], dtype=bool)
    for number in rank:
        narrower = left & fits[number]
        dropped[number] = ~narrower.any(axis=1)
        left = np.where(dropped[number][:, None], left, narrower)
    return left, dropped


def smallest_clash(fits: Flags, real: Flags, ladder: int) -> Flags:
    """(R, n) True for the rules of a minimal conflicting set: together they leave no price, and without any one of them some price is left.

    fits    (R, n, M) True where a rule by itself lets a price through
    real    (n, M) True where there is a price: the ladder in the first `ladder` columns, then prices at the bounds of the rules, so that
            a rule that shaped the ladder (endings) is blamed where it is to blame
    Items that a price beyond the ladder could save are judged by the ladder alone.
    Deletion filter (Chinneck and Dravnieks 1991), the last rule tried first, for all items at once.
    """
    saved = (real & fits.all(axis=0)).any(axis=1)
    prices = real.copy()
    prices[saved, ladder:] = False
    clash = np.ones(fits.shape[:2], dtype=bool)
    for number in reversed(range(fits.shape[0])):
        rest = clash.copy()
        rest[number] = False
        without = prices & (fits | ~rest[:, :, None]).all(axis=0)
        clash[number] = without.any(axis=1)
    return clash


def ends_of(rules: Sequence[Rule], items: pl.DataFrame, low: Floats, high: Floats, context: Context) -> Ints:
    """(n, E) prices at bounds (B, n), and the nearest inside them of the form that rules ask for; 0 where there is none."""
    found = []
    for bounds, up in ((low.T, True), (high.T, False)):
        real = np.isfinite(bounds) & (bounds > 0) & (bounds < MAX_MINOR)
        ends = np.where(real, bounds, 0).astype(np.int64)
        found += [ends, *(np.where(real, of_form(group, items, ends, context, up), 0) for group in _groups_of_form(rules))]
    return np.concatenate(found, axis=1)


def _groups_of_form(rules: Sequence[Rule]) -> list[Sequence[Rule]]:
    """Rules on the form of a price, in every group of them; where they are more than _FORMS, one by one and all together."""
    formed = [rule for rule in rules if type(rule).beside is not Rule.beside]
    sizes = range(1, len(formed) + 1) if len(formed) <= _FORMS else (1, len(formed))
    return [group for size in sizes for group in itertools.combinations(formed, size)]


def of_form(group: Sequence[Rule], items: pl.DataFrame, prices: Ints, context: Context, up: bool) -> Ints:
    """The nearest prices of the form of all rules of a group, up or down, where a few turns reach such a price.

    Each finds the nearest price of its own form in turn until none moves on: none of them ever passes over one that suits all.
    """
    for _ in range(_TURNS if len(group) > 1 else 1):
        before = prices
        for rule in group:
            prices = rule.beside(items, prices, context, up)
        if np.array_equal(before, prices):
            break
    return prices
