"""Items whose prices hang together: the components that ties make of them, and the best plan inside one component."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.rule import Ties

NODES = 4000
"""Branches looked at in one component before the search settles for the best plan so far."""


@dataclass(frozen=True, slots=True)
class Component:
    """Items bound by ties, directly or through others.

    items   (m,) item numbers, ascending
    equal   True where all must share one price
    meets   {(a, b): (K, K) bool} for members a < b: which columns go together
    torn    members a < b whose current prices break a tie
    alike   (m,) number of the members with which each must share one price
    stays   True where all may keep their current prices all the same
    """

    items: Ints
    equal: bool
    meets: dict[tuple[int, int], Flags]
    torn: tuple[tuple[int, int], ...]
    alike: Ints
    stays: bool = True


def components(ties: Ties, prices: Ints, current: Ints) -> list[Component]:
    """Components of two items or more. Both of a pair may always keep their prices; items without a current price are not bound."""
    bound = (current[ties.first] >= 0) & (current[ties.second] >= 0) & (ties.first != ties.second)
    first, second = ties.first[bound], ties.second[bound]
    count = current.size
    label = connected_components(coo_array((np.ones(first.size, np.int8), (first, second)), shape=(count, count)), directed=False)[1]
    order = np.argsort(label[first], kind="stable")
    cuts = np.flatnonzero(np.diff(label[first[order]])) + 1
    ratios = Ties(first, second, ties.low[bound], ties.high[bound])
    return [_component(ratios, part, prices, current) for part in np.split(order, cuts) if part.size]


def _component(ties: Ties, part: Ints, prices: Ints, current: Ints) -> Component:
    items = np.unique(np.r_[ties.first[part], ties.second[part]])
    alike = (ties.low[part] == 1.0) & (ties.high[part] == 1.0)
    if alike.all():
        return Component(items, True, {}, (), np.zeros(items.size, np.int64))
    first, second = np.searchsorted(items, ties.first[part]), np.searchsorted(items, ties.second[part])
    meets: dict[tuple[int, int], Flags] = {}
    own, now = prices[items], current[items]
    label = _labels(first[alike], second[alike], items.size)
    pairs = [(a, b, 1.0, 1.0) for a in range(items.size) for b in range(a + 1, items.size) if label[a] == label[b]]
    pairs += [(a, b, low, high) for a, b, low, high in zip(first, second, ties.low[part], ties.high[part], strict=True)]
    for a, b, low, high in pairs:
        together = _meet(own[a], own[b], low, high)
        key, view = ((int(a), int(b)), together) if a < b else ((int(b), int(a)), together.T)
        meets[key] = meets[key] & view if key in meets else view
    torn = tuple((a, b) for (a, b), together in meets.items() if not together[now[a], now[b]])
    for a, b in torn:
        meets[a, b] = meets[a, b] | _staying(own, now, a, b)
    return Component(items, False, meets, torn, label)


def _staying(own: Ints, now: Ints, a: int, b: int) -> Flags:
    """(K, K) columns at which both members have their current prices. own: (m, K) prices;  now: (m,) columns"""
    return np.asarray((own[a] == own[a, now[a]])[:, None] & (own[b] == own[b, now[b]])[None, :])


def mended(component: Component, prices: Ints, opened: Flags, current: Ints) -> Component:
    """The same, where ties that current prices break are mended as far as the open columns (n, K) let them be.

    The two of a torn pair may both keep their prices only where one of them, or one with which it must share its price, can do nothing
    else, where no two of their columns go together, or where no plan of the component mends the other pairs. A component that must share
    one price shares it where one is open to all.
    """
    items, now = component.items, current[component.items]
    columns, own = opened[items], prices[items]
    stuck = (columns.sum(axis=1) == 1) & columns[np.arange(now.size), now]
    if component.equal:
        stays = bool(stuck.any()) or _alike_or_apart(items, prices, current, opened)
        return component if stays else replace(component, stays=False)
    stuck = np.bincount(component.alike, stuck)[component.alike] > 0
    apart = {(a, b): component.meets[a, b] & ~_staying(own, now, a, b) for a, b in component.torn if not (stuck[a] or stuck[b])}
    can = {(a, b): met for (a, b), met in apart.items() if (met & columns[a][:, None] & columns[b][None, :]).any()}
    if not can:
        return component
    found = replace(component, meets=component.meets | can, stays=False)
    return component if best_plan(found, np.zeros(columns.shape), columns)[0] is None else found


def _alike_or_apart(items: Ints, prices: Ints, current: Ints, opened: Flags) -> bool:
    """Whether members that must share one price share it already, or cannot, as none is open to all."""
    now, common = np.unique(prices[items, current[items]]), _common(items, prices, opened)
    return not common.size or (now.size == 1 and bool(now[0] in common))


def _common(items: Ints, prices: Ints, opened: Flags) -> Ints:
    """(P,) prices that are open to all members, ascending."""
    common = prices[items[0]][opened[items[0]]]
    for item in items[1:]:
        common = np.intersect1d(common, prices[item][opened[item]])
    return np.asarray(np.unique(common))


def _labels(first: Ints, second: Ints, count: int) -> Ints:
    """(count,) number of the group of each member that chains of equal prices make: it moves as one or not at all."""
    found: Ints = connected_components(coo_array((np.ones(first.size, np.int8), (first, second)), shape=(count, count)), directed=False)[1]
    return found


def _meet(one: Ints, other: Ints, low: float, high: float) -> Flags:
    """(K, K) which prices of two items keep to a ratio."""
    pair = Ties(np.zeros(1, np.int64), np.ones(1, np.int64), np.array([low]), np.array([high]))
    return pair.met_by(np.repeat(one, other.size), np.tile(other, one.size)).reshape(one.size, other.size)


def shared_plans(component: Component, prices: Ints, opened: Flags, current: Ints) -> Ints:
    """(P, m) plans of an `equal` component: every price that is open to all members, and keeping all prices where these may stay."""
    items = component.items
    common = _common(items, prices, opened)
    plans = np.stack([np.searchsorted(prices[item], common) for item in items], axis=1)
    stay = current[items][None, :]
    if component.stays and opened[items, current[items]].all() and not (plans == stay).all(axis=1).any():
        plans = np.concatenate([plans, stay])
    return np.asarray(plans)


def every_plan(component: Component, opened: Flags, most: int) -> Ints | None:
    """(P, m) all plans of a component that keep its ties; None where more than `most` would have to be looked at on the way."""
    plans = np.flatnonzero(opened[0])[:, None]
    for member in range(1, opened.shape[0]):
        columns = np.flatnonzero(opened[member])
        if plans.shape[0] * columns.size > 8 * most:
            return None
        kept = np.ones((plans.shape[0], columns.size), dtype=bool)
        for before in range(member):
            together = component.meets.get((before, member))
            if together is not None:
                kept &= together[plans[:, before]][:, columns]
        row, column = np.nonzero(kept)
        plans = np.concatenate([plans[row], columns[column][:, None]], axis=1)
    return plans if plans.shape[0] <= most else None


def best_plan(component: Component, value: Floats, opened: Flags) -> tuple[Ints | None, float]:
    """(columns (m,) or None where no plan fits, bound) of the sum of `value` (m, K) over the members.

    Branch and bound with forward checking: a column taken leaves the others only what goes with it.
    """
    allowed = _arc_consistent(component, opened.copy())
    if not allowed.any(axis=1).all():
        return None, -np.inf
    masked = np.where(allowed, value, -np.inf)
    search = _Search(component, masked)
    search.descend(np.full(value.shape[0], -1), masked)
    if search.best is None:
        return None, float(masked.max(axis=1).sum()) if search.nodes >= NODES else -np.inf
    return search.best, search.value if search.nodes < NODES else float(masked.max(axis=1).sum())


class _Search:
    """Depth-first search over the members of one component."""

    def __init__(self, component: Component, value: Floats) -> None:
        self.near: list[list[tuple[int, Flags]]] = [[] for _ in range(value.shape[0])]
        for (a, b), together in component.meets.items():
            self.near[a].append((b, together))
            self.near[b].append((a, together.T))
        self.nodes, self.value = 0, -np.inf
        self.best: Ints | None = None

    def descend(self, taken: Ints, left: Floats) -> None:
        """Try the open columns of the member with the fewest, the best first."""
        self.nodes += 1
        tops = left.max(axis=1)
        hope = float(tops.sum())
        if hope <= self.value + 1e-12 * abs(self.value) or self.nodes >= NODES:
            return
        greedy = left.argmax(axis=1)
        if self._fits(greedy):
            self.best, self.value = greedy, hope
            return
        free = np.flatnonzero(taken < 0)
        member = int(free[np.argmin(np.isfinite(left[free]).sum(axis=1))])
        for column in np.argsort(-left[member], kind="stable"):
            if hope - tops[member] + left[member, column] <= self.value or not np.isfinite(left[member, column]):
                return
            after = left.copy()
            after[member] = -np.inf
            after[member, column] = left[member, column]
            for other, together in self.near[member]:
                after[other] = np.where(together[column], after[other], -np.inf)
            if np.isfinite(after.max(axis=1)).all():
                chosen = taken.copy()
                chosen[member] = column
                self.descend(chosen, after)

    def _fits(self, columns: Ints) -> bool:
        return all(together[columns[a], columns[b]] for a, near in enumerate(self.near) for b, together in near if a < b)


def _arc_consistent(component: Component, opened: Flags) -> Flags:
    """Strike out columns that no column of a tied member goes with."""
    before = -1
    while opened.sum() != before:
        before = int(opened.sum())
        for (a, b), together in component.meets.items():
            opened[a] &= (together & opened[b][None, :]).any(axis=1)
            opened[b] &= (together & opened[a][:, None]).any(axis=0)
    return opened
