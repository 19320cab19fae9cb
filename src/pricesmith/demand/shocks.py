"""Demand shocks that last: nested random effects of an item over blocks of time (such as 7, 28 and 112 days).

The covariance of an item's rows is  V = diag(1 / w) + sum over levels l of s_l 1 1' inside each block of level l.
Blocks are nested, so products with V^-1 need only sums per block, passed from the finest level up (Woodbury at each level):
a block with sums m = 1'V^-1 F and weight W = 1'V^-1 1 loses  s / (1 + s W) m m'  and hands m / (1 + s W), W / (1 + s W) to its parent.
This corrects standard errors for clustering and keeps slow drifts from posing as price response.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .segment_sums import segment_sums


@dataclass(frozen=True, slots=True)
class Blocks:
    """Nested blocks of rows. starts[0] are rows' block starts of the finest level; starts[l] index blocks of level l - 1."""

    starts: tuple[Ints, ...]
    owner: tuple[Ints, ...]
    """item segment of each block, per level"""


def nest(segment: Ints, day: Ints, lengths: tuple[int, ...]) -> Blocks:
    """Blocks of the given lengths in days (each a multiple of the one before) for rows sorted by segment and day."""
    starts: list[Ints] = []
    owner: list[Ints] = []
    inner_segment, inner_day = segment, day
    for length in lengths:
        block = inner_day // length
        first = np.flatnonzero(np.r_[True, (inner_segment[1:] != inner_segment[:-1]) | (block[1:] != block[:-1])])
        starts.append(first)
        inner_segment, inner_day = inner_segment[first], inner_day[first]
        owner.append(inner_segment)
    return Blocks(tuple(starts), tuple(owner))


def correlated_gram(blocks: Blocks, weight: Floats, weighted: Floats, variances: tuple[float, ...]) -> list[tuple[Ints, Floats, Floats]]:
    """What nested shocks take off the Gram matrix F'WF.

    weight    (N,) row weights w
    weighted  (N, c) w * F
    Returns per level (owner segment, scale (B,), sums (B, c)); the Gram loses  sums' diag(scale) sums.
    """
    parts = []
    sums, total = weighted, weight
    for starts, owner, variance in zip(blocks.starts, blocks.owner, variances, strict=True):
        sums = segment_sums(sums, starts)
        total = np.add.reduceat(total, starts)
        shrink = 1.0 / (1.0 + variance * total)
        if variance > 0:
            parts.append((owner, variance * shrink, sums))
        sums, total = sums * shrink[:, None], total * shrink
    return parts


def shock_variances(blocks: Blocks, units: Floats, mean: Floats, importance: Floats) -> tuple[float, tuple[float, ...]]:
    """Overdispersion and shock variances by moments of pairs of residuals.

    For two rows of one block  E[(y_t - m_t)(y_s - m_s)] = m_t m_s c, so each level's c is a ratio of sums over pairs inside a block
    but in different blocks of the level below. c of the finest level minus c of the next one is that level's variance, and so on.

    importance  (N,) weight of a row's item in the sums
    Returns (dispersion, variance per level); all >= 0.
    """
    residual = (units - mean) * importance
    scaled = mean * importance
    noise = units * importance**2
    single = float(np.sum(residual**2 - noise) / max(np.sum(scaled**2), 1e-12))
    shared = []
    for starts in blocks.starts:
        shared.append(covariance_inside(starts, residual, scaled))
        residual, scaled = np.add.reduceat(residual, starts), np.add.reduceat(scaled, starts)
    levels = np.maximum.accumulate(np.maximum(np.array([*shared, 0.0])[::-1], 0.0))[::-1]
    variances = tuple(float(value) for value in levels[:-1] - levels[1:])
    return max(single - (levels[0] if shared else 0.0), 1e-4), variances


def covariance_inside(starts: Ints, residual: Floats, scaled: Floats) -> float:
    """Covariance of two rows of one block, as a share of the product of their means: sums over pairs.

    starts  first row of each block;  residual, scaled  (N,) weighted residuals and means
    """
    pairs = np.sum(np.add.reduceat(residual, starts) ** 2) - np.sum(residual**2)
    possible = np.sum(np.add.reduceat(scaled, starts) ** 2) - np.sum(scaled**2)
    return float(pairs / possible) if possible > 1e-9 else 0.0
