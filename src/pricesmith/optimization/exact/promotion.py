"""Promotion plan of one product: which weeks, which depth (Cohen, Leung, Panchamgam, Perakis & Smith 2017).

Demand d_t = f_t(p_t) * prod_{m = 1..M} g_m(p_{t-m}): a promotion now takes from the weeks after it. With b_tk the profit of promoting in
period t at price k alone, less the profit of never promoting, the plan is

    max sum b_tk x_tk,   at most `most` promotions,   at least `apart` regular periods between two

whose matrix is totally unimodular: the linear programme is integral. Where apart >= M it is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from pricesmith.contracts.curves import Floats, Ints


@dataclass(frozen=True, slots=True)
class Calendar:
    """prices (K,), the regular one first; cost; base (T, K) demand f_t at each price; after (M, K) factors g_m of an earlier price."""

    prices: Floats
    cost: float
    base: Floats
    after: Floats

    def profit(self, columns: Ints) -> float:
        """True profit of a plan (T,) of columns; before the first period the price was regular."""
        periods = columns.size
        units = self.base[np.arange(periods), columns].astype(np.float64)
        for lag in range(1, self.after.shape[0] + 1):
            units[lag:] *= self.after[lag - 1, columns[: periods - lag]]
        return float(((self.prices[columns] - self.cost) * units).sum())


def single_effects(calendar: Calendar) -> Floats:
    """(T, K) b_tk; column 0 is 0."""
    periods, width = calendar.base.shape
    regular = np.zeros(periods, dtype=np.int64)
    never = calendar.profit(regular)
    effects = np.zeros((periods, width))
    for period in range(periods):
        for column in range(1, width):
            plan = regular.copy()
            plan[period] = column
            effects[period, column] = calendar.profit(plan) - never
    return effects


def plan_promotions(effects: Floats, most: int, apart: int) -> tuple[Ints, float, Floats]:
    """(columns (T,), value of the linear programme, its solution (T, K - 1))."""
    periods, width = effects.shape
    cells = periods * (width - 1)
    owner = np.repeat(np.arange(periods), width - 1)
    windows = [(owner >= start) & (owner <= start + apart) for start in range(max(periods - apart, 1))]
    rows = np.array([np.ones(cells), *windows], dtype=np.float64)
    limits = np.append(float(most), np.ones(len(windows)))
    found = linprog(-effects[:, 1:].ravel(), A_ub=rows, b_ub=limits, bounds=(0.0, 1.0), method="highs-ds")
    shares = np.asarray(found.x).reshape(periods, width - 1)
    columns = np.where(shares.sum(axis=1) > 0.5, shares.argmax(axis=1) + 1, 0)
    return columns, float(-found.fun), shares


def guarantee(after: Floats, most: int, apart: int) -> float:
    """R = prod_{i = 1..most - 1} g_{i (apart + 1)}(lowest price): the share of the best plan's profit that is certain where apart < M."""
    lags = [i * (apart + 1) for i in range(1, most)]
    return float(np.prod([after[lag - 1].min() for lag in lags if lag <= after.shape[0]]))
