"""Small pricing problems, and their optimum by looking at every plan: written from the definitions, sharing no code with the optimiser."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from pricesmith.contracts.curves import Curves, Ladder
from pricesmith.contracts.rule import Coupling, Ties
from pricesmith.optimization import Problem

OBJECTIVES = ({"profit": 1.0}, {"revenue": 1.0}, {"profit": 0.5, "revenue": 0.5}, {"units": 1.0}, {"profit": 0.8, "units": 0.2})


def curves(units: np.ndarray, base: np.ndarray, cross: np.ndarray, family: np.ndarray) -> Curves:
    """Curves without spread."""
    count = base.size
    nothing, none = np.zeros((count, 1)), np.zeros(count)
    return Curves(units, nothing, nothing, none.astype(np.int64), none, base, cross, none, family, none.astype(np.int64), 0.1)


def problem(draw: np.random.Generator, linked: bool = True, most: int = 5) -> Problem:
    """Up to `most` items with up to five prices, losses and closed prices among them, in up to two families."""
    count, width = int(draw.integers(2, most + 1)), int(draw.integers(2, 6))
    own = draw.integers(200, 3000, count)
    prices = np.round(own[:, None] * np.exp(draw.uniform(-0.5, 0.5, (count, width)))).astype(np.int64)
    prices[:, 0] = own
    prices = np.sort(prices, axis=1)
    current = (prices < own[:, None]).sum(axis=1)
    elasticity, base = -draw.uniform(0.8, 4.0, count), np.exp(draw.normal(0, 1, count))
    units = base[:, None] * np.exp(elasticity[:, None] * np.log(prices / own[:, None]))
    family = draw.integers(-1, 2, count)
    cross = draw.uniform(-2, 2, count) * (family >= 0) * draw.choice([1.0, 0.2]) * linked
    if draw.random() < 0.4:
        cross = np.abs(cross)
    if draw.random() < 0.2:
        cross = np.where(family >= 0, cross[0], 0.0)
    allowed = draw.random((count, width)) < 0.8
    return Problem(
        ladder=Ladder(prices, np.ones((count, width), dtype=bool), current),
        allowed=allowed,
        curves=curves(units, base, cross, family),
        net=draw.uniform(0.8, 1.0, count),
        kept=draw.uniform(0.6, 0.8, count),
        landed=own * draw.uniform(0.2, 1.1, count),
        returned=draw.uniform(0.0, 0.3, count),
        weights=OBJECTIVES[int(draw.integers(len(OBJECTIVES)))],
    )


def limited(draw: np.random.Generator, linked: bool) -> Problem:
    """A problem with ties, couplings or both."""
    made = problem(draw, linked)
    count = made.ladder.prices.shape[0]
    rows = np.arange(count)
    if draw.random() < 0.3:
        made = _one_ladder(draw, made)
    if draw.random() < 0.8:
        allowed = made.allowed.copy()
        allowed[rows, made.ladder.current] = True
        made = dataclasses.replace(made, allowed=allowed)
    ties = _ties(draw, made) if draw.random() < 0.7 else None
    couplings = tuple(_coupling(draw, count) for _ in range(int(draw.integers(0 if ties else 1, 3))))
    return dataclasses.replace(made, ties=ties, couplings=couplings)


def _one_ladder(draw: np.random.Generator, made: Problem) -> Problem:
    """All items on the same prices, so that they can share one."""
    count, width = made.ladder.prices.shape
    prices = np.tile(np.sort(draw.choice(np.arange(500, 1500), width, replace=False)), (count, 1))
    current = draw.integers(0, width, count)
    own = prices[np.arange(count), current]
    units = made.curves.base[:, None] * np.exp(-draw.uniform(0.8, 4.0, count)[:, None] * np.log(prices / own[:, None]))
    ladder = Ladder(prices, made.ladder.valid, current)
    landed = own * draw.uniform(0.2, 1.1, count)
    return dataclasses.replace(made, ladder=ladder, curves=dataclasses.replace(made.curves, units=units), landed=landed)


def _ties(draw: np.random.Generator, made: Problem) -> Ties | None:
    count = made.ladder.current.size
    first, second = draw.integers(0, count, (2, int(draw.integers(1, count + 1))))
    first, second = first[first != second], second[first != second]
    if not first.size:
        return None
    own = made.ladder.prices[np.arange(count), made.ladder.current]
    ratio = own[second] / own[first]
    low = np.where(draw.random(first.size) < 0.5, ratio * draw.uniform(0.7, 1.1, first.size), 0.0)
    high = np.where(draw.random(first.size) < 0.5, np.maximum(ratio * draw.uniform(0.9, 1.3, first.size), low), np.inf)
    equal = draw.random(first.size) < draw.choice([0.0, 0.5, 1.0])
    return Ties(first, second, np.where(equal, 1.0, low), np.where(equal, 1.0, high))


def _coupling(draw: np.random.Generator, count: int) -> Coupling:
    quantity = str(draw.choice(["changed", "index", "revenue", "margin"]))
    groups = int(draw.integers(1, 3))
    names = tuple("ab"[:groups])
    group = draw.integers(-1, groups, count)
    free = np.full(groups, np.inf)
    if quantity == "changed":
        return Coupling(quantity, group, -free, np.full(groups, float(draw.integers(0, 3))), names)
    if quantity == "index":
        move = np.full(groups, draw.uniform(0.0, 0.1))
        return Coupling(quantity, group, -move, move, names)
    return Coupling(quantity, group, np.full(groups, draw.uniform(0.8, 1.0)), free, names)


def each_unit(made: Problem, item: int, price: int) -> dict[str, float]:
    """Revenue and profit of one unit."""
    sold = 1.0 - made.returned[item]
    return {
        "revenue": sold * made.net[item] * price,
        "profit": sold * (made.kept[item] * price - made.landed[item]),
        "units": made.major if len(made.weights) > 1 else 1.0,
    }


def units_sold(made: Problem, plan: tuple[int, ...]) -> list[float]:
    """Expected units of each item under a plan."""
    ladder, known = made.ladder, made.curves
    moved = [float(np.log(ladder.prices[i, k] / ladder.prices[i, ladder.current[i]])) for i, k in enumerate(plan)]
    sold = []
    for item, column in enumerate(plan):
        others = [moved[j] for j in range(len(plan)) if j != item and known.family[j] == known.family[item] >= 0]
        mean = sum(others) / len(others) if others else 0.0
        sold.append(float(known.units[item, column] * np.exp(known.cross[item] * mean)))
    return sold


def value(made: Problem, plan: tuple[int, ...]) -> float:
    """Objective of a plan."""
    total = 0.0
    for item, sold in enumerate(units_sold(made, plan)):
        each = each_unit(made, item, int(made.ladder.prices[item, plan[item]]))
        total += sum(weight * sold * each[name] for name, weight in made.weights.items())
    return total


def kept(made: Problem, plan: tuple[int, ...]) -> bool:
    """Whether a plan keeps all ties and couplings; a price that stays as it is breaks no tie."""
    prices = [int(made.ladder.prices[i, k]) for i, k in enumerate(plan)]
    today = [int(made.ladder.prices[i, k]) for i, k in enumerate(made.ladder.current)]
    return _tied(made.ties, prices, today) and all(_coupled(made, coupling, plan, prices, today) for coupling in made.couplings)


def _tied(ties: Ties | None, prices: list[int], today: list[int]) -> bool:
    if ties is None:
        return True
    pairs = list(zip(ties.first.tolist(), ties.second.tolist(), ties.low.tolist(), ties.high.tolist(), strict=True))
    moved = [now != before for now, before in zip(prices, today, strict=True)]
    for a, b, low, high in pairs:
        apart = prices[b] < low * prices[a] - 1e-9 or prices[b] > high * prices[a] + 1e-9
        if apart and (moved[a] or moved[b]):
            return False
        if apart and low == high == 1.0 and any(moved[j] for j in _alike(pairs, a)):
            return False
    return True


def _alike(pairs: list[tuple[int, int, float, float]], start: int) -> set[int]:
    """Items that must share the price of `start`."""
    group, size = {start}, 0
    while len(group) > size:
        size = len(group)
        for a, b, low, high in pairs:
            if low == high == 1.0 and (a in group or b in group):
                group |= {a, b}
    return group


def _coupled(made: Problem, coupling: Coupling, plan: tuple[int, ...], prices: list[int], today: list[int]) -> bool:
    now = units_sold(made, tuple(int(k) for k in made.ladder.current))
    then = units_sold(made, plan)
    for group in range(len(coupling.names)):
        members = [i for i in range(len(plan)) if coupling.group[i] == group]
        lower, upper = float(coupling.lower[group]), float(coupling.upper[group])
        if coupling.quantity == "changed":
            total = float(sum(prices[i] != today[i] for i in members))
        elif coupling.quantity == "index":
            weight = sum(now[i] * today[i] for i in members)
            total = sum(now[i] * today[i] / weight * (prices[i] / today[i] - 1.0) for i in members)
        else:
            name = "revenue" if coupling.quantity == "revenue" else "profit"
            total = sum(then[i] * each_unit(made, i, prices[i])[name] for i in members)
            before = sum(now[i] * each_unit(made, i, today[i])[name] for i in members)
            lower = before - (1.0 - lower) * abs(before)
        if not lower - 1e-8 * max(abs(lower), 1e-3) <= total <= upper + 1e-8:
            return False
    return True


def plans(made: Problem, keeping: frozenset[int] = frozenset()) -> Iterator[tuple[int, ...]]:
    """Every plan of allowed columns; an item without any, and those of `keeping`, may keep their price."""
    choices = []
    for item in range(made.ladder.current.size):
        columns = set(np.flatnonzero(made.allowed[item]).tolist())
        choices.append(sorted(columns | {int(made.ladder.current[item])} if item in keeping or not columns else columns))
    return itertools.product(*choices)


def reopened(made: Problem, plan: tuple[int, ...]) -> frozenset[int]:
    """Items that may keep their prices though that is not allowed: what is tied to one that does, or all where that one is tied to none."""
    count = made.ladder.current.size
    odd = {i for i, k in enumerate(plan) if made.allowed[i].any() and not made.allowed[i, k]}
    pairs = [] if made.ties is None else list(zip(made.ties.first.tolist(), made.ties.second.tolist(), strict=True))
    if odd - {item for pair in pairs for item in pair}:
        return frozenset(range(count))
    found, size = odd, -1
    while len(found) > size:
        size = len(found)
        found = found | {item for pair in pairs if found & set(pair) for item in pair}
    return frozenset(found)


def best(made: Problem, keeping: frozenset[int] = frozenset(), mends: frozenset[int] = frozenset()) -> float:
    """Value of the best plan that keeps every limit and breaks none of the ties `mends`; -inf where none does."""
    limits = made.ties is not None or made.couplings
    lawful = (plan for plan in plans(made, keeping) if not limits or (kept(made, plan) and not mends & torn(made, plan)))
    return max((value(made, plan) for plan in lawful), default=-np.inf)


def torn(made: Problem, plan: tuple[int, ...]) -> frozenset[int]:
    """Numbers of the ties that the prices of a plan break, moved or not."""
    if made.ties is None:
        return frozenset()
    prices = [int(made.ladder.prices[i, k]) for i, k in enumerate(plan)]
    pairs = zip(made.ties.first.tolist(), made.ties.second.tolist(), made.ties.low.tolist(), made.ties.high.tolist(), strict=True)
    return frozenset(
        number for number, (a, b, low, high) in enumerate(pairs) if not low * prices[a] - 1e-9 <= prices[b] <= high * prices[a] + 1e-9
    )


def mendable(made: Problem) -> bool:
    """Whether some plan of allowed columns keeps every tie, and no tied item has today's price alone."""
    if made.ties is None or not made.allowed.any(axis=1).all():
        return False
    tied = set(made.ties.first.tolist()) | set(made.ties.second.tolist())
    free = all(made.allowed[i].sum() > 1 or not made.allowed[i, made.ladder.current[i]] for i in tied)
    return free and any(not torn(made, plan) for plan in plans(made))


