"""The decisions of a coupled run as one knapsack: an item by itself chooses a column, a tied component one of its plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .dual import Knapsack, Layer
from .market import Market
from .tied import Component, best_plan


@dataclass(slots=True)
class Plans:
    """A component and the plans for it (P, m) so far.

    closed  (m,) members of families that lie wholly inside
    every   all plans that keep the ties, where they are few and valued alone: no family reaches beyond the component
    """

    component: Component
    plans: Ints
    closed: Flags
    every: Ints | None

    def add(self, plan: Ints) -> bool:
        """True where the plan is new."""
        if (self.plans == plan).all(axis=1).any():
            return False
        self.plans = np.concatenate([self.plans, plan[None, :]])
        return True


def plan_amounts(market: Market, held: Plans, amount: Floats, scaled: bool, plans: Ints | None = None) -> Floats:
    """(P, m) amount of each member under each plan; families inside the component are taken with their true cross effects.

    amount  (n, K) linearised values or weights
    plans   (P, m) other plans than those held
    """
    items = held.component.items
    plans = held.plans if plans is None else plans
    each = np.take_along_axis(amount[items], plans.T, axis=1).T
    if not scaled or not held.closed.any():
        return np.asarray(each)
    logs = np.take_along_axis(market.logs[items], plans.T, axis=1).T
    family, rate = market.family[items], market.rate[items]
    for number in np.unique(family[held.closed]):
        inside = family == number
        total = logs[:, inside].sum(axis=1, keepdims=True)
        each[:, inside] *= np.exp(rate[inside][None, :] * (total - logs[:, inside]))
    return np.asarray(each)


def best_held(market: Market, held: Plans, scaling: Floats, adding: Floats) -> tuple[Ints | None, float]:
    """(best plan or None, bound) of a component for values that cross effects scale and values that they do not, both (n, K)."""
    items = held.component.items
    every = held.plans if held.component.equal else held.every
    if every is None:
        return best_plan(held.component, (scaling + adding)[items], market.opened[items])
    if not every.size:
        return None, -np.inf
    worth = plan_amounts(market, held, scaling, True, every) + plan_amounts(market, held, adding, False, every)
    total = worth.sum(axis=1)
    return every[int(total.argmax())], float(total.max())


def knapsack(
    market: Market, single: Ints, held: list[Plans], values: Floats, weights: tuple[Floats, ...], lower: Floats, upper: Floats
) -> tuple[Knapsack, Ints]:
    """(knapsack with the single items first and the components after them, column of each decision's keeping of all prices or -1)."""
    width = max([values.shape[1], *(group.plans.shape[0] for group in held)])
    count = single.size + len(held)
    value = np.full((count, width), -np.inf)
    value[: single.size, : values.shape[1]] = np.where(market.opened[single], values[single], -np.inf)
    for number, group in enumerate(held, start=single.size):
        value[number, : group.plans.shape[0]] = plan_amounts(market, group, values, True).sum(axis=1)
    layers: list[Layer] = []
    for row, weight, scaled in zip(market.sums.row, weights, market.sums.scaled, strict=True):
        layers.extend(_layers(market, single, held, row, weight, scaled, width))
    keep = np.full(count, -1)
    keep[: single.size] = np.where(market.opened[single, market.current[single]], market.current[single], -1)
    for number, group in enumerate(held, start=single.size):
        stay = np.flatnonzero((group.plans == market.current[group.component.items]).all(axis=1))
        keep[number] = stay[0] if stay.size else -1
    return Knapsack(value, tuple(layers), lower, upper), keep


def _layers(market: Market, single: Ints, held: list[Plans], row: Ints, weight: Floats, scaled: bool, width: int) -> list[Layer]:
    """One layer for each row that a decision can count in: members of a component may belong to several rows of a coupling."""
    parts = [np.unique(row[group.component.items][row[group.component.items] >= 0]) for group in held]
    out = []
    for slot in range(max([1, *(part.size for part in parts)])):
        rows = np.full(single.size + len(held), -1)
        amounts = np.zeros((rows.size, width))
        if slot == 0:
            rows[: single.size] = row[single]
            amounts[: single.size, : weight.shape[1]] = np.where(market.opened[single], weight[single], 0.0)
        for number, (group, part) in enumerate(zip(held, parts, strict=True), start=single.size):
            if part.size > slot:
                rows[number] = part[slot]
                members = row[group.component.items] == part[slot]
                amounts[number, : group.plans.shape[0]] = plan_amounts(market, group, weight, scaled)[:, members].sum(axis=1)
        out.append(Layer(rows, amounts))
    return out


def spread_out(market: Market, single: Ints, held: list[Plans], chosen: Ints) -> Ints:
    """(n,) columns of the items from the columns of the decisions."""
    columns = market.current.copy()
    columns[single] = chosen[: single.size]
    for group, plan in zip(held, chosen[single.size :], strict=True):
        columns[group.component.items] = group.plans[plan]
    return columns
