"""Coordinate ascent over families: each member in turn takes its best column given the others, all families side by side."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .argmax import best_columns
from .family import Families, expand

WORTH = 1e-12
"""A column is left only for one better by this share: rounding never makes a plan walk in circles."""


def ascend(group: Families, columns: Ints, most: int = 50) -> tuple[Ints, int]:
    """Improve a plan (N,) until no single member can; (plan, sweeps used). The value of a family never falls."""
    plan = columns.copy()
    waiting = np.arange(group.starts.size)
    sweeps = 0
    while waiting.size and sweeps < most:
        part = group if waiting.size == group.starts.size else group.take(waiting)
        rows = np.arange(plan.size) if part is group else expand(group.starts[waiting], group.sizes[waiting])
        after = sweep(part, plan[rows])
        moved = part.total((after != plan[rows]).astype(np.float64)) > 0
        plan[rows] = after
        waiting = waiting[moved]
        sweeps += 1
    return plan, sweeps


def sweep(group: Families, columns: Ints) -> Ints:
    """One turn of every member."""
    plan = columns.copy()
    alike = bool((group.cross == group.cross[group.starts][group.of]).all())
    for position in range(int(group.sizes.max(initial=0))):
        rows = group.starts[group.sizes > position] + position
        totals = candidate_totals(group, plan, rows, alike)
        totals[~group.open[rows]] = -np.inf
        best = best_columns(totals, group.current[rows], group.prices[rows])
        here = np.arange(rows.size)
        old = totals[here, plan[rows]]
        plan[rows] = np.where(totals[here, best] > old + WORTH * np.abs(old), best, plan[rows])
    return plan


def candidate_totals(group: Families, plan: Ints, rows: Ints, alike: bool) -> Floats:
    """(W, K) value of the family for every column of one member each (`rows`, at most one a family), the others as planned.

    What the others' `extra` adds is left out: it does not depend on the member's column.
    """
    every = np.arange(plan.size)
    moved, gain, rate = group.logs[every, plan], group.gain[every, plan], group.rate
    family = group.of[rows]
    mover = np.full(group.starts.size, -1)
    mover[family] = rows
    rest = group.total(moved) - np.where(mover >= 0, moved[mover], 0.0)
    felt = gain * np.exp(rate * (rest[group.of] - moved))
    felt[rows] = 0.0
    totals = group.gain[rows] * np.exp(rate[rows] * rest[family])[:, None] + group.extra[rows]
    if alike:
        return np.asarray(totals + group.total(felt)[family][:, None] * np.exp(rate[rows][:, None] * group.logs[rows]))
    for other in range(int(group.sizes[family].max(initial=0))):
        has = np.flatnonzero(group.sizes[family] > other)
        seat = group.starts[family[has]] + other
        totals[has] += felt[seat][:, None] * np.exp(rate[seat][:, None] * group.logs[rows[has]])
    return np.asarray(totals)
