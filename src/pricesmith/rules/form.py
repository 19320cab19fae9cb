"""Prices of the form that rules ask for, found by the rules themselves: the lattice of candidates is thinned and knows endings alone.

Each rule finds the nearest price of its form from a price on, upwards. Asked in turn until none moves on, they come to the least price
that all of them let through, because none of them ever passes over one.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.rule import Context, Rule

from .apply import Bounds, Rules, context_of, within

STARTS = 32
"""Places of an item's range from which a price is looked for, evenly over it."""

_TURNS = 60
"""How often every rule is asked at most."""


def form_of(rules: Rules) -> list[Rule]:
    """The rules that judge a price by its form, not by a bound."""
    return [rule for rule in rules if type(rule).admits is not Rule.admits]


def without_price(rules: Rules, items: pl.DataFrame, prices: Ints, there: Flags, bounds: Bounds, context: Context) -> Flags:
    """(n,) True where no price (n, K) that is `there` (n, K) keeps to all rules, and no rule holds the item."""
    valid = there & within(prices, *_ends(bounds, np.ones(len(rules), dtype=bool)))
    for rule in form_of(rules):
        valid &= rule.admits(items, prices, context)
    return np.asarray(~valid.any(axis=1) & (bounds.hold == ""))


def prices_beside(rules: Rules, items: pl.DataFrame, bounds: Bounds, reach: tuple[Floats, Floats], context: Context) -> Ints:
    """(n, STARTS) prices within `reach` that each item may have by all rules, else by the hard ones; 0 where there is none.

    reach  (low, high), each (n,) minor units: how far candidates go
    """
    found = np.zeros((items.height, STARTS), dtype=np.int64)
    for asked in (np.ones(len(rules), dtype=bool), np.array([rule.hard for rule in rules], dtype=bool)):
        low, high = _ends(bounds, asked)
        some = np.flatnonzero(~found.any(axis=1))
        ends = np.maximum(low, reach[0])[some], np.minimum(high, reach[1])[some]
        formed = form_of([rule for rule, on in zip(rules, asked, strict=True) if on])
        found[some] = _between(formed, items[some], ends, context_of(context, some))
    return found


def _ends(bounds: Bounds, asked: Flags) -> tuple[Floats, Floats]:
    """(n,) lowest and highest price by the limits of some of the rules (R,)."""
    return bounds.low[asked].max(axis=0, initial=-np.inf), bounds.high[asked].min(axis=0, initial=np.inf)


def _between(formed: Rules, items: pl.DataFrame, ends: tuple[Floats, Floats], context: Context) -> Ints:
    """(m, STARTS) prices between the ends, each (m,), that suit rules on the form of a price, each price once; 0 elsewhere."""
    low, high = np.ceil(np.maximum(ends[0], 1.0)), np.floor(ends[1])
    real = np.isfinite(low) & np.isfinite(high) & (low <= high)
    low, high = np.where(real, low, 1.0), np.where(real, high, 1.0)
    prices = np.floor(low[:, None] + np.linspace(0.0, 1.0, STARTS) * (high - low)[:, None]).astype(np.int64)
    for _ in range(_TURNS):
        before = prices
        for rule in formed:
            prices = rule.beside(items, prices, context, up=True)
        if np.array_equal(before, prices):
            break
    fits = real[:, None] & (prices <= high[:, None])
    for rule in formed:
        fits &= rule.admits(items, prices, context)
    fits[:, 1:] &= prices[:, 1:] != prices[:, :-1]
    return np.where(fits, prices, 0)
