"""Tied items: components, shared prices, and the best plan of a component against every plan."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.contracts.rule import Ties
from pricesmith.optimization import tied
from pricesmith.optimization.tied import best_plan, components, mended, shared_plans


def ties(*pairs: tuple[int, int, float, float]) -> Ties:
    first, second, low, high = (np.array(part) for part in zip(*pairs, strict=True))
    return Ties(first, second, low.astype(float), high.astype(float))


def test_components_by_hand() -> None:
    prices, current = np.tile([90, 100, 110], (6, 1)), np.array([1, 1, 1, 1, 1, -1])
    found = components(ties((0, 1, 1, 1), (2, 3, 1.0, 1.2), (4, 5, 1, 1), (1, 1, 1, 1)), prices, current)
    assert [(part.items.tolist(), part.equal) for part in found] == [([0, 1], True), ([2, 3], False)]
    together = found[1].meets[(0, 1)]
    assert together.tolist() == [[True, True, False], [False, True, True], [False, False, True]]


def test_shared_prices_and_keeping_apart() -> None:
    prices = np.array([[90, 100, 110], [100, 110, 130]])
    found = components(ties((0, 1, 1, 1)), prices, np.array([0, 2]))[0]
    opened = np.ones((2, 3), dtype=bool)
    assert shared_plans(found, prices, opened, np.array([0, 2])).tolist() == [[1, 0], [2, 1], [0, 2]]
    opened[0, 0] = False
    assert shared_plans(found, prices, opened, np.array([0, 2])).tolist() == [[1, 0], [2, 1]]


def test_a_group_of_one_price_moves_as_one_inside_a_wider_component() -> None:
    prices, current = np.tile([90, 100, 110], (4, 1)), np.array([0, 1, 2, 1])
    found = components(ties((0, 1, 1, 1), (1, 2, 1, 1), (2, 3, 0.5, 2.0)), prices, current)[0]
    value = np.array([[0, 0, 9.0], [0, 5.0, 0], [0, 0, 1.0], [0, 1.0, 0]])
    plan, _ = best_plan(found, value, np.ones((4, 3), dtype=bool))
    assert plan is not None
    assert plan.tolist() in ([2, 2, 2, 1], [0, 1, 2, 1])
    assert value[np.arange(4), plan].sum() == 11.0


def test_the_best_plan_against_every_plan() -> None:
    draw = np.random.default_rng(1)
    for _ in range(60):
        count, width = 4, 5
        prices = np.sort(draw.integers(80, 130, (count, width)), axis=1)
        pairs = [(a, b, draw.uniform(0.8, 1.0), draw.uniform(1.0, 1.2)) for a, b in itertools.combinations(range(count), 2)]
        made = components(ties(*pairs), prices, draw.integers(0, width, count))[0]
        value, opened = draw.uniform(0, 1, (count, width)), draw.random((count, width)) < 0.9
        plan, bound = best_plan(made, value, opened)
        lawful = [
            sum(value[i, k] for i, k in enumerate(taken))
            for taken in itertools.product(*(np.flatnonzero(row) for row in opened))
            if all(together[taken[a], taken[b]] for (a, b), together in made.meets.items())
        ]
        if not lawful:
            assert (plan, bound) == (None, -np.inf)
        else:
            assert plan is not None
            assert value[np.arange(count), plan].sum() == pytest.approx(max(lawful))
            assert bound == pytest.approx(max(lawful))


def test_a_search_cut_short_still_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    prices = np.sort(draw.integers(80, 130, (5, 8)), axis=1)
    pairs = [(a, b, 0.97, 1.03) for a, b in itertools.combinations(range(5), 2)]
    made = components(ties(*pairs), prices, np.zeros(5, dtype=np.int64))[0]
    value, opened = draw.uniform(0, 1, (5, 8)), np.ones((5, 8), dtype=bool)
    _, exact = best_plan(made, value, opened)
    monkeypatch.setattr(tied, "NODES", 2)
    _, bound = best_plan(made, value, opened)
    assert bound >= exact


def test_current_prices_that_break_a_tie_are_mended_where_that_can_be() -> None:
    """Against every plan: where one keeps all ties, no other is left; where none does, all that keeps or leaves pairs as they are is."""
    draw, seen = np.random.default_rng(2), {True: 0, False: 0}
    for _ in range(200):
        count, width = 4, 4
        prices = np.sort(draw.integers(80, 130, (count, width)), axis=1)
        chosen = [pair for pair in itertools.combinations(range(count), 2) if draw.random() < 0.6] or [(0, 1)]
        pairs = [(a, b, draw.uniform(0.85, 1.0), draw.uniform(1.0, 1.15)) for a, b in chosen]
        current = draw.integers(0, width, count)
        opened = draw.random((count, width)) < 0.7
        opened[np.arange(count), current] = True
        for made in (mended(one, prices, opened, current) for one in components(ties(*pairs), prices, current)):
            inside = [pair for pair in pairs if pair[0] in made.items and pair[1] in made.items]
            bound = ties(*inside)
            plans = [
                dict(zip(made.items.tolist(), one, strict=True))
                for one in itertools.product(*(np.flatnonzero(opened[i]) for i in made.items))
            ]
            lawful = [plan for plan in plans if bound.met(np.array([prices[i, plan.get(i, 0)] for i in range(count)])).all()]
            left = [
                plan for plan in plans if all(together[plan[made.items[a]], plan[made.items[b]]] for (a, b), together in made.meets.items())
            ]
            stuck = (opened[made.items].sum(axis=1) == 1).any()
            if lawful and not stuck:
                assert left == lawful
            keeps = {i: int(current[i]) for i in made.items.tolist()}
            assert made.stays == (keeps in left)
            assert left and all(plan in left for plan in lawful)
            seen[bool(lawful)] += 1
    assert min(seen.values()) > 20


def test_nobody_must_follow_a_member_that_can_do_nothing_else() -> None:
    """0, 1 and 2 are to share a price and 0 is held; that 3 follows 2 by a ratio changes nothing of it."""
    prices, current = np.tile([1000, 1200, 1300], (4, 1)), np.array([0, 1, 2, 2])
    opened = np.ones((4, 3), dtype=bool)
    opened[0] = [True, False, False]
    for pairs in (((0, 1, 1, 1), (1, 2, 1, 1)), ((0, 1, 1, 1), (1, 2, 1, 1), (2, 3, 0.5, 2.0))):
        found = mended(components(ties(*pairs), prices, current)[0], prices, opened, current)
        assert found.stays
    free = np.ones((4, 3), dtype=bool)
    assert not mended(found, prices, free, current).stays


def test_a_shared_price_is_found_where_one_is_open_to_all_who_can_move() -> None:
    prices, current, opened = np.array([[90, 100, 110], [100, 110, 130]]), np.array([0, 2]), np.ones((2, 3), dtype=bool)
    found = mended(components(ties((0, 1, 1, 1)), prices, current)[0], prices, opened, current)
    assert not found.stays
    assert shared_plans(found, prices, opened, current).tolist() == [[1, 0], [2, 1]]
    for closed in (np.array([[True, True, True], [False, False, True]]), np.array([[True, False, False], [True, True, True]])):
        left = mended(components(ties((0, 1, 1, 1)), prices, current)[0], prices, closed, current)
        assert left.stays
        assert shared_plans(left, prices, closed, current).tolist() == [[0, 2]]
    now = np.array([1, 0])
    assert mended(components(ties((0, 1, 1, 1)), prices, now)[0], prices, opened, now).stays
