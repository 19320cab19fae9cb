"""Demand shocks that last: random effects of an item over nested blocks of time (such as 7 and 112 days).

The covariance of an item's rows is  V = diag(1 / w) + sum over levels l of s_l 1 1' inside each block of level l; shocks of the finest
level may remember the one before inside a block of the next level (first-order autoregression: s m^k for blocks k stretches apart).
Products with V^-1 need only sums per block, passed from the finest level up (Woodbury at each level): with sums M = 1'V^-1 F of its blocks
and weights W = 1'V^-1 1, a level takes  y' diag(scale) y  off the Gram matrix. Unrelated blocks have y = M and scale = s / (1 + s W).
In a chain, y and 1 / scale are the forward elimination of  (precision of the autoregression, which is tridiagonal) + diag(W).
Either way  M - scale w y  and  W - scale w^2  go up, w being what y is for the weights.
This corrects standard errors for clustering and keeps slow drifts from posing as price response.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .blocks import Blocks, Chain
from .segment_sums import segment_sums


@dataclass(frozen=True, slots=True)
class Shocks:
    """variances of each level's shocks, from the finest on; memory: correlation of a chain's shocks from one stretch to the next."""

    variances: tuple[float, ...]
    memory: float = 0.0

    @property
    def total(self) -> float:
        """Variance of all levels together."""
        return sum(self.variances)

    def of_mean(self, stretches: int) -> float:
        """Variance of the mean shock over neighbouring stretches of the finest level; of one where there are fewer."""
        count = max(stretches, 1)
        apart = np.arange(1, count)
        likeness = count + 2.0 * float(np.sum((count - apart) * self.memory**apart))
        return self.variances[0] * likeness / count**2 + sum(self.variances[1:])


def eliminated(blocks: Blocks, weight: Floats, weighted: Floats, shocks: Shocks) -> Iterator[tuple[Ints, Ints, Floats, Floats]]:
    """Level by level: block starts, owner segments (B,), scale (B,), y (B, c); the level takes  y' diag(scale) y  off F'V^-1 F.

    weight    (N,) row weights w
    weighted  (N, c) w * F
    """
    sums, total, chain = weighted, weight, blocks.chain
    for starts, owner, variance in zip(blocks.starts, blocks.owner, shocks.variances, strict=True):
        sums, total = segment_sums(sums, starts), np.add.reduceat(total, starts)
        if chain is not None and shocks.memory > 0 and variance > 0:
            scale, w, y = _forward(chain, variance, shocks.memory, total, sums)
        else:
            scale, w, y = variance / (1.0 + variance * total), total, sums
        yield starts, owner, scale, y
        sums, total, chain = sums - (scale * w)[:, None] * y, total - scale * w**2, None


def _forward(chain: Chain, variance: float, memory: float, total: Floats, sums: Floats) -> tuple[Floats, Floats, Floats]:
    """(B,) scale, (B,) w and (B, c) y of chains, all chains a step at a time."""
    kept = np.where(chain.gap > 0, memory**chain.gap, 0.0)
    fresh = 1.0 / (variance * (1.0 - kept**2))
    link = kept * fresh
    diagonal = total + fresh + np.r_[(kept * link)[1:], 0.0]
    w, y = total.copy(), sums.copy()
    for now in chain.turn[1:]:
        pull = link[now] / diagonal[now - 1]
        diagonal[now] -= link[now] * pull
        w[now] += pull * w[now - 1]
        y[now] += pull[:, None] * y[now - 1]
    return 1.0 / diagonal, w, y
