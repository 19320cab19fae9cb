"""How the forecasters would have foretold the last blocks of the history, each learned from what was known before its block.

The structural effect of a block is learned before it too: one that has seen the block flatters the forecasters that rest on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .lags import Floats, History, Ints
from .trees import Design, Past, designs, final_rounds, spread, train_spread, try_rounds

BLOCKS = 2
LEAST_BEFORE = 400
"""Rows that must lie before a block."""

Before = Callable[[int], History]
"""First period of a block -> the history with the structural effect learned from the periods before it."""


@dataclass(frozen=True, slots=True)
class Trials:
    """m rows of the last blocks.

    units         (m,) units sold
    logs          (4, m) log forecasts: smooth, lasting, level, direct
    drawn         (m, 3) units at the quantiles of the quantile trees
    block         (m,) number of the block, 0 is the latest
    item          (m,) number of the item
    rounds        of the trees on the level, and of those that see the price
    spread        the quantile trees, learned before the first of the blocks
    """

    units: Floats
    logs: Floats
    drawn: Floats
    block: Ints
    item: Ints
    rounds: tuple[int, int]
    spread: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Block:
    item: Ints
    units: Floats
    logs: Floats
    rounds: tuple[int, int]
    features: Floats
    base: Floats


def blocks(rows: Past, horizon: int) -> list[tuple[int, int]]:
    """First period of each block and the first after it, latest block first: up to BLOCKS of one horizon, or of a sixth of the periods."""
    periods = np.unique(rows.target)
    length = min(horizon, max(len(periods) // 6, 1))
    ends = [int(periods[-1]) + 1, *(int(periods[-length * number]) for number in range(1, BLOCKS + 1))]
    pairs = list(zip(ends[1:], ends[:-1], strict=True))
    return [(start, end) for start, end in pairs if (rows.target < start).sum() >= LEAST_BEFORE]


def tried(before: Before, rows: Past, spans: list[tuple[int, int]], seed: int) -> Trials:
    """Learn before each block and forecast it.

    spans  first period of each block and the first after it, latest first; at least one
    """
    found: list[_Block] = []
    for start, end in spans:
        history = before(start)
        level, direct = designs(history, rows)
        found.append(_try(history, level, direct, rows, (start, end), seed))
    units = history.units[rows.item, rows.target]
    quantile = train_spread(direct, units, level.base, rows.target < start, seed)
    drawn = [spread(quantile, block.features) * np.exp(block.base)[:, None] for block in found]
    level_rounds, direct_rounds = (final_rounds([block.rounds[k] for block in found]) for k in range(2))
    return Trials(
        np.concatenate([block.units for block in found]),
        np.concatenate([block.logs for block in found], axis=1),
        np.concatenate(drawn),
        np.repeat(np.arange(len(found)), [len(block.units) for block in found]),
        np.concatenate([block.item for block in found]),
        (level_rounds, direct_rounds),
        quantile,
    )


def _try(history: History, level: Design, direct: Design, rows: Past, span: tuple[int, int], seed: int) -> _Block:
    start, end = span
    before, held = rows.target < start, (rows.target >= start) & (rows.target < end)
    units = history.units[rows.item, rows.target]
    level_rounds, moved = try_rounds(level, units, before, held, seed)
    direct_rounds, answered = try_rounds(direct, units, before, held, seed)
    logs = np.stack([level.base[held], level.lasting[held], level.base[held] + moved, direct.base[held] + answered])
    return _Block(rows.item[held], units[held], logs, (level_rounds, direct_rounds), direct.features[held], level.base[held])
