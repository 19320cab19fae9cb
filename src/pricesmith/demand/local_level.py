"""Where demand stands now: recent sales against the fitted mean, per product and per category.

A product's multiplier is  (k c + sum of w^age y) / (k + sum of w^age m)  over its past blocks of time: the mean of a gamma posterior whose
evidence fades by w a block and whose prior, c, is worth k expected (noise-adjusted) units. w and k are chosen by how well the multiplier
would have foretold the blocks that followed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

HALF_LIVES = (2.0, 4.0, 8.0, 16.0, 40.0)
"""Candidate half-lives of the evidence, in blocks."""
STRENGTHS = (0.5, 2.0, 6.0, 20.0, 80.0, 1e6)
"""Candidate weights of the prior; the last is no correction at all."""
CHOSEN_BY = 1500
"""Groups, at most, by which half-life and strength are chosen: every so many of them."""

AHEAD = 4
"""Blocks ahead that the choice looks."""


@dataclass(frozen=True, slots=True)
class LocalLevel:
    """Where g groups stand now.

    shift, variance  (g,) log multiplier of the level, and its variance;  path (g, T) multiplier after each block
    half_life, strength  as chosen
    """

    shift: Floats
    variance: Floats
    half_life: float
    strength: float
    path: Floats


@dataclass(frozen=True, slots=True)
class _Blocks:
    """(g, T) units and fitted mean of blocks, the same adjusted for noise, and what the prior expects of the multiplier after each."""

    sold: Floats
    fitted: Floats
    sold_sure: Floats
    fitted_sure: Floats
    around: Floats

    def part(self, groups: slice) -> _Blocks:
        return _Blocks(self.sold[groups], self.fitted[groups], self.sold_sure[groups], self.fitted_sure[groups], self.around[groups])

    def faded(self, half_life: float) -> _Evidence:
        """What past blocks say up to and with each block."""
        return _Evidence(*_faded(self.sold_sure, self.fitted_sure, 0.5 ** (1.0 / half_life)), self.around)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """(g, T) faded sums of units and of fitted means up to and with each block, and what the prior expects of the multiplier."""

    sold: Floats
    fitted: Floats
    around: Floats

    def multiplier(self, strength: float) -> Floats:
        """(g, T) mean of the posterior after each block."""
        return (strength * self.around + self.sold) / (strength + self.fitted)


def local_level(
    group: Ints, block: Ints, units: Floats, mean: Floats, count: int, noise: float, around: Floats | None = None
) -> LocalLevel:
    """Multipliers of `count` groups from rows of (group, block, units, fitted mean).

    noise   variance of a block's sum beyond Poisson, as a share of its squared mean; large blocks are no more certain than that
    around  (g, T) what the prior expects of the multiplier after each block; 1 where not given
    """
    blocks = _blocks(group, block, units, mean, count, noise, around)
    best = (-np.inf, HALF_LIVES[-1], STRENGTHS[-1])
    some = blocks.part(slice(None, None, -(-count // CHOSEN_BY)))
    for half_life in HALF_LIVES:
        evidence = some.faded(half_life)
        for strength in STRENGTHS:
            score = _foretold(some, evidence, strength, noise)
            if score > best[0] + 1e-9:
                best = (score, half_life, strength)
    _, half_life, strength = best
    evidence = blocks.faded(half_life)
    path = evidence.multiplier(strength)
    return LocalLevel(np.log(path[:, -1]), 1.0 / (strength + evidence.fitted[:, -1]), half_life, strength, path)


def _blocks(group: Ints, block: Ints, units: Floats, mean: Floats, count: int, noise: float, around: Floats | None) -> _Blocks:
    first, last = int(block.min()), int(block.max())
    width = last - first + 1
    key = group * width + (block - first)
    sold = np.bincount(key, units, count * width).astype(np.float64).reshape(count, width)
    fitted = np.bincount(key, mean, count * width).astype(np.float64).reshape(count, width)
    trust = 1.0 / (1.0 + noise * fitted)
    return _Blocks(sold, fitted, sold * trust, fitted * trust, np.ones_like(sold) if around is None else around)


def _faded(sold: Floats, fitted: Floats, keep: float) -> tuple[Floats, Floats]:
    """(g, T) sums of past blocks up to and with each block, fading by `keep`."""
    evidence, expected = np.empty_like(sold), np.empty_like(fitted)
    a = np.zeros(sold.shape[0])
    b = np.zeros(sold.shape[0])
    for t in range(sold.shape[1]):
        a = keep * a + sold[:, t]
        b = keep * b + fitted[:, t]
        evidence[:, t], expected[:, t] = a, b
    return evidence, expected


def _foretold(blocks: _Blocks, evidence: _Evidence, strength: float, noise: float) -> float:
    """Negative binomial log score of blocks 1 to AHEAD after each origin in the later half of the history, per block."""
    width = blocks.sold.shape[1]
    if width < 6:
        return 0.0 if strength == STRENGTHS[-1] else -1.0
    multiplier = evidence.multiplier(strength)
    total = 0.0
    for ahead in range(1, AHEAD + 1):
        start = max(width // 3, 1)
        future, base = blocks.sold[:, start + ahead :], blocks.fitted[:, start + ahead :]
        if future.shape[1] == 0:
            continue
        mean = base * multiplier[:, start : width - ahead]
        size = 1.0 / max(noise, 1e-6)
        live = base > 1e-9
        total += float(np.sum(np.where(live, future * np.log(np.maximum(mean, 1e-9)) - (future + size) * np.log(size + mean), 0.0)))
    return total
