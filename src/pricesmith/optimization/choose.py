"""The optimum of one run with a proof of how good it is."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints, pieces
from pricesmith.contracts.errors import DataError

from .argmax import best_columns
from .ascent import ascend
from .contenders import Ends, contending
from .coupled import solve_coupled
from .family import linked
from .family_bound import prove
from .market import Market, rates
from .problem import Choice, Problem, relative_gap, unit_values, values
from .risk import log_ratios, risk_units
from .sums import sums_of
from .tied import components


def choose(problem: Problem, value: Floats | None = None) -> Choice:
    """The best allowed plan; `value` is what `values` gives for the problem, where it is known already.

    Items that stand alone are solved exactly; families with cross effects by coordinate ascent and branch and bound; ties and couplings by
    Lagrange multipliers, repair and local search. The plan keeps every limit; `bound` holds for every plan that does.
    Raises DataError where an allowed price has no finite value.
    """
    opened = openings(problem)
    gain = gains(problem, opened, values(problem) if value is None else value)
    free = _free(problem, opened, gain)
    return free if problem.ties is None and not problem.couplings else _limited(problem, opened, gain, free)


def _free(problem: Problem, opened: Flags, gain: Floats) -> Choice:
    """The best plan without ties and couplings."""
    ladder, curves = problem.ladder, problem.curves
    columns, ends = _alone(problem, opened, gain)
    kin = linked(curves.family, curves.cross) & (ladder.current >= 0)
    single = np.flatnonzero(~kin & (columns >= 0))
    value = bound = float(gain[single, columns[single]].sum())
    sweeps = 0
    for group, place in contending(np.flatnonzero(kin), columns, ends, curves.family, curves.cross, gain, opened, ladder):
        start = (place[:, :-1] == columns[group.items][:, None]).argmax(axis=1)
        plan, used = ascend(group, start)
        proof = prove(group, plan)
        columns[group.items] = place[np.arange(plan.size), proof.columns]
        value, bound, sweeps = value + float(proof.value.sum()), bound + float(proof.bound.sum()), max(sweeps, used)
    return Choice(columns, value, bound, relative_gap(bound, value), {}, sweeps)


def _alone(problem: Problem, opened: Flags, gain: Floats) -> tuple[Ints, Ends]:
    """(n,) best column of each item without regard to others, and what was seen on the way."""
    ladder, (count, width) = problem.ladder, gain.shape
    columns, total, losing = ladder.current.copy(), np.empty(count), np.empty(count, dtype=bool)
    first, last = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    for part in pieces(count, width):
        here = opened[part]
        columns[part] = best_columns(np.where(here, gain[part], -np.inf), ladder.current[part], ladder.prices[part])
        mine = np.where(here, gain[part], 0.0)
        total[part], losing[part] = mine.sum(axis=1), mine.min(axis=1) < 0.0
        first[part], last[part] = here.argmax(axis=1), width - 1 - here[:, ::-1].argmax(axis=1)
    return columns, Ends(losing, total, first, last)


def _limited(problem: Problem, opened: Flags, gain: Floats, free: Choice) -> Choice:
    """The best plan under ties and couplings; `free` is the plan without them."""
    ladder, curves = problem.ladder, problem.curves
    sums = sums_of(problem)
    tied = [] if problem.ties is None else components(problem.ties, ladder.prices, ladder.current)
    if not tied and not sums.names:
        return free
    kin = linked(curves.family, curves.cross) & (ladder.current >= 0)
    number = np.full(kin.size, -1)
    number[kin] = np.unique(curves.family[kin], return_inverse=True)[1]
    cross = np.where(kin, curves.cross, 0.0)
    market = Market(gain, opened, ladder.prices, ladder.current, log_ratios(ladder), cross, number, sums, rates(cross, number))
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


def gains(problem: Problem, opened: Flags, value: Floats) -> Floats:
    """(n, K) `value` as the risk measure counts it; a price that is not allowed and has no known value counts nothing."""
    neutral = problem.risk.measure == "mean"
    if neutral and np.isfinite(value).all():
        return value
    gain = value.copy()
    for part in pieces(*gain.shape):
        if not neutral:
            worth = unit_values(problem, part)
            gain[part] = worth * risk_units(problem.curves, problem.ladder, part, worth, problem.risk)
        broken = ~np.isfinite(gain[part])
        if broken.any():
            wrong = (broken & opened[part] & problem.allowed[part]).any(axis=1)
            if wrong.any():
                row = part.start + int(np.flatnonzero(wrong)[0])
                raise DataError("an allowed price has no finite value", where=f"item {row}", hint="hold items without cost or demand")
            gain[part][broken] = 0.0
    return gain
