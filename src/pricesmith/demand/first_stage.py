"""The first stage: how costs move regular prices that are decided some days before they hold.

The k-th price of item i holds from day d_k on:  price_k = level_i + pass_through * cost(d_k - lag_i) + rest_k.  The lag is a habit of the
item (the day of the week on which new prices go live, the time that labels take), unknown, and drawn from the shop's lags (EM). The rest is
what the manager answered beside costs: it fades (an Ornstein-Uhlenbeck process) and carries white noise. With the cost of the wrong day,
prices look as if they followed costs too little, and a part of the cost stays in the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .panel import Panel

LAGS = {"day": tuple(range(14)), "week": (0, 7, 14), "month": (0,)}
"""Days between the decision and the first day of a price, by period."""
MEMORIES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""Candidates of the rest's correlation over a week."""
NOISES = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Candidates of the white share of the rest's variance."""
START = (0.8, 0.1)
"""Memory and noise at which the first lags are learned."""
CHOSEN_BY = 4000
"""Items, at most, by which memory and noise are chosen: every so many of them."""
EM_TURNS = 60
SETTLED = 1e-3
"""A turn that moves no lag's share by more ends the EM."""
WEEK = 7.0
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Settings:
    """K regular prices of known cost as they were set, by item and day.

    row     (K,) first row at each price;  starts (S,) first setting of each item that has one;  owner (K,) 0 to S - 1
    day     (K,) first day at the price;  price (K,) log over reference;  costs (K, l) log cost so many days before, see LAGS
    """

    row: Ints
    starts: Ints
    owner: Ints
    day: Ints
    price: Floats
    costs: Floats


@dataclass(frozen=True, slots=True)
class FirstStage:
    """What was learned of K settings.

    pass_through  elasticity of the regular price in the cost, pooled over items
    cost, decided  (K,) expected log cost at the decision, and the day of the decision
    memory, noise  correlation over a week of what costs do not explain, and the white share of its variance
    """

    pass_through: float
    cost: Floats
    decided: Ints
    memory: float
    noise: float


def settings(panel: Panel, set_row: Ints, period: str) -> Settings:
    """The prices of known cost that the panel shows; `set_row` (N,) is the row in which each row's price was set."""
    row = np.flatnonzero((set_row == np.arange(set_row.size)) & np.isfinite(panel.cost))
    item = panel.item[row]
    fresh = np.r_[True, item[1:] != item[:-1]] if row.size else np.zeros(0, bool)
    costs = np.stack([_cost_before(panel, row, lag) for lag in LAGS[period]], axis=1)
    return Settings(row, np.flatnonzero(fresh), np.cumsum(fresh) - 1, panel.day[row], panel.regular[row], costs)


def _cost_before(panel: Panel, row: Ints, lag: int) -> Floats:
    """(K,) cost `lag` days before the day of each row; the row's own where the item was not there yet or its cost not known."""
    segment = np.repeat(np.arange(panel.starts.size), np.diff(np.r_[panel.starts, panel.item.size]))
    since = panel.day - panel.day.min()
    span = int(since.max()) + lag + 1
    place = np.searchsorted(segment * span + since, segment[row] * span + np.maximum(since[row] - lag, 0), side="right") - 1
    cost = panel.cost[np.maximum(place, panel.starts[segment[row]])]
    return np.where(np.isfinite(cost), cost, panel.cost[row])


def learn_first_stage(known: Settings, period: str) -> FirstStage:
    """Lags by EM, memory and noise by the likelihood at the expected costs, then lags once more."""
    if known.row.size == 0:
        return FirstStage(0.0, np.zeros(0), known.day, MEMORIES[0], NOISES[0])
    some, (memory, noise) = _every_so_many(known), START
    expected = _expected(some, _lags(some, memory, noise)[1])
    memory, noise = max(
        ((memory, noise) for memory in MEMORIES for noise in NOISES), key=lambda pair: _log_likelihood(some, expected, *pair)
    )
    slope, weight = _lags(known, memory, noise)
    days = np.rint(weight @ np.array(LAGS[period], np.float64)).astype(np.int64)
    return FirstStage(slope, _expected(known, weight), known.day - days[known.owner], memory, noise)


def _every_so_many(known: Settings) -> Settings:
    """The settings of CHOSEN_BY items at most."""
    every = -(-known.starts.size // CHOSEN_BY)
    if every == 1:
        return known
    kept = known.owner % every == 0
    owner = known.owner[kept] // every
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    return Settings(known.row[kept], starts, owner, known.day[kept], known.price[kept], known.costs[kept])


def _expected(known: Settings, weight: Floats) -> Floats:
    """(K,) log cost at the decision, over the lags that each item may have."""
    return np.asarray(np.einsum("kl,kl->k", known.costs, weight[known.owner]))


def _whitened(known: Settings, values: Floats, memory: float, noise: float) -> tuple[Floats, Floats]:
    """Columns (K, c) less what the setting before foretells, over the spread that is left (K,), the item's level taken out.

    Foretelling from one setting before is exact without noise, and near where noise is small.
    """
    first = np.zeros(known.row.size, bool)
    first[known.starts] = True
    gap = np.r_[0, np.diff(known.day)] / WEEK
    tie = np.where(first, 0.0, (1.0 - noise) * np.exp(np.log(memory) * gap))
    spread = np.sqrt(1.0 - tie**2)
    columns = values.copy()
    columns[1:] -= tie[1:, None] * values[:-1]
    columns /= spread[:, None]
    level = (1.0 - tie) / spread
    square = np.add.reduceat(level**2, known.starts)
    mean = np.add.reduceat(level[:, None] * columns, known.starts, axis=0) / square[:, None]
    columns -= level[:, None] * mean[known.owner]
    return columns, spread


def _lags(known: Settings, memory: float, noise: float) -> tuple[float, Floats]:
    """Pass-through, and (S, l) probability of every lag for each item."""
    columns, _ = _whitened(known, np.concatenate([known.price[:, None], known.costs], axis=1), memory, noise)
    price, cost = columns[:, :1], columns[:, 1:]
    both, square, total = (np.add.reduceat(product, known.starts, axis=0) for product in (price * cost, cost**2, price**2))
    weight = np.full(square.shape, 1.0 / square.shape[1])
    share, slope = weight[0], 0.0
    for _ in range(EM_TURNS):
        slope = float(np.sum(weight * both) / max(float(np.sum(weight * square)), _TINY))
        rest = total - 2.0 * slope * both + slope**2 * square
        variance = max(float(np.sum(weight * rest)) / max(known.row.size - known.starts.size, 1), _TINY)
        logs = np.log(share) - rest / (2.0 * variance)
        weight = np.exp(logs - logs.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        before, share = share, (weight.sum(axis=0) + 0.5) / (weight.shape[0] + 0.5 * weight.shape[1])
        if np.abs(share - before).max() < SETTLED:
            break
    return slope, weight


def _log_likelihood(known: Settings, cost: Floats, memory: float, noise: float) -> float:
    """Of the prices at given costs, slope and variance at their best."""
    columns, spread = _whitened(known, np.stack([known.price, cost], axis=1), memory, noise)
    square = float(columns[:, 1] @ columns[:, 1])
    slope = float(columns[:, 0] @ columns[:, 1]) / square if square > _TINY else 0.0
    rest = float(np.sum((columns[:, 0] - slope * columns[:, 1]) ** 2))
    free = max(known.row.size - known.starts.size, 1)
    return -0.5 * free * float(np.log(max(rest / free, _TINY))) - float(np.log(spread).sum())
