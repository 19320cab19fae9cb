"""Prices that rules on the form of a price allow, found by the rules themselves: the lattice is thinned, and knows endings alone."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.rule import Context

from ._conflict import of_form
from .apply import Bounds, Rules, context_of, judging

STARTS = 32
"""Places of an item's range from which a price is looked for, evenly over it."""


def prices_beside(rules: Rules, items: pl.DataFrame, bounds: Bounds, reach: tuple[Floats, Floats], context: Context) -> Ints:
    """(n, STARTS) prices within `reach` that each item may have by all rules, else by the hard ones; 0 where there is none.

    reach  (low, high), each (n,) minor units: how far candidates go
    """
    found = np.zeros((items.height, STARTS), dtype=np.int64)
    hard = np.array([rule.hard for rule in rules], dtype=bool)
    for asked in (np.ones(hard.size, dtype=bool), hard)[: 1 if hard.all() else 2]:
        low, high = bounds.low[asked].max(axis=0, initial=-np.inf), bounds.high[asked].min(axis=0, initial=np.inf)
        some = np.flatnonzero(~found.any(axis=1))
        ends = np.maximum(low, reach[0])[some], np.minimum(high, reach[1])[some]
        formed = judging([rule for rule, on in zip(rules, asked, strict=True) if on])
        found[some] = _between(formed, items[some], ends, context_of(context, some))
    return found


def _between(formed: Rules, items: pl.DataFrame, ends: tuple[Floats, Floats], context: Context) -> Ints:
    """(m, STARTS) prices between the ends, each (m,), that suit rules on the form of a price, each price once; 0 elsewhere."""
    low, high = np.ceil(np.maximum(ends[0], 1.0)), np.floor(ends[1])
    real = np.isfinite(low) & np.isfinite(high) & (low <= high)
    low, high = np.where(real, low, 1.0), np.where(real, high, 1.0)
    starts = np.floor(low[:, None] + np.linspace(0.0, 1.0, STARTS) * (high - low)[:, None]).astype(np.int64)
    prices = of_form(formed, items, starts, context, up=True)
    fits: Flags = real[:, None] & (prices <= high[:, None])
    for rule in formed:
        fits &= rule.admits(items, prices, context)
    fits[:, 1:] &= prices[:, 1:] != prices[:, :-1]
    return np.where(fits, prices, 0)
