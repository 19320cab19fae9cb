"""Where demand stands now: recent sales against the fitted mean, per product and per category.

A product's multiplier is  (k + sum of w^age y) / (k + sum of w^age m)  over its past blocks of time: the mean of a gamma posterior whose
evidence fades by w a block and whose prior is worth k expected (noise-adjusted) units. w and k are chosen by how well the multiplier
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
    """log multiplier of the level (g,) now, its variance (g,), and the chosen half-life and strength."""

    shift: Floats
    variance: Floats
    half_life: float
    strength: float


def local_level(group: Ints, block: Ints, units: Floats, mean: Floats, count: int, noise: float) -> LocalLevel:
    """Multipliers of `count` groups from rows of (group, block, units, fitted mean).

    noise  variance of a block's sum beyond Poisson, as a share of its squared mean; large blocks are no more certain than that
    """
    first, last = int(block.min()), int(block.max())
    width = last - first + 1
    key = group * width + (block - first)
    sold = np.bincount(key, units, count * width).astype(np.float64).reshape(count, width)
    fitted = np.bincount(key, mean, count * width).astype(np.float64).reshape(count, width)
    trust = 1.0 / (1.0 + noise * fitted)
    sold_sure, fitted_sure = sold * trust, fitted * trust
    best = (-np.inf, HALF_LIVES[-1], STRENGTHS[-1])
    some = slice(None, None, -(-count // CHOSEN_BY))
    for half_life in HALF_LIVES:
        for strength in STRENGTHS:
            score = _foretold(sold[some], fitted[some], sold_sure[some], fitted_sure[some], 0.5 ** (1.0 / half_life), strength, noise)
            if score > best[0] + 1e-9:
                best = (score, half_life, strength)
    _, half_life, strength = best
    evidence, expected = _faded(sold_sure, fitted_sure, 0.5 ** (1.0 / half_life))
    posterior = strength + expected[:, -1]
    return LocalLevel(np.log((strength + evidence[:, -1]) / posterior), 1.0 / posterior, half_life, strength)


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


def _foretold(sold: Floats, fitted: Floats, sold_sure: Floats, fitted_sure: Floats, keep: float, strength: float, noise: float) -> float:
    """Negative binomial log score of blocks 1 to AHEAD after each origin in the later half of the history, per block."""
    width = sold.shape[1]
    if width < 6:
        return 0.0 if strength == STRENGTHS[-1] else -1.0
    evidence, expected = _faded(sold_sure, fitted_sure, keep)
    multiplier = (strength + evidence) / (strength + expected)
    total = 0.0
    for ahead in range(1, AHEAD + 1):
        start = max(width // 3, 1)
        future, base = sold[:, start + ahead :], fitted[:, start + ahead :]
        if future.shape[1] == 0:
            continue
        mean = base * multiplier[:, start : width - ahead]
        size = 1.0 / max(noise, 1e-6)
        live = base > 1e-9
        total += float(np.sum(np.where(live, future * np.log(np.maximum(mean, 1e-9)) - (future + size) * np.log(size + mean), 0.0)))
    return total
