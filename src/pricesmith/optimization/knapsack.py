"""Multiple-choice knapsack with many rows: one column for each item, sums within bounds, and a proof of how good the plan is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .dual import COOLING, Knapsack, bound, multipliers
from .rounding import feasible, improve

SAMPLE = 4096
"""Items that find the first multipliers where there are several times as many."""

WARM = (4e-3, 5e-4)
"""Cooling from multipliers that a sample found."""


@dataclass(frozen=True, slots=True)
class Packed:
    """columns (n,), value, bound, multipliers nu (R,), whether every row is kept, and the rounds of work."""

    columns: Ints
    value: float
    bound: float
    nu: Floats
    kept: bool
    rounds: int


def pack(sack: Knapsack, fallback: Ints | None = None) -> Packed:
    """The best plan found for the knapsack and the bound that its multipliers prove.

    fallback  (n,) a plan that keeps every row; without one, a plan may come back that does not (`kept` False)
    """
    free = sack.priced(np.zeros(sack.lower.size)).argmax(axis=1)
    if feasible(sack, free):
        value = sack.worth(free)
        return Packed(free, value, value, np.zeros(sack.lower.size), True, 0)
    nu, looks = _multipliers(sack, free)
    columns, kept, moves = improve(sack, nu, fallback)
    return Packed(columns, sack.worth(columns), bound(sack, nu), nu, kept, looks + moves)


def _multipliers(sack: Knapsack, free: Ints) -> tuple[Floats, int]:
    """Multipliers from a sample first where the items are many: its limits are scaled by what the sample weighs."""
    count = free.size
    if count < 4 * SAMPLE:
        return multipliers(sack)
    top = sack.value[np.arange(count), free]
    rank = np.argsort(np.modf(np.frexp(top)[0] * 1e6 * 0.6180339887498949)[0], kind="stable")
    chosen = rank[:SAMPLE]
    part = sack.part(chosen)
    whole, here = sack.sums(free), part.sums(free[chosen])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where((whole != 0) & (here / whole > 0), here / whole, SAMPLE / count)
    first, looks = multipliers(Knapsack(part.value, part.layers, sack.lower * share, sack.upper * share), cooling=COOLING[:-1])
    nu, more = multipliers(sack, first, WARM, steps=3)
    return nu, looks + more
