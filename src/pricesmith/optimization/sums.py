"""What couplings add up: one weight for every item and column, and the row (a group of a coupling) in which it counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.economics import unit_profit, unit_revenue
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.rule import Coupling

from .problem import Problem

QUANTITIES = ("changed", "index", "margin", "revenue")


@dataclass(frozen=True, slots=True)
class Sums:
    """All rows of a run.

    row           (L, n) row of each item in each coupling, -1 where it takes no part
    weight        L arrays (n, K), 0 where the item takes no part
    scaled        (L,) True where cross effects multiply the weight, as they do the units
    lower, upper  (R,) bounds in the weights' own units
    names         (R,) "quantity:group"
    """

    row: Ints
    weight: tuple[Floats, ...]
    scaled: tuple[bool, ...]
    lower: Floats
    upper: Floats
    names: tuple[str, ...]

    def at(self, columns: Ints, factor: Floats) -> Floats:
        """(R,) sums of a plan whose cross effects multiply units by `factor` (n,)."""
        items = np.arange(columns.size)
        total = np.zeros(self.lower.size)
        for row, weight, scaled in zip(self.row, self.weight, self.scaled, strict=True):
            counted = row >= 0
            amount = weight[items, columns] * (factor if scaled else 1.0)
            total += np.bincount(row[counted], amount[counted], total.size)
        return total


def sums_of(problem: Problem) -> Sums:
    """Rows, weights and bounds of all couplings; today's sums are those of the current prices."""
    count = problem.ladder.current.size
    known = problem.ladder.current >= 0
    rows: list[Ints] = []
    weights: list[Floats] = []
    names: list[str] = []
    lower, upper = [np.zeros(0)], [np.zeros(0)]
    start = 0
    for coupling in problem.couplings:
        if coupling.quantity not in QUANTITIES:
            raise UnknownChoice("coupling", coupling.quantity, QUANTITIES)
        member = (coupling.group >= 0) & known
        weight = np.where(member[:, None], _weight(problem, coupling, member), 0.0)
        rows.append(np.where(member, coupling.group + start, -1))
        weights.append(weight)
        low, high = _bounds(problem, coupling, weight, member)
        lower.append(low)
        upper.append(high)
        names.extend(f"{coupling.quantity}:{name}" for name in coupling.names)
        start += len(coupling.names)
    row = np.stack(rows).astype(np.int64) if rows else np.empty((0, count), dtype=np.int64)
    scaled = tuple(coupling.quantity in ("revenue", "margin") for coupling in problem.couplings)
    return Sums(row, tuple(weights), scaled, np.concatenate(lower), np.concatenate(upper), tuple(names))


def _weight(problem: Problem, coupling: Coupling, member: np.ndarray) -> Floats:
    prices = problem.ladder.prices
    own = prices[np.arange(member.size), problem.ladder.current]
    if coupling.quantity == "changed":
        return np.asarray((prices != own[:, None]).astype(np.float64))
    if coupling.quantity == "index":
        return _index_weights(problem, coupling, own, member)[:, None] * (prices / np.maximum(own, 1)[:, None] - 1.0)
    if coupling.quantity == "revenue":
        each = unit_revenue(prices, problem.net[:, None], problem.returned[:, None])
    else:
        each = unit_profit(prices, problem.kept[:, None], problem.landed[:, None], problem.returned[:, None])
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(each * problem.curves.units, nan=0.0, posinf=0.0, neginf=0.0)


def _index_weights(problem: Problem, coupling: Coupling, own: Ints, member: np.ndarray) -> Floats:
    if coupling.weights is not None:
        return coupling.weights
    revenue = np.where(member, problem.curves.base * own, 0.0)
    total = np.bincount(coupling.group[member], revenue[member], len(coupling.names))
    return np.asarray(np.where(member, revenue / np.maximum(total[np.maximum(coupling.group, 0)], 1e-300), 0.0))


def _bounds(problem: Problem, coupling: Coupling, weight: Floats, member: np.ndarray) -> tuple[Floats, Floats]:
    """Bounds on the sums themselves; shares of today's sum T read as T - (1 - share) |T|."""
    if coupling.quantity not in ("revenue", "margin"):
        return coupling.lower, coupling.upper
    today = weight[np.arange(member.size), problem.ladder.current]
    total = np.bincount(coupling.group[member], today[member], len(coupling.names))
    with np.errstate(invalid="ignore"):
        sides = [np.where(np.isinf(share), share, total - (1.0 - share) * np.abs(total)) for share in (coupling.lower, coupling.upper)]
    return sides[0], sides[1]
