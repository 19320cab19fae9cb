"""The efficient frontier: how much revenue or volume can be had for how much profit."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Ints
from pricesmith.contracts.economics import unit_profit, unit_revenue

from .choose import choose
from .expectations import units_at
from .problem import Problem


def efficient_frontier(problem: Problem, against: str = "revenue", points: int = 11) -> pl.DataFrame:
    """Plans from most profit to most of `against` ("revenue" or "units"), one row each.

    Columns: weight (0 = profit alone, 1 = the other alone), profit, revenue (minor units per day), units (per day), changes (number of
    prices that change), gap (proved, of the weighted objective), efficient (no other row is better in both).
    One unit counts as much money as a unit earns in the most profitable plan.
    """
    return frontier_plans(problem, against, points)[0]


def frontier_plans(problem: Problem, against: str = "revenue", points: int = 11) -> tuple[pl.DataFrame, list[Ints]]:
    """The rows of `efficient_frontier`, and the plan of each: (n,) columns of the ladder, -1 where unknown."""
    start, column = _row(problem, 0.0, {"profit": 1.0})
    unit = 1.0 if against == "revenue" else abs(float(start["profit"])) / max(float(start["units"]), 1e-300) / problem.major
    rows, columns = [start], [column]
    for weight in np.linspace(0.0, 1.0, points)[1:]:
        mix = {"profit": 1.0 - float(weight), against: float(weight) * unit} if weight < 1.0 else {against: 1.0}
        row, column = _row(problem, float(weight), mix)
        rows.append(row)
        columns.append(column)
    table = pl.DataFrame(rows)
    return table.with_columns(efficient=pl.Series(_efficient(table["profit"].to_numpy(), table[against].to_numpy()))), columns


def _row(problem: Problem, weight: float, mix: dict[str, float]) -> tuple[dict[str, float | int], Ints]:
    chosen = choose(dataclasses.replace(problem, weights=mix))
    return {"weight": weight, **totals(problem, chosen.column), "gap": chosen.gap}, chosen.column


def totals(problem: Problem, column: Ints) -> dict[str, float | int]:
    """Profit and revenue (minor units per day), units (per day) and changes of a plan: (n,) columns of the ladder, -1 where unknown."""
    ladder = problem.ladder
    rows = np.flatnonzero(column >= 0)
    picked = column[rows]
    price = ladder.prices[rows, picked]
    units = units_at(problem.curves, ladder, column)[rows]
    profit = units * unit_profit(price, problem.kept[rows], problem.landed[rows], problem.returned[rows])
    revenue = units * unit_revenue(price, problem.net[rows], problem.returned[rows])
    changes = int((price != ladder.prices[rows, ladder.current[rows]]).sum())
    return {"profit": float(np.nansum(profit)), "revenue": float(revenue.sum()), "units": float(units.sum()), "changes": changes}


def _efficient(profit: np.ndarray, other: np.ndarray) -> np.ndarray:
    """True where no other row has at least as much of both and more of one."""
    at_least = (profit[None, :] >= profit[:, None]) & (other[None, :] >= other[:, None])
    more = (profit[None, :] > profit[:, None]) | (other[None, :] > other[:, None])
    return np.asarray(~(at_least & more).any(axis=1))
