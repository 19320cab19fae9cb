"""How uncertain value is judged: mean, quantile, or conditional value at risk over the posterior draws of demand."""

from __future__ import annotations

import math

import numpy as np

from pricesmith.contracts.curves import Curves, Floats, Ladder, response
from pricesmith.contracts.policy import RiskPolicy

BLOCK = 1 << 22
"""Cells of (items, prices, draws) held at once."""


def risk_units(curves: Curves, ladder: Ladder, part: slice, worth: Floats, risk: RiskPolicy) -> Floats:
    """(m, K) units per day of some rows as the risk measure counts them.

    mean      the posterior mean
    quantile  the `level` quantile of value: low units where a unit brings money, high units where it loses some
    cvar      the mean of the worst `level` share of the draws (Rockafellar & Uryasev 2000)
    worth     (m, K) value of one unit; only its sign is read
    """
    if risk.measure == "mean":
        return curves.units[part]
    first, last, _ = part.indices(ladder.current.size)
    rows = max(BLOCK // max(worth.shape[1] * curves.draws.shape[1], 1), 1)
    out = np.empty(worth.shape)
    for start in range(first, last, rows):
        stop = min(start + rows, last)
        here = slice(start - first, stop - first)
        out[here] = _measure(_drawn(curves, ladder, slice(start, stop)), worth[here], risk)
    return out


def log_ratios(ladder: Ladder) -> Floats:
    """(n, K) log of price over current price; 0 where no current price is known."""
    current = ladder.prices[np.arange(ladder.current.size), ladder.current].astype(np.float64)
    known = ladder.current >= 0
    prices = np.maximum(ladder.prices, 1)
    return np.where(known[:, None], np.log(prices / np.where(known, np.maximum(current, 1), 1.0)[:, None]), 0.0)


def _drawn(curves: Curves, ladder: Ladder, part: slice) -> Floats:
    """(rows, K, D) drawn units per day."""
    piece = Ladder(ladder.prices[part], ladder.valid[part], ladder.current[part])
    moved = response(
        log_ratios(piece)[:, :, None],
        curves.draws[part][:, None, :],
        curves.form[part][:, None, None],
        curves.saturation[part][:, None, None],
    )
    return np.asarray(curves.base[part][:, None, None] * np.exp(moved + curves.level[part][:, None, :]))


def _measure(units: Floats, worth: Floats, risk: RiskPolicy) -> Floats:
    count = units.shape[2]
    tail = min(max(math.ceil(risk.level * count), 1), count)
    low = np.partition(units, tail - 1, axis=2)[:, :, :tail]
    high = np.partition(units, count - tail, axis=2)[:, :, count - tail :]
    if risk.measure == "quantile":
        return np.asarray(np.where(worth >= 0.0, low.max(axis=2), high.min(axis=2)))
    return np.asarray(np.where(worth >= 0.0, low.mean(axis=2), high.mean(axis=2)))
