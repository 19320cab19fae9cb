"""From multipliers to a plan: repair what the priced plan breaks, then close the gap by moving one item or two at a time.

With multipliers nu the gap of a plan is  sum_i loss_i + sum_r |nu_r| slack_r,  where loss is what an item's priced value falls short of
its best; both parts are never negative, so only moves of small loss can be part of a good plan. They form a pool, and the search looks at
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .dual import Knapsack

POOL = 160
"""Moves of each cell (items that count in the same rows) kept for repair."""

CROWD = 1000
"""Items of a cell whose moves are looked at."""

PAIRS = 160
"""Moves of each cell that are tried two at a time."""

SLACK = 1e-9
"""Rows are kept up to this share of their size: the rounding of sums."""


@dataclass(slots=True)
class Search:
    """A plan under way.

    columns, sums   the plan (n,) and what it adds up to (R,)
    item, column    (P,) the moves of the pool
    cell            (P,) number of the cell
    value           (P,) value of the item at the column
    weight          (L, P) weight of the item at the column, by layer
    row             (L, P) row of the item, R where none
    room            (R,) rounding allowed
    """

    sack: Knapsack
    columns: Ints
    sums: Floats
    item: Ints
    column: Ints
    cell: Ints
    value: Floats
    weight: Floats
    row: Ints
    room: Floats

    def deltas(self, moves: Ints) -> tuple[Floats, Floats]:
        """(value change (m,), weight change (L, m)) of single moves from the present plan."""
        item, now = self.item[moves], self.columns[self.item[moves]]
        before = np.stack([layer.weight[item, now] for layer in self.sack.layers])
        return self.value[moves] - self.sack.value[item, now], self.weight[:, moves] - before

    def apply(self, move: int) -> None:
        _, change = self.deltas(np.array([move]))
        for layer in range(change.shape[0]):
            if self.row[layer, move] < self.sums.size:
                self.sums[self.row[layer, move]] += change[layer, 0]
        self.columns[self.item[move]] = self.column[move]

    def breach(self, sums: Floats) -> Floats:
        """(R,) how far sums lie outside their limits."""
        outside = np.maximum(np.maximum(self.sack.lower - sums, sums - self.sack.upper), 0.0)
        return np.where(outside > self.room, outside, 0.0)


def feasible(sack: Knapsack, columns: Ints) -> bool:
    """True where a plan keeps every row, up to rounding."""
    sums = sack.sums(columns)
    room = rounding_room(sack)
    return bool(((sums >= sack.lower - room) & (sums <= sack.upper + room)).all())


def rounding_room(sack: Knapsack) -> Floats:
    """(R,) rounding allowed in the sums."""
    low, high = (np.where(np.isfinite(side), np.abs(side), 0.0) for side in (sack.lower, sack.upper))
    size = np.maximum(low, high)
    return np.asarray(SLACK * np.maximum(size, 1e-9))


def improve(sack: Knapsack, nu: Floats, fallback: Ints | None, rounds: int = 6) -> tuple[Ints, bool, int]:
    """(plan, whether it keeps every row, moves made) near the priced optimum.

    fallback  a plan that keeps every row, for the case that repair finds none
    """
    priced = sack.priced(nu)
    columns = priced.argmax(axis=1)
    search = _start(sack, nu, priced, columns)
    moves = _repair(search, nu)
    if search.breach(search.sums).any():
        if fallback is None:
            return search.columns, False, moves
        _retreat(search, fallback, priced)
        if search.breach(search.sums).any():
            return search.columns, False, moves
    for _ in range(rounds):
        found = _singles(search) + _pairs(search, nu)
        moves += found
        if not found:
            break
    return search.columns, True, moves


def _start(sack: Knapsack, nu: Floats, priced: Floats, columns: Ints) -> Search:
    rows = sack.lower.size
    item, column, cell = _pool(sack, nu, priced, columns)
    weight = np.stack([layer.weight[item, column] for layer in sack.layers])
    row = np.stack([np.where(layer.row[item] >= 0, layer.row[item], rows) for layer in sack.layers])
    return Search(sack, columns.copy(), sack.sums(columns), item, column, cell, sack.value[item, column], weight, row, rounding_room(sack))


def _pool(sack: Knapsack, nu: Floats, priced: Floats, columns: Ints) -> tuple[Ints, Ints, Ints]:
    """Moves of least loss, and of least loss for what they shift, in each cell."""
    keys = np.stack([layer.row for layer in sack.layers])
    cell = np.unique(keys, axis=1, return_inverse=True)[1].reshape(-1)
    items = _sample(cell, priced[np.arange(columns.size), columns])
    own = columns[items]
    here = np.arange(items.size)
    loss = priced[items, own][:, None] - priced[items]
    shift = np.zeros(loss.shape)
    ready = np.append(np.abs(nu), 0.0)
    for layer in sack.layers:
        weight, row = layer.weight[items], layer.row[items]
        shift += (ready[row] + (row >= 0) * 1e-12)[:, None] * np.abs(weight - weight[here, own][:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where((shift > 0) & np.isfinite(loss), loss / shift, np.inf)
    moves = np.concatenate([_least(loss, cell[items], POOL // 2), _least(rate, cell[items], POOL // 2)])
    touched = np.unique(moves // loss.shape[1])
    flat = np.unique(np.concatenate([moves, touched * loss.shape[1] + own[touched]]))
    item = items[flat // loss.shape[1]]
    return item, flat % loss.shape[1], cell[item]


def _sample(cell: Ints, worth: Floats) -> Ints:
    """Items whose moves are looked at: all, or CROWD of a crowded cell, picked by their own figures so that order does not matter."""
    mixed = np.modf(np.frexp(np.where(np.isfinite(worth), worth, 0.0))[0] * 1e6 * 0.6180339887498949)[0]
    order = np.lexsort((mixed, cell))
    sizes = np.bincount(cell)
    rank = np.arange(cell.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.sort(order[rank < CROWD])


def _least(score: Floats, cell: Ints, count: int) -> Ints:
    """Flat numbers of the `count` smallest finite scores of each cell."""
    cells = int(cell.max()) + 1
    order = np.argsort(cell, kind="stable")
    ends = np.cumsum(np.bincount(cell, minlength=cells))
    found = []
    for members in np.split(order, ends[:-1]):
        part = score[members]
        flat = part.ravel()
        near = np.argpartition(flat, count)[:count] if flat.size > count else np.arange(flat.size)
        near = near[np.isfinite(flat[near])]
        found.append(members[near // part.shape[1]] * part.shape[1] + near % part.shape[1])
    return np.concatenate(found)


def _after(search: Search, moves: Ints, change: Floats) -> Floats:
    """(m,) total breach after each single move, each row's in units of its size."""
    size = np.append(np.maximum(search.room / SLACK, 1e-300), 1.0)
    sums, lower, upper = np.append(search.sums, 0.0), np.append(search.sack.lower, -np.inf), np.append(search.sack.upper, np.inf)
    room = np.append(search.room, 0.0)
    now = search.breach(search.sums)
    total = np.full(moves.size, float((now / size[:-1]).sum()))
    before = np.append(now, 0.0)
    for layer in range(change.shape[0]):
        row = search.row[layer, moves]
        there = sums[row] + change[layer]
        outside = np.maximum(np.maximum(lower[row] - there, there - upper[row]), 0.0)
        total += (np.where(outside > room[row], outside, 0.0) - before[row]) / size[row]
    return total


