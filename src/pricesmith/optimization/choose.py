"""The optimum of one run with a proof of how good it is."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.errors import DataError

from .argmax import best_columns
from .ascent import ascend
from .family import families, linked
from .family_bound import prove
from .problem import Choice, Problem, relative_gap, unit_values
from .risk import log_ratios, risk_units


def choose(problem: Problem) -> Choice:
    """The best allowed plan.

    Items that stand alone are solved exactly; families with cross effects by coordinate ascent.
    Raises DataError where an allowed price has no finite value.
    """
    opened = openings(problem)
    gain = gains(problem, opened)
    columns, value, bound, sweeps = solve_free(problem, gain, opened)
    return Choice(columns, value, bound, relative_gap(bound, value), {}, sweeps)


def openings(problem: Problem) -> Flags:
    """(n, K) columns that may be chosen: the allowed ones, the current one where none is, none without a current price."""
    ladder = problem.ladder
    opened = problem.allowed & ladder.valid & (ladder.current >= 0)[:, None]
    stuck = np.flatnonzero(~opened.any(axis=1) & (ladder.current >= 0))
    opened[stuck, ladder.current[stuck]] = True
    return np.asarray(opened)


def gains(problem: Problem, opened: Flags) -> Floats:
    """(n, K) value of each open column without cross effects, -inf elsewhere; a stuck item without a known value counts nothing."""
    worth = unit_values(problem)
    gain = worth * risk_units(problem.curves, problem.ladder, worth, problem.risk)
    stuck = ~(problem.allowed & problem.ladder.valid).any(axis=1)
    broken = opened & ~np.isfinite(gain)
    if (broken & ~stuck[:, None]).any():
        row = int(np.flatnonzero((broken & ~stuck[:, None]).any(axis=1))[0])
        raise DataError("an allowed price has no finite value", where=f"item {row}", hint="hold items without cost or demand")
    gain[broken] = 0.0
    gain[~opened] = -np.inf
    return np.asarray(gain)


def solve_free(problem: Problem, gain: Floats, opened: Flags) -> tuple[Ints, float, float, int]:
    """(plan, value, bound, sweeps) without ties and couplings."""
    ladder, curves = problem.ladder, problem.curves
    columns = best_columns(gain, ladder.current, ladder.prices)
    kin = linked(curves.family, curves.cross) & (ladder.current >= 0)
    single = np.flatnonzero(~kin & (columns >= 0))
    value = float(gain[single, columns[single]].sum())
    if not kin.any():
        return columns, value, value, 0
    rows = np.flatnonzero(kin)
    logs = log_ratios(ladder)
    group = families(rows, curves.family, gain, np.zeros(gain.shape), opened, logs, curves.cross, ladder.prices, ladder.current)
    plan, sweeps = ascend(group, columns[group.items])
    proof = prove(group, plan)
    columns[group.items] = proof.columns
    return columns, value + float(proof.value.sum()), value + float(proof.bound.sum()), sweeps
