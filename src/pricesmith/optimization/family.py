"""Families: items whose prices act on one another's demand, and the value of a plan for them.

Value of item i at column k, when T is the sum of the family's log price ratios x:

    gain[i, k] * exp(cross[i] * (T - x[i, k]) / (members - 1)) + extra[i, k]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Families:
    """Items of families in one run after another, members of a family side by side.

    items     (N,) item numbers in the order used here
    starts    (F,) first row of each family
    sizes     (F,) members
    of        (N,) family of each row
    gain      (N, K) value that scales with the others' prices; finite everywhere
    extra     (N, K) value that does not
    open      (N, K) True where the column may be chosen; at least one in each row
    logs      (N, K) log of price over current price
    cross     (N,) effect of the mean log price of the others
    prices    (N, K) minor units
    current   (N,) column of the current price, -1 where unknown
    """

    items: Ints
    starts: Ints
    sizes: Ints
    of: Ints
    gain: Floats
    extra: Floats
    open: Flags
    logs: Floats
    cross: Floats
    prices: Ints
    current: Ints

    @property
    def rate(self) -> Floats:
        """(N,) cross effect of the sum of the others' logs."""
        return self.cross / np.maximum(self.sizes - 1, 1)[self.of]

    def total(self, values: Floats) -> Floats:
        """(F,) sums over members of values (N,)."""
        return np.add.reduceat(values, self.starts) if self.starts.size else np.zeros(0)

    def take(self, chosen: Ints) -> Families:
        """The families with these numbers, in this order; repeats are allowed."""
        rows = expand(self.starts[chosen], self.sizes[chosen])
        sizes = self.sizes[chosen]
        return Families(
            self.items[rows], np.cumsum(sizes) - sizes, sizes, np.repeat(np.arange(chosen.size), sizes), self.gain[rows],
            self.extra[rows], self.open[rows], self.logs[rows], self.cross[rows], self.prices[rows], self.current[rows],
        )  # fmt: skip


def expand(starts: Ints, sizes: Ints) -> Ints:
    """Row numbers start, start + 1, ... of runs of given sizes, one run after another."""
    ends = np.cumsum(sizes)
    return np.asarray(np.arange(int(ends[-1]) if ends.size else 0) + np.repeat(starts - (ends - sizes), sizes))


def linked(family: Ints, cross: Floats) -> Flags:
    """(n,) True for members of families of two or more in which some cross effect is not zero."""
    known = family >= 0
    if not known.any():
        return np.zeros(family.shape, dtype=bool)
    number = np.unique(family, return_inverse=True)[1]
    members = np.bincount(number, known)
    moved = np.bincount(number, known & (cross != 0.0))
    return np.asarray(known & (members[number] > 1) & (moved[number] > 0))


def families(
    rows: Ints, family: Ints, gain: Floats, extra: Floats, opened: Flags, logs: Floats, cross: Floats, prices: Ints, current: Ints
) -> Families:
    """Sort the items `rows` by family; inside a family by their own figures, so that the order of items never matters.

    The other arguments speak of all n items.
    """
    finite = np.where(opened[rows], gain[rows], 0.0)
    own = prices[rows, current[rows]]
    order = np.lexsort((finite.sum(axis=1), cross[rows], own, family[rows]))
    items = rows[order]
    starts = np.flatnonzero(np.r_[True, family[items][1:] != family[items][:-1]])
    sizes = np.diff(np.r_[starts, items.size])
    return Families(
        items, starts, sizes, np.repeat(np.arange(starts.size), sizes), finite[order], np.where(opened[items], extra[items], 0.0),
        opened[items], logs[items], cross[items], prices[items], current[items],
    )  # fmt: skip


def member_values(group: Families, columns: Ints) -> Floats:
    """(N,) value of each member under a plan (N,)."""
    rows = np.arange(columns.size)
    moved = group.logs[rows, columns]
    others = group.total(moved)[group.of] - moved
    return np.asarray(group.gain[rows, columns] * np.exp(group.rate * others) + group.extra[rows, columns])


def family_values(group: Families, columns: Ints) -> Floats:
    """(F,) value of each family under a plan (N,)."""
    return group.total(member_values(group, columns))
