"""A proof for families: no plan of a family is worth more than this, and better plans on the way.

Write T for the sum of a family's log price ratios. For fixed T the value separates over members, so for any price mu of T

    g(T, mu) = sum over members of max over k of [gain exp(rate (T - x_k)) + extra + mu x_k]  -  mu T

bounds every plan whose sum is T (the aggregate of Ferreira, Lee & Simchi-Levi 2016, relaxed by Lagrange). Where gains are not negative g is
convex in T, so over an interval of T its larger end is the bound; a negative gain is held at its mildest over the interval, which keeps
the bound valid. Intervals that could still hold a better plan are halved (branch and bound).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .ascent import ascend
from .family import Families, expand, family_values

STEPS = (2, 8)
"""Bisection steps on mu: for every interval, and for those that it does not settle."""

YIELD = 0.9
"""An interval is halved again only where the last halving brought its excess below this share: the rest is no matter of T."""

CELLS = 1 << 16
"""Cells of (rows, K) looked at together: what a core's cache holds."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Plan (N,), value (F,), bound (F,) and rounds of search."""

    columns: Ints
    value: Floats
    bound: Floats
    rounds: int


def prove(group: Families, columns: Ints, tolerance: float = 1e-4, rounds: int = 12, work: int = 100) -> Proof:
    """Bound every family and improve its plan where an interval suggests one.

    tolerance  families proved this close (relative) are left alone
    rounds     halvings of an interval
    work       looks at all families after which the search stops; the bound is valid whenever it does
    """
    plan, value = columns.copy(), family_values(group, columns)
    leaf = np.full(value.shape, -np.inf)
    family, left, right = _cover(group, plan, tolerance)
    before = np.full(family.size, np.inf)
    spent, done = 0, 0
    while True:
        target = value[family] + tolerance * np.abs(value[family])
        bound, start = _bounds(group, _slopes(group, plan), family, left, right, target)
        spent += int(group.sizes[family].sum())
        plan, value = _improve(group, plan, value, family, bound, start, tolerance)
        hopeful = (bound > value[family] + tolerance * np.abs(value[family])) & (bound - value[family] < YIELD * (before - value[family]))
        np.maximum.at(leaf, family[~hopeful], bound[~hopeful])
        done += 1
        family, left, right, bound = family[hopeful], left[hopeful], right[hopeful], bound[hopeful]
        if not family.size or done >= rounds or spent >= work * plan.size:
            np.maximum.at(leaf, family, bound)
            return Proof(plan, value, np.maximum(leaf, value), done)
        middle = (left + right) / 2.0
        family, left, right, before = np.r_[family, family], np.r_[left, middle], np.r_[middle, right], np.r_[bound, bound]


