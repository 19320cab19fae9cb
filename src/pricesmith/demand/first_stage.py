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
    day     (K,) first day at the price;  price (K,) log over reference;  costs (l, K) log cost so many days before, see LAGS
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
    costs = _costs_before(panel, row, LAGS[period])
    return Settings(row, np.flatnonzero(fresh), np.cumsum(fresh) - 1, panel.day[row], panel.regular[row], costs)


def _costs_before(panel: Panel, row: Ints, lags: tuple[int, ...]) -> Floats:
    """(l, K) cost so many days before the day of each row; the row's own where the item was not there yet or its cost not known."""
    segment = np.repeat(np.arange(panel.starts.size), np.diff(np.r_[panel.starts, panel.item.size]))
    since = panel.day - panel.day.min()
    span = int(since.max()) + max(lags) + 1
    sorted_days, first, own = segment * span + since, panel.starts[segment[row]], panel.cost[row]
    costs = np.empty((len(lags), row.size))
    for lag, out in zip(lags, costs, strict=True):
        day = segment[row] * span + np.maximum(since[row] - lag, 0)
        cost = panel.cost[np.maximum(np.searchsorted(sorted_days, day, side="right") - 1, first)]
        out[:] = np.where(np.isfinite(cost), cost, own)
    return costs


def learn_first_stage(known: Settings, period: str) -> FirstStage:
    """Lags by EM, memory and noise by the likelihood at the expected costs, then lags once more."""
    if known.row.size == 0:
        return FirstStage(0.0, np.zeros(0), known.day, MEMORIES[0], NOISES[0])
    some, (memory, noise) = _every_so_many(known), START
    expected = _expected(some, _lags(some, memory, noise)[1])
    pair = np.vstack([some.price, expected])
    memory, noise = max(
        ((memory, noise) for memory in MEMORIES for noise in NOISES), key=lambda chosen: _log_likelihood(some, pair, *chosen)
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
    return Settings(known.row[kept], starts, owner, known.day[kept], known.price[kept], known.costs[:, kept])


def _expected(known: Settings, weight: Floats) -> Floats:
    """(K,) log cost at the decision, over the lags that each item may have."""
    return np.asarray(np.einsum("lk,kl->k", known.costs, weight[known.owner]))


def _whitened(known: Settings, values: Floats, memory: float, noise: float) -> tuple[Floats, Floats]:
    """Rows (c, K) less what the setting before foretells, over the spread that is left (K,), the item's level taken out.

    Foretelling from one setting before is exact without noise, and near where noise is small.
    """
    tie = np.zeros(known.row.size)
    tie[1:] = (1.0 - noise) * np.exp(np.log(memory) / WEEK * np.diff(known.day))
    tie[known.starts] = 0.0
    spread = np.sqrt(1.0 - tie**2)
    level = (1.0 - tie) / spread
    square = np.add.reduceat(level**2, known.starts)
    rows = np.empty_like(values)
    for value, row in zip(values, rows, strict=True):
        row[:] = value
        row[1:] -= tie[1:] * value[:-1]
        row /= spread
        row -= level * (np.add.reduceat(level * row, known.starts) / square)[known.owner]
    return rows, spread


def _lags(known: Settings, memory: float, noise: float) -> tuple[float, Floats]:
    """Pass-through, and (S, l) probability of every lag for each item."""
    rows, _ = _whitened(known, np.vstack([known.price, known.costs]), memory, noise)
    price, costs = rows[0], rows[1:]
    both = np.stack([np.add.reduceat(price * cost, known.starts) for cost in costs], axis=1)
    square = np.stack([np.add.reduceat(cost**2, known.starts) for cost in costs], axis=1)
    total = np.add.reduceat(price**2, known.starts)[:, None]
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


def _log_likelihood(known: Settings, pair: Floats, memory: float, noise: float) -> float:
    """Of the prices at given costs, both in `pair` (2, K); slope and variance at their best."""
    (price, cost), spread = _whitened(known, pair, memory, noise)
    square, both = float(cost @ cost), float(price @ cost)
    rest = float(price @ price) - (both**2 / square if square > _TINY else 0.0)
    free = max(known.row.size - known.starts.size, 1)
    return -0.5 * free * float(np.log(max(rest / free, _TINY))) - float(np.log(spread).sum())
