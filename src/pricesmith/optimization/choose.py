"""The optimum of one run with a proof of how good it is."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.errors import DataError

from .argmax import best_columns
from .ascent import ascend
from .blocks import parts
from .coupled import solve_coupled
from .family import families, linked
from .family_bound import prove
from .market import Market, rates
from .problem import Choice, Problem, relative_gap, unit_values
from .risk import log_ratios, risk_units
from .sums import sums_of
from .tied import components


def choose(problem: Problem) -> Choice:
    """The best allowed plan.

    Items that stand alone are solved exactly; families with cross effects by coordinate ascent and branch and bound; ties and couplings by
    Lagrange multipliers, repair and local search. The plan keeps every limit; `bound` holds for every plan that does.
    Raises DataError where an allowed price has no finite value.
    """
    kin = linked(problem.curves.family, problem.curves.cross) & (problem.ladder.current >= 0)
    columns = problem.ladder.current.copy()
    values, bounds, sweeps = [0.0], [0.0], 0
    for rows, part in parts(problem, kin):
        columns[rows], value, bound, used = solve_free(part)
        values.append(value)
        bounds.append(bound)
        sweeps = max(sweeps, used)
    free = Choice(columns, sum(values), sum(bounds), relative_gap(sum(bounds), sum(values)), {}, sweeps)
    return free if problem.ties is None and not problem.couplings else _limited(problem, kin, free)


def _limited(problem: Problem, kin: Flags, free: Choice) -> Choice:
    """The best plan under ties and couplings; `free` is the plan without them."""
    ladder, curves = problem.ladder, problem.curves
    sums = sums_of(problem)
    tied = [] if problem.ties is None else components(problem.ties, ladder.prices, ladder.current)
    if not tied and not sums.names:
        return free
    number = np.full(kin.size, -1)
    number[kin] = np.unique(curves.family[kin], return_inverse=True)[1]
    opened = openings(problem)
    cross = np.where(kin, curves.cross, 0.0)
    market = Market(
        gains(problem, opened), opened, ladder.prices, ladder.current, log_ratios(ladder), cross, number, sums, rates(cross, number)
    )
    found = solve_coupled(market, tied, free.column, free.bound)
    binding = {name: float(nu) for name, nu in zip(sums.names, found.nu, strict=False) if nu != 0.0}
    gap = relative_gap(found.bound, found.value)
    return Choice(found.columns, found.value, found.bound, gap, binding, free.sweeps + found.rounds)


def openings(problem: Problem) -> Flags:
    """(n, K) columns that may be chosen: the allowed ones, the current one where none is, none without a current price."""
    ladder = problem.ladder
    opened = problem.allowed & ladder.valid & (ladder.current >= 0)[:, None]
    stuck = np.flatnonzero(~opened.any(axis=1) & (ladder.current >= 0))
    opened[stuck, ladder.current[stuck]] = True
    return np.asarray(opened)


def gains(problem: Problem, opened: Flags) -> Floats:
    """(n, K) value of each open column without cross effects; a price that is not allowed and has no known value counts nothing."""
    worth = unit_values(problem)
    gain = worth * risk_units(problem.curves, problem.ladder, worth, problem.risk)
    broken = ~np.isfinite(gain)
    if broken.any():
        wrong = (broken & opened & problem.allowed).any(axis=1)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DataError("an allowed price has no finite value", where=f"item {row}", hint="hold items without cost or demand")
        gain[broken] = 0.0
    return np.asarray(gain)


def solve_free(problem: Problem) -> tuple[Ints, float, float, int]:
    """(plan, value, bound, sweeps) without ties and couplings."""
    ladder, curves = problem.ladder, problem.curves
    opened = openings(problem)
    gain = np.where(opened, gains(problem, opened), -np.inf)
    columns = best_columns(gain, ladder.current, ladder.prices)
    kin = linked(curves.family, curves.cross) & (ladder.current >= 0)
    single = np.flatnonzero(~kin & (columns >= 0))
    value = float(gain[single, columns[single]].sum())
    if not kin.any():
        return columns, value, value, 0
    args = (np.zeros(gain.shape), opened, log_ratios(ladder), curves.cross, ladder.prices, ladder.current)
    group = families(np.flatnonzero(kin), curves.family, gain, *args)
    plan, sweeps = ascend(group, columns[group.items])
    proof = prove(group, plan)
    columns[group.items] = proof.columns
    return columns, value + float(proof.value.sum()), value + float(proof.bound.sum()), sweeps
