"""The multiple-choice knapsack: bounds from any multipliers, repair, and small cases against every plan."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pricesmith.optimization.dual import Knapsack, Layer, bound, multipliers
from pricesmith.optimization.knapsack import SAMPLE, pack
from pricesmith.optimization.rounding import feasible, improve


def sack(seed: int, items: int = 6, width: int = 4, rows: int = 2) -> tuple[Knapsack, np.ndarray]:
    """A knapsack with floors by group and one cap, and a plan that keeps them."""
    draw = np.random.default_rng(seed)
    value = draw.uniform(0, 10, (items, width))
    value[draw.random(value.shape) < 0.1] = -np.inf
    value[:, 0] = draw.uniform(0, 3, items)
    floor, cap = draw.uniform(0, 5, value.shape), draw.uniform(0, 5, value.shape)
    group = draw.integers(-1, rows, items)
    plan = np.zeros(items, dtype=np.int64)
    layers = (Layer(group, floor), Layer(np.full(items, rows), cap))
    lower, upper = np.append(np.full(rows, -np.inf), -np.inf), np.append(np.full(rows, np.inf), np.inf)
    sums = Knapsack(value, layers, lower, upper).sums(plan)
    lower[:rows], upper[rows] = sums[:rows], sums[rows] * draw.uniform(1.0, 1.3)
    return Knapsack(value, layers, lower, upper), plan


def best(made: Knapsack) -> float:
    """Value of the best plan of all."""
    items = np.arange(made.value.shape[0])
    plans = np.array(list(itertools.product(range(made.value.shape[1]), repeat=items.size)))
    sums = np.zeros((len(plans), made.lower.size))
    for layer in made.layers:
        for item in items[layer.row >= 0]:
            sums[:, layer.row[item]] += layer.weight[item, plans[:, item]]
    kept = ((sums >= made.lower - 1e-9) & (sums <= made.upper + 1e-9)).all(axis=1)
    return float(made.value[items, plans].sum(axis=1)[kept].max(initial=-np.inf))


def test_small_knapsacks_against_every_plan() -> None:
    lost = []
    for seed in range(120):
        made, plan = sack(seed)
        found, top = pack(made, plan), best(made)
        assert found.kept
        assert feasible(made, found.columns)
        assert found.value == pytest.approx(made.worth(found.columns))
        assert found.value <= top + 1e-9
        assert found.bound >= top - 1e-9
        lost.append(1 - found.value / top)
    assert np.mean(np.array(lost) > 1e-9) < 0.15
    assert np.mean(lost) < 0.01


def test_any_multipliers_bound_every_plan() -> None:
    draw = np.random.default_rng(1)
    for seed in range(40):
        made, _ = sack(seed)
        nu = np.append(draw.exponential(1.0, 2), -draw.exponential(1.0))
        assert bound(made, nu) >= best(made) - 1e-9


def test_multipliers_come_close_to_the_best_bound() -> None:
    made, _ = sack(3, items=60, width=6, rows=3)
    nu, _ = multipliers(made)
    draw = np.random.default_rng(2)
    assert all(bound(made, nu) <= bound(made, nu * draw.uniform(0.9, 1.1, nu.size)) + 2e-4 * abs(bound(made, nu)) for _ in range(50))
    assert (nu[:-1] >= 0).all()
    assert nu[-1] <= 0


def test_slack_rows_cost_nothing() -> None:
    made, _ = sack(4)
    loose = Knapsack(made.value, made.layers, np.full(3, -np.inf), np.full(3, np.inf))
    found = pack(loose)
    assert found.value == found.bound == made.value.max(axis=1).sum()
    assert not found.nu.any()
    assert pack(Knapsack(made.value, (), np.zeros(0), np.zeros(0))).value == found.value


def test_rows_that_no_plan_keeps_are_told() -> None:
    made, plan = sack(5)
    hopeless = Knapsack(made.value, made.layers, np.full(3, 1e6), np.full(3, np.inf))
    assert not pack(hopeless).kept
    assert not pack(hopeless, plan).kept


def test_the_fallback_is_taken_where_repair_fails() -> None:
    value = np.array([[0.0, 5.0, 4.0]] * 4)
    weight = np.array([[0.0, 1.0, -1.0]] * 4)
    made = Knapsack(value, (Layer(np.zeros(4, dtype=np.int64), weight),), np.array([0.0]), np.array([0.0]))
    columns, kept, _ = improve(made, np.zeros(1), np.zeros(4, dtype=np.int64))
    assert kept
    assert feasible(made, columns)
    assert made.worth(columns) == 18.0


def test_two_sided_rows_and_rows_with_many_groups() -> None:
    draw = np.random.default_rng(6)
    items, rows = 900, 350
    value, weight = draw.uniform(0, 10, (items, 5)), draw.uniform(-1, 1, (items, 5))
    weight[:, 0] = 0.0
    made = Knapsack(value, (Layer(draw.integers(0, rows, items), weight),), np.full(rows, -0.1), np.full(rows, 0.1))
    found = pack(made, np.zeros(items, dtype=np.int64))
    assert found.kept
    assert feasible(made, found.columns)
    assert found.bound >= found.value > made.value[:, 0].sum()


def test_large_knapsacks_start_from_a_sample_and_ignore_the_order() -> None:
    made, plan = sack(7, items=4 * SAMPLE + 10, width=5, rows=4)
    one = pack(made, plan)
    order = np.random.default_rng(8).permutation(plan.size)
    other = pack(made.part(order), plan)
    assert one.kept
    assert 1 - one.value / one.bound < 1e-4
    assert other.value == pytest.approx(one.value, rel=1e-5)