def chain(draw: np.random.Generator, goods: int = 3, stores: int = 2, width: int = 5) -> Problem:
    """A chain: each of its goods has one price in all stores, in which it sells otherwise, answers otherwise, and feels the others."""
    good, store = np.tile(np.arange(goods), stores), np.repeat(np.arange(stores), goods)
    steps = np.round(draw.uniform(600, 1500, goods)[:, None] * np.linspace(0.85, 1.15, width) + draw.uniform(0, 9, (goods, width)))
    prices = steps[good].astype(np.int64)
    current = draw.integers(0, width, goods)[good]
    own = prices[np.arange(good.size), current]
    elasticity, base = -draw.uniform(1.2, 4.5, good.size), np.exp(draw.normal(1, 0.7, good.size))
    units = base[:, None] * np.exp(elasticity[:, None] * np.log(prices / own[:, None]))
    first = np.flatnonzero(store > 0)
    one = np.ones(first.size)
    return Problem(
        ladder=Ladder(prices, np.ones(prices.shape, dtype=bool), current),
        allowed=np.ones(prices.shape, dtype=bool),
        curves=curves(units, base, draw.uniform(0.0, 1.0, good.size), store),
        net=np.full(good.size, 0.9),
        kept=np.full(good.size, 0.7),
        landed=0.4 * steps.mean(axis=1)[good],
        returned=np.zeros(good.size),
        weights={"profit": 1.0},
        ties=Ties(first - goods, first, one, one),
    )
