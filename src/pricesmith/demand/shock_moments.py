"""Overdispersion and shock variances by moments of pairs of residuals.

For two rows that share a shock of variance c  E[(y_t - m_t)(y_s - m_s)] = m_t m_s c, so c is a ratio of sums over such pairs.
Residuals are smaller and less alike than that, because the fit followed some of every shock: their covariance lacks the posterior
covariance of the fitted log means (it is V - F C F' in a linear model with Gaussian effects), which is put back.
Without it variance and memory come out too small.
"""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .blocks import Blocks, Chain
from .shocks import Shocks

LEAST = 1e-4
"""Dispersion at least."""
MEMORIES = np.arange(0.0, 0.96, 0.05)
"""Memories of a chain that are tried."""


def shock_moments(blocks: Blocks, units: Floats, mean: Floats, importance: Floats, doubt: Floats) -> tuple[float, Shocks]:
    """Dispersion of a row beyond Poisson and shocks.

    units, mean  (N,) sold and fitted
    importance   (N,) weight of a row's item in the sums
    doubt        (N, q) with doubt_t . doubt_s the posterior covariance of the log means of rows t and s
    """
    scaled = mean * importance
    residual = np.concatenate([((units - mean) * importance)[:, None], scaled[:, None] * doubt], axis=1)
    noise = float(np.sum(units * importance**2))
    single = (float(np.sum(residual**2)) - noise) / max(float(np.sum(scaled**2)), 1e-12)
    shocks = _nested(blocks, residual, scaled) if blocks.chain is None else _chained(blocks.chain, blocks.starts, residual, scaled)
    return max(single - shocks.total, LEAST), shocks


def _nested(blocks: Blocks, residual: Floats, scaled: Floats) -> Shocks:
    """Pairs inside a block but in different blocks of the level below; c of a level minus c of the next one is its variance."""
    shared = []
    for starts in blocks.starts:
        shared.append(covariance_inside(starts, residual, scaled))
        residual, scaled = np.add.reduceat(residual, starts), np.add.reduceat(scaled, starts)
    levels = np.maximum.accumulate(np.maximum(np.array([*shared, 0.0])[::-1], 0.0))[::-1]
    return Shocks(tuple(float(value) for value in levels[:-1] - levels[1:]))


def covariance_inside(starts: Ints, residual: Floats, scaled: Floats) -> float:
    """Covariance of two rows of one block, as a share of the product of their means: sums over pairs.

    starts  first row of each block;  residual, scaled  (N,) or (N, c), and (N,) weighted residuals and means
    """
    pairs = np.sum(np.add.reduceat(residual, starts) ** 2) - np.sum(residual**2)
    possible = np.sum(np.add.reduceat(scaled, starts) ** 2) - np.sum(scaled**2)
    return float(pairs / possible) if possible > 1e-9 else 0.0


def _chained(chain: Chain, starts: tuple[Ints, ...], residual: Floats, scaled: Floats) -> Shocks:
    """Covariances at 0, 1, 2, ... stretches apart inside a chain fall as  s m^k + wide: least squares, by the weight of their pairs."""
    found, weight = _by_lag(chain, starts, residual, scaled)
    known = weight > 1e-9
    found, weight, lag = found[known] / weight[known], weight[known], np.flatnonzero(known)
    best = (np.inf, 0.0, 0.0, 0.0)
    for memory in MEMORIES:
        falling = memory**lag
        for own, wide in _non_negative(falling, found, weight):
            loss = float(np.sum(weight * (found - own * falling - wide) ** 2))
            if loss < best[0]:
                best = (loss, own, wide, float(memory))
    return Shocks((best[1], best[2]), best[3])


def _by_lag(chain: Chain, starts: tuple[Ints, ...], residual: Floats, scaled: Floats) -> tuple[Floats, Floats]:
    """Sums over pairs of products of residuals, and of means, by stretches between the two rows."""
    finest, wide = starts
    own, mean = np.add.reduceat(residual, finest), np.add.reduceat(scaled, finest)
    owner = np.repeat(np.arange(wide.size), np.diff(np.r_[wide, finest.size]))
    count = len(chain.turn)
    longest = int((chain.number[np.r_[wide[1:], finest.size] - 1] - chain.number[wide]).max(initial=0))
    top, bottom = np.zeros(longest + 1), np.zeros(longest + 1)
    top[0], bottom[0] = np.sum(own**2) - np.sum(residual**2), np.sum(mean**2) - np.sum(scaled**2)
    for step in range(1, count):
        same = owner[step:] == owner[:-step]
        lag = (chain.number[step:] - chain.number[:-step])[same]
        top += 2.0 * np.bincount(lag, np.einsum("bc,bc->b", own[step:][same], own[:-step][same]), longest + 1)
        bottom += 2.0 * np.bincount(lag, (mean[step:] * mean[:-step])[same], longest + 1)
    return top, bottom


def _non_negative(falling: Floats, found: Floats, weight: Floats) -> list[tuple[float, float]]:
    """Where weighted least squares of `found` on `falling` and a constant, both coefficients at least 0, may have its minimum."""
    xx, x1, one = np.sum(weight * falling**2), np.sum(weight * falling), np.sum(weight)
    xy, y1 = np.sum(weight * falling * found), np.sum(weight * found)
    candidates = [(0.0, max(y1 / one, 0.0)), (max(xy / xx, 0.0), 0.0)] if one > 0 and xx > 0 else [(0.0, 0.0)]
    spread = xx * one - x1**2
    if spread > 1e-12 * xx * one:
        own, wide = (xy * one - y1 * x1) / spread, (y1 * xx - xy * x1) / spread
        candidates += [(own, wide)] if own >= 0 and wide >= 0 else []
    return [(float(own), float(wide)) for own, wide in candidates]
