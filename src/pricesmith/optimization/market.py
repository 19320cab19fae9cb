"""All that a coupled run knows: what items are worth, how families act, what couplings add up; true and linearised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .sums import Sums


@dataclass(frozen=True, slots=True)
class Market:
    """n items over K columns.

    gain      (n, K) value without cross effects; finite on open and current columns
    opened    (n, K) columns that may be chosen
    prices    (n, K) minor units
    current   (n,) column of the current price, -1 where unknown
    logs      (n, K) log of price over current price
    cross     (n,) effect of the mean log price of the others; 0 outside families
    family    (n,) family number, -1 where alone
    sums      rows of the couplings
    rate      (n,) effect of the sum of the others' logs
    """

    gain: Floats
    opened: Flags
    prices: Ints
    current: Ints
    logs: Floats
    cross: Floats
    family: Ints
    sums: Sums
    rate: Floats

    def shift(self, columns: Ints) -> Floats:
        """(n,) what the others' prices multiply each item's units by."""
        own = self.logs[np.arange(columns.size), columns]
        return np.exp(self.rate * (self.by_family(own) - own))

    def by_family(self, amount: Floats) -> Floats:
        """(n,) sum over the item's family, the item included; the item's own amount where it is alone."""
        inside = self.family >= 0
        total = np.bincount(self.family[inside], amount[inside], 1)
        return np.where(inside, total[np.maximum(self.family, 0)], amount)

    def value(self, columns: Ints) -> float:
        """True value of a plan."""
        known = self.current >= 0
        each = self.gain[np.arange(columns.size), columns] * self.shift(columns)
        return float(each[known].sum())

    def totals(self, columns: Ints) -> Floats:
        """(R,) true sums of a plan."""
        return self.sums.at(columns, self.shift(columns))


def rates(cross: Floats, family: Ints) -> Floats:
    """(n,) effect of the sum of the others' logs, from the effect of their mean."""
    inside = family >= 0
    members = np.bincount(family[inside], minlength=1)
    return np.where(inside, cross / np.maximum(members[np.maximum(family, 0)] - 1, 1), 0.0)


def linearised(market: Market, columns: Ints, exact: Flags) -> tuple[Floats, tuple[Floats, ...]]:
    """(values (n, K), weights) that add over items and equal the true ones at the plan, to first order in the others' prices.

    exact  (n,) items whose family is valued as a whole elsewhere: they are taken without cross effects
    """
    spread = around(market, columns, exact)
    weights = []
    for row, weight, scaled in zip(market.sums.row, market.sums.weight, market.sums.scaled, strict=True):
        weights.append(np.where((row >= 0)[:, None], spread(weight, row >= 0), 0.0) if scaled else weight)
    return spread(market.gain, np.ones(columns.size, dtype=bool)), tuple(weights)


def around(market: Market, columns: Ints, exact: Flags) -> Callable[[Floats, Flags], Floats]:
    """What linearises amounts (n, K) that cross effects scale around a plan, of the items (n,) that count; exact: as in `linearised`."""
    items = np.arange(columns.size)
    factor = np.where(exact, 1.0, market.shift(columns))
    rate = np.where(exact, 0.0, market.rate)
    away = market.logs - market.logs[items, columns][:, None]

    def spread(amount: Floats, counted: Flags) -> Floats:
        felt = rate * np.where(counted, amount[items, columns] * factor, 0.0)
        pull = market.by_family(felt) - felt
        return amount * factor[:, None] + pull[:, None] * away if pull.any() else amount * factor[:, None]

    return spread
