"""A large run in parts: items of like ladder length together, families never torn, so that memory is bounded and padding costs little."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from pricesmith.contracts.curves import Curves, Flags, Ints, Ladder

from .problem import Problem

CELLS = 1 << 21
"""Cells (items times columns) of one part, or one family where that is larger."""


def parts(problem: Problem, kin: Flags, most: int = CELLS) -> Iterator[tuple[Ints, Problem]]:
    """(item numbers, the problem of these items alone) without ties and couplings.

    kin   (n,) members of families that must stay together
    most  cells of one part
    """
    length = np.where(problem.ladder.valid.any(axis=1), problem.ladder.valid.shape[1] - problem.ladder.valid[:, ::-1].argmax(axis=1), 1)
    unit = np.arange(kin.size)
    first = np.unique(problem.curves.family[kin], return_index=True, return_inverse=True)
    unit[kin] = np.flatnonzero(kin)[first[1]][first[2]]
    longest = np.zeros(kin.size, dtype=np.int64)
    np.maximum.at(longest, unit, length)
    width = longest[unit]
    order = np.lexsort((np.arange(kin.size), unit, width))
    cells = np.cumsum(width[order])
    part = cells // most
    head = np.r_[True, unit[order][1:] != unit[order][:-1]] if order.size else np.zeros(0, dtype=bool)
    part = part[head][np.cumsum(head) - 1]
    for rows in np.split(order, np.flatnonzero(np.diff(part)) + 1):
        if rows.size:
            yield rows, _cut(problem, rows, int(width[rows].max()))


def _cut(problem: Problem, rows: Ints, width: int) -> Problem:
    ladder, curves = problem.ladder, problem.curves
    drawn = slice(None) if problem.risk.measure != "mean" else slice(0)
    fewer = Curves(
        curves.units[rows, :width], curves.draws[rows, drawn], curves.level[rows, drawn], curves.form[rows], curves.saturation[rows],
        curves.base[rows], curves.cross[rows], curves.family[rows], curves.evidence[rows], curves.dispersion,
    )  # fmt: skip
    return dataclasses.replace(
        problem,
        ladder=Ladder(ladder.prices[rows, :width], ladder.valid[rows, :width], ladder.current[rows]),
        allowed=problem.allowed[rows, :width],
        curves=fewer,
        net=problem.net[rows],
        kept=problem.kept[rows],
        landed=problem.landed[rows],
        returned=problem.returned[rows],
        ties=None,
        couplings=(),
    )