def _cover(group: Families, plan: Ints, tolerance: float) -> tuple[Ints, Floats, Floats]:
    """(family, left, right): intervals that cover every T, narrow around the plan's, wider the farther away."""
    low = group.total(np.where(group.open, group.logs, np.inf).min(axis=1))
    high = group.total(np.where(group.open, group.logs, -np.inf).max(axis=1))
    here = group.total(group.logs[np.arange(plan.size), plan])
    steepest = np.maximum.reduceat(np.abs(group.rate), group.starts)
    unit = np.sqrt(tolerance / 2.0) / np.maximum(steepest, 1e-9)
    away = np.array([-np.inf, -8.0, -1.0, 1.0, 8.0, np.inf])
    cuts = np.clip(here[:, None] + unit[:, None] * away, low[:, None], high[:, None])
    left, right = cuts[:, :-1], cuts[:, 1:]
    real = right > left
    real[:, away.size // 2 - 1] = True
    family = np.broadcast_to(np.arange(here.size)[:, None], left.shape)
    return family[real], left[real], right[real]


def _bounds(group: Families, slope: Floats, family: Ints, left: Floats, right: Floats, target: Floats) -> tuple[Floats, Ints]:
    """Bound of each interval, and the columns that attain it, one run of members after another."""
    bound = np.empty(family.size)
    sizes = group.sizes[family]
    ends = np.cumsum(sizes)
    chosen = np.empty(int(ends[-1]), dtype=np.int64)
    cells = ends * group.logs.shape[1]
    for piece in np.split(np.arange(family.size), np.searchsorted(cells, np.arange(CELLS, int(cells[-1]), CELLS))):
        open_ones = piece
        for steps in STEPS:
            if open_ones.size:
                runs = expand(ends[open_ones] - sizes[open_ones], sizes[open_ones])
                part, lean = group.take(family[open_ones]), slope[family[open_ones]]
                bound[open_ones], chosen[runs] = _dual(part, lean, left[open_ones], right[open_ones], steps)
                open_ones = open_ones[bound[open_ones] > target[open_ones]]
    return bound, chosen


def _slopes(group: Families, plan: Ints) -> Floats:
    """(F,) how the family's value answers T at the plan: the stationary mu."""
    rows = np.arange(plan.size)
    moved = group.logs[rows, plan]
    felt = group.gain[rows, plan] * np.exp(group.rate * (group.total(moved)[group.of] - moved))
    return group.total(group.rate * felt)


def _dual(part: Families, slope: Floats, left: Floats, right: Floats, steps: int) -> tuple[Floats, Ints]:
    """(bound, columns) with mu found by bisection around `slope`."""
    rate = part.rate
    scaled = part.gain * np.exp(-rate[:, None] * part.logs)
    ends = [np.exp(rate * side[part.of]) for side in (left, right)]
    mild = np.minimum(*ends)
    held = np.minimum(scaled, 0.0) * mild[:, None] + np.where(part.open, part.extra, -np.inf)
    free = np.maximum(scaled, 0.0)
    values = [free * end[:, None] + held for end in ends]
    spread = np.abs(slope) + part.total(np.abs(rate) * np.abs(free).max(axis=1) * np.maximum(*ends))
    mu, step = slope.copy(), 0.5 * spread
    bound, chosen = np.full(slope.size, np.inf), np.zeros(part.of.size, dtype=np.int64)
    for _ in range(steps):
        worst, lean, columns = _look(part, values, mu, left, right)
        better = worst < bound
        bound = np.where(better, worst, bound)
        chosen = np.where(better[part.of], columns, chosen)
        mu = mu - np.sign(lean) * step
        step = step / 2.0
    return bound, chosen


def _look(part: Families, values: list[Floats], mu: Floats, left: Floats, right: Floats) -> tuple[Floats, Floats, Ints]:
    """At mu: the larger end of g, its slope in mu there, and the plan that attains it."""
    rows = np.arange(part.of.size)
    found = []
    for value, side in zip(values, (left, right), strict=True):
        priced = value + mu[part.of][:, None] * part.logs
        columns = priced.argmax(axis=1)
        total = part.total(priced[rows, columns]) - mu * side
        found.append((total, part.total(part.logs[rows, columns]) - side, columns))
    (one, one_lean, one_columns), (two, two_lean, two_columns) = found
    first = one >= two
    return np.maximum(one, two), np.where(first, one_lean, two_lean), np.where(first[part.of], one_columns, two_columns)


def _improve(group: Families, plan: Ints, value: Floats, family: Ints, bound: Floats, flat: Ints, tolerance: float) -> tuple[Ints, Floats]:
    """Ascend from the best interval's plan of each family that is not yet proved; keep what is better."""
    order = np.lexsort((-bound, family))
    first = order[np.r_[True, family[order][1:] != family[order][:-1]]]
    first = first[bound[first] > value[family[first]] + tolerance * np.abs(value[family[first]])]
    if not first.size:
        return plan, value
    sizes = group.sizes[family]
    where = np.cumsum(sizes) - sizes
    part = group.take(family[first])
    tried, _ = ascend(part, flat[expand(where[first], sizes[first])])
    worth = family_values(part, tried)
    better = worth > value[family[first]] + 1e-12 * np.abs(worth)
    plan, value = plan.copy(), value.copy()
    rows = expand(group.starts[family[first]], sizes[first])
    plan[rows] = np.where(better[part.of], tried, plan[rows])
    value[family[first]] = np.where(better, worth, value[family[first]])
    return plan, value
