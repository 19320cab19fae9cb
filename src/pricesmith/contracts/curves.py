"""What demand tells optimization: expected units at each candidate price, with spread, and how family prices act on one another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


Z90 = 1.6448536269514722
"""Standard deviations on either side of a normal mean that hold 90 %."""
PIECE = 1 << 15
"""Cells (rows times columns) worked on at once: what a core's cache holds."""


def pieces(rows: int, width: int) -> list[slice]:
    """Slices of the rows of an array (rows, width), each of about PIECE cells."""
    size = max(PIECE // max(width, 1), 1)
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Publishable candidate prices of n items, in rows of equal length.

    prices   (n, K) int64 minor units, ascending in each row; padded by repeating the last price, by 1 where a row has none
    valid    (n, K) False where padding (or, after limits, where the price is not allowed)
    current  (n,) column of the current price in `prices`, which is always on the ladder; -1 where none is known
    """

    prices: Ints
    valid: Flags
    current: Ints


@dataclass(frozen=True, slots=True)
class Curves:
    """Expected demand of n items over their ladders, in units per day averaged over the horizon.

    Units of item i when its own price is p_ik and its family's other prices are p_j:

        units[i, k] * exp(cross[i] * mean over the other members j of log(p_j / current_j))

    units           (n, K) posterior mean at ladder price k, other prices unchanged; falls with k
    draws           (n, D) posterior draws of the elasticity at the current price, equally likely, ascending (all < 0)
    level           (n, D) draws of log expected units at the current price, minus the log of its posterior mean
    form            (n,) form of the curve: 0 constant elasticity, 1 semi-log, 2 logit
    saturation      (n,) share of the logit ceiling reached at the current price (form 2), else 0
    base            (n,) posterior mean units per day at the current price
    cross           (n,) effect of the mean log price of the others in the family; > 0 substitutes, < 0 complements, 0 alone
    cross_deviation (n,) posterior standard deviation of `cross`; 0 where alone
    family          (n,) family number, -1 where alone
    evidence        (n,) index into contracts.tables.EVIDENCE
    dispersion      () variance of daily counts = mean + dispersion * mean**2
    """

    units: Floats
    draws: Floats
    level: Floats
    form: Ints
    saturation: Floats
    base: Floats
    cross: Floats
    cross_deviation: Floats
    family: Ints
    evidence: Ints
    dispersion: float


def today_alone(own: Ints) -> Ladder:
    """The ladder of the current prices (n,) alone, in minor units; 0 where none is known, which leaves the row without a candidate."""
    known = own > 0
    return Ladder(np.maximum(own, 1)[:, np.newaxis], known[:, np.newaxis], np.where(known, 0, -1))


def response(log_ratio: Floats, elasticity: Floats, form: Ints, saturation: Floats) -> Floats:
    """Log of units relative to the current price, at log price ratio x = log(p / current).

    constant elasticity  e x;  semi-log  e (exp(x) - 1);
    logit with own share s at the current price (saturation):  log of sigmoid ratio whose slope at 0 is e:
    b = e / (1 - s);  log[1 / (s + (1 - s) exp(-b (exp(x) - 1)))]
    All three have elasticity e at x = 0 and never rise with the price while e <= 0. Arguments broadcast together.
    """
    constant, semi = bool(np.all(form == 0)), bool(np.all(form == 1))
    if constant or semi:  # the usual case: one form for all, at a fraction of the cost
        alone = np.asarray(elasticity * (log_ratio if constant else np.expm1(log_ratio)))
        shape = np.broadcast_shapes(alone.shape, np.shape(form), np.shape(saturation))
        return alone if alone.shape == shape else np.broadcast_to(alone, shape).copy()
    linear = np.expm1(log_ratio)
    share = np.clip(saturation, 0.0, 0.95)
    steep = elasticity / (1.0 - share)
    logit = -np.logaddexp(np.log(np.maximum(share, 1e-300)), np.log1p(-share) - steep * linear)
    return np.where(form == 0, elasticity * log_ratio, np.where(form == 1, elasticity * linear, logit))
