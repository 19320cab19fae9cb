"""Prices of a category whose demand answers to the sum of its prices (Ferreira, Lee & Simchi-Levi 2016, Rue La La).

Demand of product j depends on its own price and on the sum s of all prices (its price relative to the average). For a fixed sum

    R(s) = max sum_j p_j D_j(p_j, s)   subject to one price each and sum of prices = s

is a knapsack with one row, solved exactly over the sums that can be reached. A Lagrangian bound orders the sums, and the search ends when
no other sum can beat the best plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from pricesmith.contracts.curves import Floats, Ints

Revenue = Callable[[int], Floats]
"""Sum of prices -> (m, K) revenue of each product at each of its prices."""


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """columns (m,), revenue, the sum of prices, and how many sums were solved of those that can be reached."""

    columns: Ints
    revenue: float
    total: int
    solved: int
    reachable: int


def best_category(prices: Ints, revenue: Revenue) -> CategoryPlan:
    """The best plan over all sums. prices (m, K) whole minor units."""
    sums = reachable_sums(prices)
    bounds = np.array([relaxed(prices, revenue(int(total)), int(total)) for total in sums])
    best = CategoryPlan(np.zeros(prices.shape[0], dtype=np.int64), -np.inf, 0, 0, sums.size)
    for solved, number in enumerate(np.argsort(-bounds, kind="stable")):
        if bounds[number] <= best.revenue:
            return CategoryPlan(best.columns, best.revenue, best.total, solved, sums.size)
        total = int(sums[number])
        columns, value = fixed_sum(prices, revenue(total), total)
        if value > best.revenue:
            best = CategoryPlan(columns, value, total, solved + 1, sums.size)
    return CategoryPlan(best.columns, best.revenue, best.total, sums.size, sums.size)


def reachable_sums(prices: Ints) -> Ints:
    """All sums of one price each, ascending."""
    sums = np.zeros(1, dtype=np.int64)
    for row in prices:
        sums = np.unique(sums[:, None] + np.unique(row)[None, :])
    return sums


def fixed_sum(prices: Ints, value: Floats, total: int) -> tuple[Ints, float]:
    """(columns, value) of the best plan whose prices add to `total`; (zeros, -inf) where none does."""
    sums, best = np.zeros(1, dtype=np.int64), np.zeros(1)
    steps: list[tuple[Ints, Ints, Ints]] = []
    for row, gain in zip(prices, value, strict=True):
        flat = (sums[:, None] + row[None, :]).ravel()
        worth = (best[:, None] + gain[None, :]).ravel()
        order = np.lexsort((-worth, flat))
        first = order[np.r_[True, flat[order][1:] != flat[order][:-1]]]
        first = first[flat[first] <= total]
        steps.append((flat[first], first // row.size, first % row.size))
        sums, best = flat[first], worth[first]
    end = np.flatnonzero(sums == total)
    columns = np.zeros(prices.shape[0], dtype=np.int64)
    if not end.size:
        return columns, -np.inf
    seat = int(end[0])
    value_at = float(best[seat])
    for product in range(prices.shape[0] - 1, -1, -1):
        _, before, column = steps[product]
        columns[product], seat = column[seat], int(before[seat])
    return columns, value_at


def relaxed(prices: Ints, value: Floats, total: int) -> float:
    """Lagrangian bound of `fixed_sum`, equal to its linear relaxation: min over mu of sum_j max_k (value + mu p) - mu total."""
    mu, low, high = 0.0, -_steepest(prices, value), _steepest(prices, value)
    best = np.inf
    for _ in range(40):
        priced = value + mu * prices
        columns = priced.argmax(axis=1)
        best = min(best, float(priced.max(axis=1).sum() - mu * total))
        lean = int(prices[np.arange(columns.size), columns].sum()) - total
        if lean == 0:
            break
        low, high = (low, mu) if lean > 0 else (mu, high)
        mu = (low + high) / 2.0
    return best


def _steepest(prices: Ints, value: Floats) -> float:
    gaps = np.diff(np.sort(prices, axis=1), axis=1)
    smallest = max(int(gaps[gaps > 0].min(initial=1)), 1)
    return float(np.ptp(value)) / smallest + 1.0


def linear_relaxation(prices: Ints, value: Floats, total: int) -> tuple[float, Floats]:
    """(value, shares (m, K)) of the linear programme for one sum; one row joins the products, so at most one is split."""
    count, width = prices.shape
    rows = np.zeros((count + 1, count * width))
    rows[0] = prices.ravel()
    for product in range(count):
        rows[product + 1, product * width : (product + 1) * width] = 1.0
    found = linprog(-value.ravel(), A_eq=rows, b_eq=np.append(float(total), np.ones(count)), method="highs-ds")
    if found.x is None:
        return -np.inf, np.zeros(prices.shape)
    return float(-found.fun), np.asarray(found.x).reshape(count, width)