def _cost(search: Search, nu: Floats, value: Floats, change: Floats) -> Floats:
    """(P,) how much each move of the pool adds to the gap: its loss, and room it leaves unused."""
    price = np.append(nu, 0.0)
    sums = np.append(search.sums, 0.0)
    side = np.append(search.sack.side(nu), 0.0)
    cost = -value
    for layer in range(change.shape[0]):
        row = search.row[layer]
        here = (sums[row] - side[row]) * price[row]
        cost += np.maximum(here + price[row] * change[layer], 0.0) - np.maximum(here, 0.0) - price[row] * change[layer]
    return cost


def _repair(search: Search, nu: Floats, banned: int = -1) -> int:
    """Single moves that lower the breach, the cheapest for what they mend first; the number of moves made."""
    every = np.flatnonzero(search.item != banned)
    size = np.maximum(search.room / SLACK, 1e-300)
    most = 20 * search.sums.size + 100
    for made in range(most):
        now = float((search.breach(search.sums) / size).sum())
        if now == 0.0:
            return made
        value, change = search.deltas(np.arange(search.item.size))
        mended = (now - np.maximum(_after(search, np.arange(search.item.size), change), 0.0))[every]
        helps = mended > 1e-12 * now
        if not helps.any():
            return made
        cost = np.maximum(_cost(search, nu, value, change)[every][helps], 0.0)
        search.apply(int(every[helps][np.argmin((cost + 1e-12) / mended[helps])]))
    return most


