"""Clearing a stock on a price ladder over a season: exact dynamic programme, and the linear programme that bounds it.

Periods t = 0..T-1, prices k = 0..K-1 in descending order, Poisson demand with mean[t, k], `salvage` for a unit left over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.stats import poisson

from pricesmith.contracts.curves import Floats, Ints


@dataclass(frozen=True, slots=True)
class Season:
    """prices (K,) descending, mean (T, K) expected units, stock, salvage per unit, and whether prices may only fall."""

    prices: Floats
    mean: Floats
    stock: int
    salvage: float = 0.0
    falling: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What to charge: column (T, stock + 1, K) by period, stock and last column; value (stock + 1,) at the start."""

    column: Ints
    value: Floats


def optimal_policy(season: Season) -> Policy:
    """V_t(n, k) = max over k' (k' >= k where prices may only fall) of E[min(D, n) p_k' + V_{t+1}(n - D, k')]."""
    periods, width = season.mean.shape
    ahead = np.repeat(season.salvage * np.arange(season.stock + 1.0)[:, None], width, axis=1)
    columns = np.zeros((periods, season.stock + 1, width), dtype=np.int64)
    for period in range(periods - 1, -1, -1):
        worth = np.stack([_after(season, period, k, ahead[:, k]) for k in range(width)], axis=1)
        if season.falling:
            columns[period], ahead = _best_from(worth)
        else:
            columns[period] = worth.argmax(axis=1)[:, None]
            ahead = np.repeat(worth.max(axis=1)[:, None], width, axis=1)
    return Policy(columns, ahead[:, 0])


def _after(season: Season, period: int, column: int, ahead: Floats) -> Floats:
    """(stock + 1,) expected revenue of charging a price for one period and going on with `ahead`."""
    sold = np.arange(season.stock + 1)
    chance = poisson.pmf(sold, season.mean[period, column])
    out = np.empty(season.stock + 1)
    for left in range(season.stock + 1):
        here = chance[: left + 1].copy()
        here[left] = max(1.0 - chance[:left].sum(), 0.0)
        out[left] = here @ (season.prices[column] * sold[: left + 1] + ahead[left::-1])
    return out


def _best_from(worth: Floats) -> tuple[Ints, Floats]:
    """Best column at or after each column, and its worth."""
    best = np.empty(worth.shape, dtype=np.int64)
    value = np.empty(worth.shape)
    for k in range(worth.shape[1]):
        best[:, k] = k + worth[:, k:].argmax(axis=1)
        value[:, k] = worth[:, k:].max(axis=1)
    return best, value


def fluid_bound(season: Season) -> tuple[float, Floats]:
    """(bound, shares (T, K)): demand taken as certain, time shared between prices; no policy earns more on average.

    max sum (p_k - salvage) d_tk x_tk + salvage * stock,  sum d x <= stock,  sum_k x_tk <= 1
    One row joins the periods, so at most one period mixes two prices.
    """
    periods, width = season.mean.shape
    gain = (season.prices - season.salvage) * season.mean
    rows = np.zeros((periods + 1, periods * width))
    rows[0] = season.mean.ravel()
    for period in range(periods):
        rows[period + 1, period * width : (period + 1) * width] = 1.0
    found = linprog(-gain.ravel(), A_ub=rows, b_ub=np.append(float(season.stock), np.ones(periods)), method="highs-ds")
    return float(-found.fun + season.salvage * season.stock), np.asarray(found.x).reshape(periods, width)


def simulate(season: Season, policy: Policy, draw: np.random.Generator) -> tuple[Ints, float]:
    """(columns charged (T,), revenue) of one season under a policy; -1 once sold out."""
    left, last, revenue = season.stock, 0, 0.0
    charged = np.full(season.mean.shape[0], -1)
    for period in range(charged.size):
        if left == 0:
            break
        last = int(policy.column[period, left, last])
        charged[period] = last
        sold = min(int(draw.poisson(season.mean[period, last])), left)
        revenue += sold * float(season.prices[last])
        left -= sold
    return charged, revenue + season.salvage * left
