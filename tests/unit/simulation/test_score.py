"""Marks, baselines and the ceiling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricesmith.simulation.baselines import BASELINES, alone
from pricesmith.simulation.ceiling import ceiling, cross_mean, posterior
from pricesmith.simulation.information import precision
from pricesmith.simulation.optimum import optimum
from pricesmith.simulation.score import Answer, captured, coverage, score, violations
from pricesmith.simulation.shop import SimulatedShop, simulate


@pytest.fixture(scope="module")
def shop() -> SimulatedShop:
    return simulate("plain", np.random.default_rng(0), products=80, days=300)


def test_keeping_prices_captures_nothing_and_the_optimum_all(shop: SimulatedShop) -> None:
    best = optimum(shop.truth, np.random.default_rng(0))
    assert captured(shop.truth, shop.truth.current, best) == 0.0
    assert captured(shop.truth, best, best) == 1.0


def test_forbidden_prices_are_counted(shop: SimulatedShop) -> None:
    plan = shop.truth.current.copy()
    assert violations(shop.truth, plan) == 0
    plan[:3] = plan[:3] * 3
    assert violations(shop.truth, plan) == 3


def test_coverage_counts_only_given_intervals(shop: SimulatedShop) -> None:
    true = shop.truth.elasticity(shop.truth.current)
    low, high = true - 0.1, true + 0.1
    low[:20], high[20:40] = true[:20] + 0.05, np.nan
    assert coverage(shop.truth, Answer(shop.truth.current, true, low, high)) == pytest.approx(40 / 60)
    assert np.isnan(coverage(shop.truth, Answer.of(shop.truth.current, true)))


def test_score_names_wrong_signs_and_errors(shop: SimulatedShop) -> None:
    true = shop.truth.elasticity(shop.truth.current)
    wrong = true + 0.5
    wrong[0] = 0.2
    marks = score(shop.truth, Answer.of(shop.truth.current, wrong), optimum(shop.truth, np.random.default_rng(0)))
    assert marks["wrong_sign"] == 1 + int((wrong[1:] >= 0).sum())
    assert marks["bias"] == pytest.approx((wrong - true).mean())


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_obey_the_rules(shop: SimulatedShop, name: str) -> None:
    given = BASELINES[name](shop.truth, shop.tables)
    assert violations(shop.truth, given.prices) == 0
    assert np.isfinite(given.elasticity).all()


def test_per_product_baseline_is_least_squares(shop: SimulatedShop) -> None:
    given = BASELINES["per_product"](shop.truth, shop.tables).elasticity
    for number in (0, 17):
        rows = shop.tables["sales"].filter(sku=shop.truth.sku[number])
        slope, _ = np.polyfit(np.log(rows["price"].to_numpy()), np.log1p(rows["units"].to_numpy()), 1)
        assert given[number] == pytest.approx(slope, rel=1e-6)


def test_alone_meets_the_closed_form() -> None:
    """Constant elasticity: the best kept price is landed * e / (1 + e)."""
    known = simulate("jpy", np.random.default_rng(2), products=30, days=60).truth
    elasticity = np.full(30, -2.5)
    best = known.landed * known.unit * (2.5 / 1.5) / known.kept_rate
    inside = np.abs(best / known.current - 1) < known.law.max_change * 0.9
    free = inside & ~np.isfinite(known.law.low) & ~np.isfinite(known.law.high)
    assert free.any()
    assert alone(known, elasticity)[free] == pytest.approx(best[free], rel=0.01)


def test_the_ceiling_is_calibrated_and_lawful() -> None:
    shops = [simulate("plain", np.random.default_rng(seed), products=150, days=300) for seed in range(3)]
    given = [ceiling(made.truth, np.random.default_rng(9)) for made in shops]
    inside = np.mean([coverage(made.truth, answer) for made, answer in zip(shops, given, strict=True)])
    assert 0.84 < inside < 0.97
    assert all(violations(made.truth, answer.prices) == 0 for made, answer in zip(shops, given, strict=True))


def test_precision_is_that_of_generalised_least_squares() -> None:
    rng = np.random.default_rng(0)
    columns, expected = rng.normal(0.0, 0.1, (2, 70, 2)), rng.uniform(2.0, 6.0, (70, 2))
    observed = rng.random((70, 2)) < 0.8
    stated = precision(columns, expected, observed, 0.2, 0.3, 0.6)
    week = np.arange(70) // 7
    for number in range(2):
        on = observed[:, number]
        shock = 0.09 * 0.6 ** np.abs(np.subtract.outer(week[on], week[on]))
        covariance = np.diag(1 / expected[on, number] + 0.2) + shock
        design = np.column_stack([np.ones(on.sum()), *columns[:, on, number]])
        whole = np.linalg.inv(design.T @ np.linalg.solve(covariance, design))
        assert np.linalg.inv(stated[number]) == pytest.approx(whole[1:, 1:], rel=1e-8)


def test_a_price_that_never_moved_says_nothing() -> None:
    still = precision(np.zeros((1, 30, 1)), np.ones((30, 1)), np.ones((30, 1), dtype=bool), 0.2, 0.3, 0.6)
    assert np.abs(still).max() < 1e-9


def test_posterior_shrinks_to_the_prior_where_nothing_was_seen_and_to_the_truth_where_much_was() -> None:
    known = simulate("families", np.random.default_rng(1), products=60, days=100).truth
    own, cross = known.elasticity(known.current), known.cross_elasticity(known.current)
    blind = replace(known, precision=np.zeros((60, 2, 2)))
    mean, variance = posterior(blind, own, cross, np.random.default_rng(0))
    assert mean[:, 0] == pytest.approx(known.prior, abs=1e-9)
    related = known.response.gather(np.broadcast_to(known.response.member.sum(1)[:, None], known.response.slot.shape)) > 1
    assert mean[:, 1] == pytest.approx(np.where(related, cross_mean(known, cross), 0.0), abs=1e-9)
    wide = known.spread["family_sd"] ** 2 + known.spread["product_sd"] ** 2
    assert variance[:, 0] == pytest.approx(np.full(60, wide), rel=1e-9)
    sharp = replace(known, precision=np.tile(1e10 * np.eye(2), (60, 1, 1)))
    mean, _ = posterior(sharp, own, cross, np.random.default_rng(0))
    assert mean == pytest.approx(np.stack([own, cross], 1), abs=1e-3)


def test_cross_elasticity_is_the_numerical_one() -> None:
    known = simulate("families", np.random.default_rng(3), products=40, days=60).truth
    stated = known.cross_elasticity(known.current)
    for product in range(0, 40, 6):
        family = next(row for row in known.response.slot if product in row)
        mates = np.isin(np.arange(40), family[family >= 0]) & (np.arange(40) != product)
        up, down = (np.log(known.units(known.current * np.exp(sign * 1e-5 * mates))[product]) for sign in (1.0, -1.0))
        assert (up - down) / 2e-5 == pytest.approx(stated[product], abs=1e-6)
