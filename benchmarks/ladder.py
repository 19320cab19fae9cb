"""Ladder optimum with coupled limits, beside scipy.optimize.milp on the same instance.

Every product takes one of 20 prices; each of 20 categories must keep a revenue floor and one cap holds over the rise of all prices. Both
bind. The gap is measured against the lower of the bounds that this package and the method itself prove; each holds for every plan.
Run: python -m benchmarks.ladder [products ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from benchmarks.support.measure import goal, report, timed
from pricesmith.optimization.dual import Knapsack, Layer
from pricesmith.optimization.knapsack import pack
from pricesmith.optimization.rounding import feasible

PEER_UP_TO = 1000
"""Products up to which scipy.milp finishes in half a minute."""

CATEGORIES = 20

CASE = "ladder"

SIZES = (1000, 10_000, 100_000)

GOALS = {1000: (0.1, 0.05), 100_000: (1.0, 0.02)}
"""Products -> CPU seconds and gap in percent that are to be met."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run: chosen columns, and the bound that the method proves itself (infinite where none)."""

    columns: np.ndarray
    bound: float


def instance(products: int, steps: int = 20, tightness: float = 0.5) -> Knapsack:
    """Constant-elasticity products with revenue floors by category and a cap on price rises that binds once the floors hold."""
    draw = np.random.default_rng(5 + products)
    elasticity = np.minimum(draw.normal(-2.2, 0.5, products), -1.15)
    today = np.exp(draw.normal(2.5, 0.6, products))
    cost = today * draw.uniform(0.45, 0.75, products)
    units = np.exp(draw.normal(3, 1, products))
    step = np.linspace(0.7, 1.3, steps)
    price = today[:, None] * step
    sold = units[:, None] * step ** elasticity[:, None]
    profit, revenue = (price - cost[:, None]) * sold, price * sold
    rise = np.maximum(step - 1.0, 0.0) * (today * units)[:, None]
    category = draw.integers(0, CATEGORIES, products)
    free = np.bincount(category, revenue[np.arange(products), profit.argmax(axis=1)], CATEGORIES)
    floor = free + tightness * (np.bincount(category, revenue.max(axis=1), CATEGORIES) - free)
    cap = 0.6 * _rise_at_floors(profit, revenue, rise, category, floor)
    layers = (Layer(category, revenue), Layer(np.full(products, CATEGORIES), rise))
    none = np.full(CATEGORIES, np.inf)
    return Knapsack(profit, layers, np.append(floor, -np.inf), np.append(none, cap))


def _rise_at_floors(profit: np.ndarray, revenue: np.ndarray, rise: np.ndarray, category: np.ndarray, floor: np.ndarray) -> float:
    """Rise of all prices where the floors alone hold: bisection of each category's multiplier."""
    low, high = np.zeros(CATEGORIES), np.full(CATEGORIES, 8.0)
    rows = np.arange(category.size)
    for _ in range(40):
        middle = (low + high) / 2.0
        columns = (profit + middle[category][:, None] * revenue).argmax(axis=1)
        met = np.bincount(category, revenue[rows, columns], CATEGORIES) >= floor
        low, high = np.where(met, low, middle), np.where(met, middle, high)
    return float(rise[rows, (profit + high[category][:, None] * revenue).argmax(axis=1)].sum())


def ours(sack: Knapsack) -> Result:
    """The optimum of this package."""
    packed = pack(sack)
    return Result(packed.columns, packed.bound)


def peer(sack: Knapsack) -> Result:
    """scipy.optimize.milp (HiGHS) to a relative gap of 1e-4."""
    items, steps = sack.value.shape
    owner = np.repeat(np.arange(items), steps)
    cells = np.arange(items * steps)
    parts = [csr_array((np.ones(cells.size), (owner, cells)), shape=(items, cells.size))]
    parts += [csr_array((layer.weight.ravel(), (layer.row[owner], cells)), shape=(sack.lower.size, cells.size)) for layer in sack.layers]
    rows = vstack([parts[0], sum(parts[1:])])
    limits = LinearConstraint(rows, np.append(np.ones(items), sack.lower), np.append(np.ones(items), sack.upper))
    options = {"time_limit": 90.0, "mip_rel_gap": 1e-4}
    found = milp(-sack.value.ravel(), constraints=limits, integrality=np.ones(cells.size), bounds=Bounds(0, 1), options=options)
    if found.x is None:
        return Result(np.full(items, -1), float("inf"))
    return Result(found.x.reshape(items, steps).argmax(axis=1), -float(found.mip_dual_bound))


def line(name: str, sack: Knapsack, method: Callable[[Knapsack], Result], repeats: int) -> tuple[float, float, bool]:
    """Print one method's line; (CPU seconds, gap in percent to the bound that our own run proves, whether every row is kept)."""
    products = sack.value.shape[0]
    result, timing = timed(lambda: method(sack), repeats, 120.0)
    solved = bool((result.columns >= 0).all())
    proved = ours(sack).bound
    gap = 100.0 * (1.0 - sack.worth(result.columns) / min(proved, result.bound)) if solved else float("inf")
    kept = solved and feasible(sack, result.columns)
    report(CASE, name, products, timing, gap_percent=round(gap, 5) if solved else None, feasible=kept)
    return timing.cpu, gap, kept


def main(sizes: tuple[int, ...] = SIZES) -> None:
    for products in sizes:
        sack = instance(products)
        cpu, gap, kept = line("pricesmith", sack, ours, 5)
        if products in GOALS:
            seconds, most = GOALS[products]
            task = f"{products:,} products <= {seconds:g} s at a proved gap <= {most:g} %"
            goal(CASE, task, f"{cpu:.3f} s, {gap:.5f} %", kept and cpu <= seconds and gap <= most)
        if products <= PEER_UP_TO:
            line("scipy.milp", sack, peer, 1)


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
