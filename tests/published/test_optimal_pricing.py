"""Optimal prices against printed digits, bounds from the papers, and every plan there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp, minimize, minimize_scalar

from pricesmith.optimization.dual import Knapsack, Layer
from pricesmith.optimization.exact.category_sum import best_category, fixed_sum, linear_relaxation, reachable_sums, relaxed
from pricesmith.optimization.exact.closed_forms import constant_elasticity, exponential, linear, logit, multinomial_logit
from pricesmith.optimization.exact.finite_horizon import (
    best_price,
    deterministic_bound,
    expected_revenue,
    fixed_price_revenue,
    stepped_revenue,
)
from pricesmith.optimization.exact.markdown import Season, fluid_bound, optimal_policy, simulate
from pricesmith.optimization.exact.min_cut import Pairwise, best_substitutes, relaxed_plan
from pricesmith.optimization.exact.promotion import Calendar, guarantee, plan_promotions, single_effects
from pricesmith.optimization.exact.zones import zonings
from pricesmith.optimization.knapsack import pack
from pricesmith.optimization.rounding import feasible

# One product: the Lerner rule


def test_lerner_printed_digits() -> None:
    assert constant_elasticity(2.0, -3.0) == pytest.approx(3.0, abs=1e-12)
    assert exponential(2.0, 0.7) == pytest.approx(3.428571, abs=5e-7)
    assert logit(2.0, 3.0, 1.2) == pytest.approx(3.195179, abs=5e-7)


def test_closed_forms_against_a_bounded_search() -> None:
    draw = np.random.default_rng(1)
    for _ in range(250):
        cost, slope, level, steep = draw.uniform(0.2, 3), draw.uniform(0.3, 2), draw.uniform(-1, 4), -draw.uniform(1.3, 6)
        choke = draw.uniform(1.2, 4.0) * cost * slope
        curves = (
            (constant_elasticity(cost, steep), lambda p, e=steep: p**e),
            (linear(cost, choke, slope), lambda p, a=choke, b=slope: a - b * p),
            (exponential(cost, slope), lambda p, b=slope: np.exp(-b * p)),
            (logit(cost, level, slope), lambda p, a=level, b=slope: 1.0 / (1.0 + np.exp(b * p - a))),
        )
        for price, demand in curves:
            best = float(price)
            found = minimize_scalar(
                lambda p, d=demand, c=cost: -(p - c) * d(p), bounds=(cost, 2 * best), method="bounded", options={"xatol": 1e-10}
            )
            profit = (best - cost) * demand(best)
            assert profit >= -found.fun * (1 - 1e-9)
            assert best == pytest.approx(found.x, rel=1e-6)


@pytest.mark.parametrize("elasticity", [-1.0, -0.5, 0.0])
def test_no_optimum_where_demand_is_inelastic(elasticity: float) -> None:
    with pytest.raises(ValueError, match="below -1"):
        constant_elasticity(1.0, elasticity)


def test_no_optimum_where_demand_does_not_fall() -> None:
    for call in (lambda: exponential(1.0, 0.0), lambda: linear(1.0, 1.0, -1.0), lambda: logit(1.0, 1.0, 0.0)):
        with pytest.raises(ValueError, match="fall"):
            call()


# Several products in one logit: equal markups


def test_equal_markup_printed_digits() -> None:
    prices, profit = multinomial_logit([0.5, 1.0, 0.2], [1.0, 2.0, 0.5], 1.3)
    assert prices - np.array([0.5, 1.0, 0.2]) == pytest.approx(1.374939, abs=5e-7)
    assert profit == pytest.approx(0.6057082, abs=5e-8)


def test_equal_markup_against_a_search_from_many_starts() -> None:
    draw = np.random.default_rng(2)
    cost, level, slope = draw.uniform(0.2, 1.5, 4), draw.uniform(0, 2, 4), 1.1
    best, profit = multinomial_logit(cost, level, slope)

    def loss(prices: np.ndarray) -> float:
        weight = np.exp(level - slope * prices)
        return -float((prices - cost) @ weight / (1.0 + weight.sum()))

    assert -loss(best) == pytest.approx(profit, rel=1e-12)
    found = [minimize(loss, cost + draw.uniform(0.3, 2.5, 4), method="BFGS", options={"gtol": 1e-11}) for _ in range(20)]
    assert max(-run.fun for run in found) == pytest.approx(profit, abs=1e-8)
    closest = min(found, key=lambda run: run.fun)
    assert closest.x - cost == pytest.approx(best - cost, abs=1e-5)
    assert np.ptp(best - cost) <= 1e-12


# A stock to be sold in a season (Gallego & van Ryzin 1994)

SEASON = {"rate": 40.0, "alpha": 1.0, "time": 1.0}


def test_finite_horizon_printed_digits() -> None:
    revenue = expected_revenue(20, **SEASON)
    assert revenue[[1, 5, 10, 20]] == pytest.approx([2.754627, 9.031026, 12.697616, 14.640859], abs=1e-6)
    bounds = [deterministic_bound(n, **SEASON) for n in (1, 5, 10, 20)]
    assert bounds == pytest.approx([3.688879, 10.397208, 13.862944, 14.715178], abs=5e-7)
    ratios = [fixed_price_revenue(n, **SEASON) / revenue[n] for n in (1, 5, 10, 20)]
    assert ratios == pytest.approx([0.84651, 0.94926, 0.95518, 0.99285], abs=1e-5)


def test_the_dynamic_programme_meets_the_closed_form_and_halves_its_error() -> None:
    exact = expected_revenue(20, **SEASON)
    errors = [float(np.abs(stepped_revenue(20, steps=steps, **SEASON) - exact).max()) for steps in (5_000, 10_000, 20_000)]
    assert errors[2] <= 4e-4
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(2.0, rel=0.02)


def test_one_price_earns_at_least_its_guarantee() -> None:
    revenue = expected_revenue(500, **SEASON)
    for stock in range(1, 501):
        ratio = fixed_price_revenue(stock, **SEASON) / revenue[stock]
        assert 1.0 - 1.0 / (2.0 * np.sqrt(min(stock, 40.0 / np.e))) <= ratio <= 1.0 + 1e-12
        assert revenue[stock] <= deterministic_bound(stock, **SEASON) + 1e-12


def test_the_best_prices_earn_what_is_promised() -> None:
    draw, steps, runs = np.random.default_rng(3), 1000, 4000
    left, earned = np.full(runs, 5), np.zeros(runs)
    for step in range(steps):
        price = np.append(np.inf, best_price(5, 1.0 - step / steps, 40.0, 1.0))[left]
        sold = (draw.random(runs) < 40.0 * np.exp(-price) / steps) & (left > 0)
        earned[sold] += price[sold]
        left -= sold
    error = earned.std() / np.sqrt(runs)
    assert earned.mean() == pytest.approx(expected_revenue(5, **SEASON)[5], abs=4 * error + 2e-3)


# Clearing a stock on a ladder


def season(seed: int, falling: bool) -> Season:
    draw = np.random.default_rng(seed)
    prices = np.sort(draw.uniform(2, 10, 4))[::-1]
    mean = draw.uniform(0.5, 3.0, (5, 1)) * np.exp(-draw.uniform(0.1, 0.5) * (prices - prices[0]))[None, :]
    return Season(prices, mean, int(draw.integers(3, 15)), float(draw.uniform(0, 1.5)), falling)


def test_no_policy_beats_the_fluid_bound() -> None:
    for seed in range(25):
        free, falling = (optimal_policy(season(seed, way)).value[-1] for way in (False, True))
        bound, shares = fluid_bound(season(seed, False))
        assert falling <= free + 1e-9
        assert free <= bound + 1e-9
        assert ((shares > 1e-9) & (shares < 1 - 1e-9)).any(axis=1).sum() <= 1
        assert (shares > 1e-9).sum(axis=1).max() <= 2


def test_markdowns_only_fall_and_earn_what_is_promised() -> None:
    made = season(7, True)
    policy, draw = optimal_policy(made), np.random.default_rng(4)
    earned = np.empty(3000)
    for run in range(earned.size):
        charged, earned[run] = simulate(made, policy, draw)
        seen = charged[charged >= 0]
        assert (np.diff(seen) >= 0).all()
    assert earned.mean() == pytest.approx(policy.value[-1], abs=4 * earned.std() / np.sqrt(earned.size))


def test_two_hundred_products_that_share_a_budget_against_a_mixed_integer_solver() -> None:
    for seed in range(3):
        draw = np.random.default_rng(seed)
        value, cost = draw.uniform(1, 10, (200, 6)), draw.uniform(0, 5, (200, 6))
        cost[:, 0] = 0.0
        budget = 0.4 * cost[np.arange(200), value.argmax(axis=1)].sum()
        sack = Knapsack(value, (Layer(np.zeros(200, dtype=np.int64), cost),), np.array([-np.inf]), np.array([budget]))
        packed = pack(sack, np.zeros(200, dtype=np.int64))
        one = np.kron(np.eye(200), np.ones(6))
        rows = [LinearConstraint(one, 1, 1), LinearConstraint(cost.ravel()[None, :], -np.inf, budget)]
        exact = milp(-value.ravel(), constraints=rows, integrality=np.ones(1200), bounds=(0, 1))
        assert feasible(sack, packed.columns)
        assert packed.value <= -exact.fun * (1 + 1e-6)
        assert packed.bound >= -exact.fun * (1 - 1e-6)
        assert packed.value >= -exact.fun * (1 - 1e-3)
        assert packed.bound - packed.value <= 0.01 * packed.bound


# A category whose demand answers to the sum of its prices (Ferreira, Lee & Simchi-Levi 2016)


def category(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    prices = np.sort(np.array([draw.choice(np.arange(10, 40), 4, replace=False) for _ in range(6)]), axis=1)
    return prices, draw.uniform(20, 90, 6), draw.uniform(0.3, 2.5, 6)


def test_six_products_on_four_prices_against_every_plan() -> None:
    for seed in range(6):
        prices, level, pull = category(seed)

        def revenue(total: int, prices: np.ndarray = prices, level: np.ndarray = level, pull: np.ndarray = pull) -> np.ndarray:
            relative = prices * 6.0 / total
            return prices * level[:, None] * np.exp(-1.2 * prices / 20.0) * relative ** -pull[:, None]

        plans = np.array(list(itertools.product(range(4), repeat=6)))
        totals = prices[np.arange(6), plans].sum(axis=1)
        worth = np.empty(len(plans))
        for total in np.unique(totals):
            here = totals == total
            worth[here] = revenue(int(total))[np.arange(6), plans[here]].sum(axis=1)
        found = best_category(prices, revenue)
        assert found.revenue == pytest.approx(worth.max(), rel=1e-12)
        assert found.total == prices[np.arange(6), found.columns].sum()
        assert found.solved < found.reachable
        assert (reachable_sums(prices) == np.unique(totals)).all()


def test_the_relaxation_of_a_sum_splits_one_product_at_most() -> None:
    prices, level, _ = category(11)
    value = prices * level[:, None] * np.exp(-prices / 15.0)
    for total in reachable_sums(prices)[::9]:
        bound, shares = linear_relaxation(prices, value, int(total))
        assert ((shares > 1e-9) & (shares < 1 - 1e-9)).any(axis=1).sum() <= 1
        assert (shares > 1e-9).sum(axis=1).max() <= 2
        assert relaxed(prices, value, int(total)) == pytest.approx(bound, rel=1e-6)
        assert fixed_sum(prices, value, int(total))[1] <= bound + 1e-9


# Products that act on one another in pairs (Ito & Fujimaki 2017)


def pairwise(seed: int, substitutes: bool) -> Pairwise:
    draw = np.random.default_rng(seed)
    price = np.sort(draw.uniform(1, 5, (5, 4)), axis=1)
    effect = np.empty((5, 5, 4))
    for i, j in itertools.product(range(5), repeat=2):
        steps = np.sort(draw.uniform(0, 3, 4)) if substitutes else np.cumsum(draw.normal(0, 1, 4))
        effect[i, j] = np.sort(draw.uniform(5, 20, 4))[::-1] if i == j else steps
    return Pairwise(price - draw.uniform(0.3, 1.5, 5)[:, None], effect)


PLANS = np.array(list(itertools.product(range(4), repeat=5)))


def best_of_all(market: Pairwise) -> float:
    every = np.arange(5)
    demand = np.stack([market.effect[:, every, plan].sum(axis=1) for plan in PLANS])
    return float((market.margin[every, PLANS] * demand).sum(axis=1).max())


def test_the_minimum_cut_is_the_best_plan_of_substitutes() -> None:
    for seed in range(100):
        market = pairwise(seed, True)
        assert market.profit(best_substitutes(market)) == pytest.approx(best_of_all(market), rel=1e-9)


def test_the_relaxation_bounds_any_mix_of_signs() -> None:
    for seed in range(30):
        market = pairwise(seed, False)
        plan, bound = relaxed_plan(market)
        best = best_of_all(market)
        assert bound >= best - 1e-7 * abs(best)
        assert market.profit(plan) <= best + 1e-9 * abs(best)


def test_the_relaxation_of_substitutes_is_exact() -> None:
    for seed in range(20):
        market = pairwise(seed, True)
        plan, bound = relaxed_plan(market)
        assert bound == pytest.approx(best_of_all(market), rel=1e-9)
        assert market.profit(plan) == pytest.approx(bound, rel=1e-9)


def test_a_minimum_cut_refuses_complements() -> None:
    with pytest.raises(ValueError, match="substitutes"):
        best_substitutes(pairwise(1, False))


# Promotions (Cohen et al. 2017)


def calendar(seed: int, memory: int) -> Calendar:
    draw = np.random.default_rng(seed)
    prices = np.array([1.0, 0.85, 0.7])
    base = draw.uniform(50, 150, (8, 1)) * prices[None, :] ** -draw.uniform(2.5, 5.0)
    reach = np.linspace(0.5, 0.95, memory)[:, None]
    after = np.clip(1.0 - (1.0 - reach) * (1.0 - prices)[None, :] / 0.3 * draw.uniform(0.3, 1.0), 0.0, 1.0)
    return Calendar(prices, 0.45, base, after)


def lawful(most: int, apart: int) -> list[np.ndarray]:
    """Plans with at most `most` promotions, `apart` regular periods between two."""
    plans = []
    for count in range(most + 1):
        for periods in itertools.combinations(range(8), count):
            if all(b - a > apart for a, b in itertools.pairwise(periods)):
                for depths in itertools.product((1, 2), repeat=count):
                    plan = np.zeros(8, dtype=np.int64)
                    plan[list(periods)] = depths
                    plans.append(plan)
    return plans


@pytest.mark.parametrize(("apart", "memory"), [(2, 2), (3, 2), (1, 1)])
def test_promotions_far_apart_are_planned_exactly(apart: int, memory: int) -> None:
    plans = lawful(3, apart)
    for seed in range(12):
        made = calendar(seed, memory)
        columns, value, shares = plan_promotions(single_effects(made), 3, apart)
        never = made.profit(np.zeros(8, dtype=np.int64))
        best = max(made.profit(plan) for plan in plans)
        assert np.abs(shares - np.rint(shares)).max() < 1e-9
        assert never + value == pytest.approx(best, rel=1e-9)
        assert made.profit(columns) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("seeds", [range(1000, 1080), pytest.param(range(2000, 2500), marks=pytest.mark.real)])
def test_promotions_close_together_keep_the_guarantee(seeds: range) -> None:
    plans = lawful(3, 1)
    for seed in seeds:
        made = calendar(seed, 3)
        columns, _, shares = plan_promotions(single_effects(made), 3, 1)
        best = max(made.profit(plan) for plan in plans)
        assert np.abs(shares - np.rint(shares)).max() < 1e-9
        assert made.profit(columns) >= guarantee(made.after, 3, 1) * best - 1e-9
        assert any((columns == plan).all() for plan in plans)


# Zones


def test_zones_lie_between_one_price_and_a_price_for_each_store() -> None:
    draw = np.random.default_rng(5)
    price = np.linspace(0.8, 1.4, 9)
    elasticity = -draw.uniform(1.5, 6.0, 12)
    size = draw.uniform(0.5, 2.0, (12, 4, 1))
    value = size * (price - 0.6)[None, None, :] * price[None, None, :] ** elasticity[:, None, None]
    found = zonings(value)
    assert found[0].value == pytest.approx(value.sum(axis=0).max(axis=1).sum())
    assert found[-1].value == pytest.approx(value.max(axis=2).sum())
    assert all(wider.value >= fewer.value for fewer, wider in itertools.pairwise(found))
    assert len(np.unique(found[2].zone)) <= 3


def test_zones_against_every_partition() -> None:
    draw = np.random.default_rng(6)
    reached = []
    for _ in range(10):
        value = draw.uniform(0, 1, (6, 2, 4))
        best = max(
            sum(value[np.array(zone) == z].sum(axis=0).max(axis=1).sum() for z in (0, 1)) for zone in itertools.product((0, 1), repeat=6)
        )
        found = zonings(value)[1].value
        assert found <= best + 1e-12
        reached.append(found / best)
    assert np.mean(reached) >= 0.97
