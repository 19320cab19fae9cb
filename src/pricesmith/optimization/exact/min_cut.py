"""Exact prices of substitutes by one minimum cut (Ito & Fujimaki 2017).

Demand q_i = f_ii(p_i) + sum_j f_ij(p_j) adds over products, so profit is a sum of pairs. Written with y[i, k] = 1 where product i takes
column k or a higher one, the pair (i, j) brings D[k, l] y[i, k] y[j, l] with D = (step of i's margin) * (step of f_ij). Where nobody's
demand falls with another's price (substitutes) every D >= 0, profit is supermodular, and the best plan is a minimum cut.
With complements among the products the linear relaxation still bounds every plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from pricesmith.contracts.curves import Floats, Ints

RESOLUTION = 2**30
"""Capacities are whole numbers; all profit together is this many: plans closer than about 1e-9 of it count as equal."""


@dataclass(frozen=True, slots=True)
class Pairwise:
    """margin (m, K) profit per unit, rising with k; effect (m, m, K): what product j at column k adds to the demand of product i."""

    margin: Floats
    effect: Floats

    def profit(self, columns: Ints) -> float:
        """Profit of a plan (m,)."""
        every = np.arange(columns.size)
        demand = self.effect[:, every, columns].sum(axis=1)
        return float((self.margin[every, columns] * demand).sum())

    def parts(self) -> tuple[float, Floats, Ints, Ints, Floats]:
        """(constant, unary (m * (K - 1),), tails, heads, D): profit = constant + unary y + sum D y[tail] y[head]."""
        count, width = self.margin.shape
        lowest = np.zeros(count, dtype=np.int64)
        rise, lift = np.diff(self.margin, axis=1), np.diff(self.effect, axis=2)
        own = np.stack([self.margin[i] * self.effect[i, i] for i in range(count)])
        unary = np.diff(own, axis=1)
        pairs = []
        for i in range(count):
            for j in range(count):
                if i != j:
                    unary[i] += rise[i] * self.effect[i, j, 0]
                    unary[j] += lift[i, j] * self.margin[i, 0]
                    pairs.append((i, j, np.outer(rise[i], lift[i, j])))
        number = np.arange(count * (width - 1)).reshape(count, width - 1)
        tails = [np.repeat(number[i], width - 1) for i, _, _ in pairs]
        heads = [np.tile(number[j], width - 1) for _, j, _ in pairs]
        none = [np.zeros(0, dtype=np.int64)]
        weight = np.concatenate([np.zeros(0), *(block.ravel() for _, _, block in pairs)])
        return self.profit(lowest), unary.ravel(), np.concatenate(none + tails), np.concatenate(none + heads), weight


def best_substitutes(market: Pairwise) -> Ints:
    """(m,) the best plan. Raises ValueError where some pair are complements, or a margin falls along the ladder."""
    _, unary, tails, heads, weight = market.parts()
    if weight.size and weight.min() < -1e-12 * np.abs(weight).max():
        raise ValueError("a minimum cut is exact for substitutes only: no effect may fall as another's price rises")
    count, width = market.margin.shape
    nodes = unary.size
    source, sink = nodes, nodes + 1
    gain = unary.copy()
    np.add.at(gain, tails, weight)
    scale = RESOLUTION / max(float(np.abs(gain).sum() + weight.sum()), 1e-300)
    number = np.arange(nodes).reshape(count, width - 1)
    first = np.concatenate([np.full(nodes, source), np.arange(nodes), tails, number[:, 1:].ravel()])
    second = np.concatenate([np.arange(nodes), np.full(nodes, sink), heads, number[:, :-1].ravel()])
    endless = np.full(count * (width - 2), RESOLUTION, dtype=np.float64)
    capacity = np.concatenate([np.maximum(gain, 0.0) * scale, np.maximum(-gain, 0.0) * scale, weight * scale, endless])
    taken = _source_side(first, second, np.rint(capacity).astype(np.int64), nodes + 2, source, sink)
    return np.asarray(taken[:nodes].reshape(count, width - 1).sum(axis=1))


def _source_side(first: Ints, second: Ints, capacity: Ints, nodes: int, source: int, sink: int) -> np.ndarray:
    """(nodes,) True on the source side of the smallest minimum cut."""
    graph = csr_matrix(coo_array((capacity, (first, second)), shape=(nodes, nodes)).tocsr().astype(np.int32))
    flow = maximum_flow(graph, source, sink).flow
    residual = csr_matrix(graph - flow)
    residual.data = np.maximum(residual.data, 0)
    residual.eliminate_zeros()
    side = np.zeros(nodes, dtype=bool)
    side[breadth_first_order(residual, source, return_predecessors=False)] = True
    return side


def relaxed_plan(market: Pairwise) -> tuple[Ints, float]:
    """(plan, bound) for any signs: linear relaxation of the products y y', rounded and improved one product at a time."""
    constant, unary, tails, heads, weight = market.parts()
    count, width = market.margin.shape
    nodes, pairs = unary.size, weight.size
    pair, number = np.arange(pairs), np.arange(nodes).reshape(count, width - 1)
    steps = number[:, 1:].size
    row = np.r_[pair, pair, pair + pairs, pair + pairs, np.repeat(pair + 2 * pairs, 3), np.repeat(np.arange(steps) + 3 * pairs, 2)]
    column = np.r_[
        nodes + pair, tails, nodes + pair, heads, np.stack([tails, heads, nodes + pair], axis=1).ravel(),
        np.stack([number[:, 1:].ravel(), number[:, :-1].ravel()], axis=1).ravel(),
    ]  # fmt: skip
    sign = np.r_[
        np.ones(pairs), -np.ones(pairs), np.ones(pairs), -np.ones(pairs), np.tile([1.0, 1.0, -1.0], pairs), np.tile([1.0, -1.0], steps)
    ]
    rows = coo_array((sign, (row, column)), shape=(3 * pairs + steps, nodes + pairs)).tocsr()
    limits = np.r_[np.zeros(2 * pairs), np.ones(pairs), np.zeros(steps)]
    found = linprog(-np.r_[unary, weight], A_ub=rows, b_ub=limits, bounds=(0.0, 1.0), method="highs")
    plan = (np.asarray(found.x)[:nodes].reshape(count, width - 1) > 0.5).sum(axis=1)
    return _climb(market, plan), constant - float(found.fun)


def _climb(market: Pairwise, plan: Ints) -> Ints:
    """Change one product at a time while that helps."""
    best = market.profit(plan)
    moved = True
    while moved:
        moved = False
        for product in range(plan.size):
            for column in range(market.margin.shape[1]):
                trial = plan.copy()
                trial[product] = column
                worth = market.profit(trial)
                if worth > best + 1e-12 * abs(best):
                    plan, best, moved = trial, worth, True
    return plan
