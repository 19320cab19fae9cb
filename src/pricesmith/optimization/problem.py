"""What is asked of the optimum, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pricesmith.contracts.curves import Curves, Flags, Floats, Ints, Ladder, pieces
from pricesmith.contracts.economics import unit_profit, unit_revenue
from pricesmith.contracts.policy import RiskPolicy
from pricesmith.contracts.rule import Coupling, Ties

from .objectives import OBJECTIVES


@dataclass(frozen=True, slots=True)
class Problem:
    """One run: choose a column of the ladder for each of n items.

    ladder     candidate prices (n, K)
    allowed    (n, K) True where the rules admit the candidate; a row without any keeps the current price
    curves     expected demand over the ladder
    net, kept  (n,) shares of the price on the tag left after tax, and after tax and fees (contracts.economics)
    landed     (n,) landed cost of one unit, minor units; NaN is refused where the item has an allowed price
    returned   (n,) share of units that come back
    weights    objective name -> weight
    ties       pairs of items whose prices hang together
    couplings  sums over many items that must stay within bounds
    risk       how uncertain value is judged, item by item: the risk of the total if all estimates err together
    seed       kept with the run; the optimum itself draws nothing
    major      minor units in one major unit: what one unit of sale counts beside money in a mixed objective
    """

    ladder: Ladder
    allowed: Flags
    curves: Curves
    net: Floats
    kept: Floats
    landed: Floats
    returned: Floats
    weights: dict[str, float] = field(default_factory=lambda: {"profit": 1.0})
    ties: Ties | None = None
    couplings: tuple[Coupling, ...] = ()
    risk: RiskPolicy = field(default_factory=RiskPolicy)
    seed: int = 0
    major: float = 100.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The plan and how good it is proved to be.

    column       (n,) chosen column of the ladder; the current one where nothing is allowed (-1 where there is none)
    value        objective of the plan: minor units (or units) per day, cross effects included
    bound        no plan that keeps the limits is worth more
    gap          (bound - value) / |bound|
    multipliers  name of a coupling group -> what one more unit of its bound would be worth; groups that do not bind are left out
    sweeps       rounds of improvement over the families and couplings; 0 where one look at each item suffices
    """

    column: Ints
    value: float
    bound: float
    gap: float
    multipliers: dict[str, float]
    sweeps: int


def values(problem: Problem) -> Floats:
    """(n, K) objective value per day of each ladder price, the other items' prices unchanged; NaN where it is not known."""
    rows, width = problem.ladder.prices.shape
    out = np.empty((rows, width))
    for part in pieces(rows, width):
        np.multiply(unit_values(problem, part), problem.curves.units[part], out=out[part])
    return out


def unit_values(problem: Problem, part: slice = slice(None)) -> Floats:
    """(m, K) objective value of selling one unit at each ladder price of some rows, minor units."""
    prices = problem.ladder.prices[part]
    net, kept, landed, returned = (share[part, None] for share in (problem.net, problem.kept, problem.landed, problem.returned))
    revenue = unit_revenue(prices, net, returned)
    profit = unit_profit(prices, kept, landed, returned)
    one = np.ones((1, 1))
    total = np.zeros(prices.shape)
    for name, weight in sorted(problem.weights.items()):
        scale = problem.major if name == "units" and len(problem.weights) > 1 else 1.0
        if weight:
            total += weight * scale * OBJECTIVES.pick(name).score(revenue, one, profit)
    return total


def joined(choices: Sequence[Choice], rows: Sequence[Ints]) -> Choice:
    """The choice of a whole run from those of parts of its items that nothing binds to one another: values and bounds add up."""
    column = np.empty(sum(part.size for part in rows), dtype=np.int64)
    multipliers: dict[str, float] = {}
    for choice, here in zip(choices, rows, strict=True):
        column[here] = choice.column
        multipliers |= choice.multipliers
    value, bound = sum(choice.value for choice in choices), sum(choice.bound for choice in choices)
    return Choice(column, value, bound, relative_gap(bound, value), multipliers, max(choice.sweeps for choice in choices))


def relative_gap(bound: float, value: float) -> float:
    """(bound - value) / |bound|; 0 where both are 0."""
    return 0.0 if bound == value else (bound - value) / max(abs(bound), 1e-300)