def _retreat(search: Search, fallback: Ints, priced: Floats) -> None:
    """Give items back to the fallback plan, the least loss first, until every row is kept."""
    items = np.arange(fallback.size)
    loss = priced[items, search.columns] - priced[items, fallback]
    order = np.argsort(loss, kind="stable")
    count = 1
    while True:
        columns = search.columns.copy()
        columns[order[:count]] = fallback[order[:count]]
        sums = search.sack.sums(columns)
        if not search.breach(sums).any() or count >= fallback.size:
            search.columns, search.sums = columns, sums
            return
        count = min(2 * count, fallback.size)


def _singles(search: Search) -> int:
    """Moves of one item that keep every row and raise the value, the best first."""
    every = np.arange(search.item.size)
    for made in range(10 * search.sums.size + 1000):
        value, change = search.deltas(every)
        good = np.flatnonzero(value > 1e-12 * np.abs(search.value))
        good = good[_after(search, good, change[:, good]) <= 1e-15]
        if not good.size:
            return made
        search.apply(int(good[np.argmax(value[good])]))
    return made


def _pairs(search: Search, nu: Floats) -> int:
    """In each cell the best two moves together, as long as they raise the value."""
    made = 0
    order = np.argsort(search.cell, kind="stable")
    for moves in np.split(order, np.flatnonzero(np.diff(search.cell[order])) + 1):
        made += _pair(search, moves, nu)
    return made


def _pair(search: Search, moves: Ints, nu: Floats) -> int:
    value, change = search.deltas(moves)
    price = np.append(nu, 0.0)
    loss = -(value + (price[search.row[:, moves]] * change).sum(axis=0))
    real = np.flatnonzero((change != 0).any(axis=0) | (value > 0))
    near = real[np.argsort(loss[real], kind="stable")[:PAIRS]]
    if near.size < 2:
        return 0
    moves, value, change = moves[near], value[near], change[:, near]
    gain = value[:, None] + value[None, :]
    good = (gain > 1e-12 * np.abs(value).max()) & (search.item[moves][:, None] != search.item[moves][None, :])
    _keep(search, moves, change, good)
    if not good.any():
        return 0
    best = int(np.where(good, gain, -np.inf).argmax())
    search.apply(int(moves[best // near.size]))
    search.apply(int(moves[best % near.size]))
    return 1


def _keep(search: Search, moves: Ints, change: Floats, good: Flags) -> None:
    """Strike out pairs that break a row. Moves of a cell count in the same rows."""
    rows = search.row[:, moves[0]]
    for row in np.unique(rows[rows < search.sums.size]):
        shift = change[rows == row].sum(axis=0)
        there = search.sums[row] + shift[:, None] + shift[None, :]
        room = search.room[row]
        good &= (there >= search.sack.lower[row] - room) & (there <= search.sack.upper[row] + room)
