"""Pooling: exact posteriors, calibrated intervals, spreads found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from pricesmith.demand.estimators.least_squares import least_squares, partial_out
from pricesmith.demand.estimators.moments import block_moments
from pricesmith.demand.estimators.nested_pooling import Spread, pool_nested
from pricesmith.demand.estimators.noise_pooling import moderated_errors, pool_noise
from pricesmith.demand.estimators.pooling import LITERATURE_MEAN, james_stein, pool, restricted_likelihood
from pricesmith.demand.estimators.random_slopes import random_slopes
from pricesmith.demand.estimators.spread_average import pool_over_spread


def test_restricted_likelihood_is_at_its_maximum() -> None:
    random = np.random.default_rng(0)
    variance = random.uniform(0.02, 1.0, 40)
    estimate = random.normal(-2.0, 0.6, 40) + random.normal(0.0, np.sqrt(variance))

    def loss(between: float) -> float:
        weight = 1.0 / (variance + between)
        centre = np.sum(weight * estimate) / np.sum(weight)
        return float(-np.sum(np.log(weight)) + np.log(np.sum(weight)) + np.sum(weight * (estimate - centre) ** 2))

    best = minimize_scalar(loss, bounds=(1e-6, 5.0), method="bounded", options={"xatol": 1e-10}).x
    assert restricted_likelihood(estimate, variance) == pytest.approx(best, abs=1e-5)


@given(st.integers(2, 60), st.floats(0.0, 3.0), st.integers(0, 2**32 - 1))
def test_shrinkage_lies_between_estimate_and_mean(count: int, between: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    estimate, variance = random.normal(-2.0, 2.0, count), random.uniform(0.01, 4.0, count)
    fit = pool(estimate, variance, between=between)
    low, high = np.minimum(estimate, fit.mean), np.maximum(estimate, fit.mean)
    assert ((fit.estimate >= low - 1e-9) & (fit.estimate <= high + 1e-9)).all()
    assert (fit.variance <= variance + fit.mean_error**2 + 1e-9).all()


@pytest.mark.parametrize("products", [8, 30, 300])
def test_averaged_intervals_are_calibrated(products: int) -> None:
    random = np.random.default_rng(1)
    inside = total = 0
    for _ in range(4000 // products):
        variance = random.uniform(0.05, 1.5, products)
        truth = random.normal(-2.2, 0.5, products)
        low, high = pool_over_spread(truth + random.normal(0.0, np.sqrt(variance)), variance).interval(0.9)
        inside += int(np.sum((low <= truth) & (truth <= high)))
        total += products
    assert 0.88 <= inside / total <= 0.93


def test_averaged_posterior_equals_numerical_integration() -> None:
    random = np.random.default_rng(8)
    variance = random.uniform(0.05, 1.0, 12)
    estimate = random.normal(-2.0, 0.6, 12) + random.normal(0.0, np.sqrt(variance))
    fit = pool_over_spread(estimate, variance, top_mean=-2.0, top_variance=1.0, spread_scale=0.5)
    means, squares, weights = [], [], []
    for tau in np.linspace(1e-4, 5.0, 4000):
        covariance = np.ones((12, 12)) + tau**2 * np.eye(12)
        marginal = covariance + np.diag(variance)
        inverse, gap = np.linalg.inv(marginal), estimate + 2.0
        weights.append(-0.5 * np.linalg.slogdet(marginal)[1] - 0.5 * gap @ inverse @ gap + np.log(tau) - 2.0 * tau**2)
        means.append(-2.0 + covariance @ inverse @ gap)
        squares.append(np.diag(covariance - covariance @ inverse @ covariance) + means[-1] ** 2)
    share = np.exp(np.array(weights) - max(weights))
    mean = share @ np.array(means) / share.sum()
    assert fit.estimate == pytest.approx(mean, abs=2e-3)
    assert fit.variance == pytest.approx(share @ np.array(squares) / share.sum() - mean**2, rel=1e-2)


def test_james_stein_keeps_nothing_when_all_is_noise() -> None:
    shrunk, kept = james_stein(np.array([1.0, 1.1, 0.9, 1.0, 1.05]), 1.0)
    assert kept == 0.0
    assert shrunk == pytest.approx(1.01)


def family_tree(random: np.random.Generator, products: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    family = np.sort(random.integers(0, 60, products))
    category = np.sort(random.integers(0, 8, int(family.max()) + 1))
    levels = random.normal(0, 0.5, 8)[category][family] + random.normal(0, 0.3, int(family.max()) + 1)[family]
    truth = -2.2 + levels + random.normal(0, 0.4, products)
    variance = random.uniform(0.05, 2.0, products)
    return truth, truth + random.normal(0, np.sqrt(variance)), variance, (family, category)


def test_nested_posterior_equals_the_dense_one() -> None:
    _, estimate, variance, (family, category) = family_tree(np.random.default_rng(2))
    tree = pool_nested(estimate, variance, (family, category), top_variance=1.5, tolerance=1e-10, steps=5000)
    item, in_family, in_category = tree.between
    shop = category[family]
    prior = 1.5 + in_category * (shop[:, None] == shop) + in_family * (family[:, None] == family) + item * np.eye(len(estimate))
    gain = prior @ np.linalg.inv(prior + np.diag(variance))
    assert tree.estimate[0] == pytest.approx(LITERATURE_MEAN + gain @ (estimate - LITERATURE_MEAN), abs=1e-6)
    assert tree.variance[0] == pytest.approx(np.diag(prior - gain @ prior), abs=1e-6)


def test_nested_intervals_cover() -> None:
    random = np.random.default_rng(3)
    inside = total = 0
    for _ in range(15):
        truth, estimate, variance, parents = family_tree(random)
        low, high = pool_nested(estimate, variance, parents).interval(0.9)
        inside += int(np.sum((low <= truth) & (truth <= high)))
        total += len(truth)
    assert 0.87 <= inside / total <= 0.93


def test_pooling_beats_both_ends() -> None:
    truth, estimate, variance, parents = family_tree(np.random.default_rng(4), 3000)
    tree = pool_nested(estimate, variance, parents)
    error = np.sqrt(np.mean((tree.estimate[0] - truth) ** 2))
    assert error < 0.9 * np.sqrt(np.mean((estimate - truth) ** 2))
    assert error < 0.9 * np.sqrt(np.mean((estimate.mean() - truth) ** 2))


def test_product_without_sales_takes_its_family_honestly() -> None:
    _, estimate, variance, parents = family_tree(np.random.default_rng(5))
    estimate[7], variance[7] = np.nan, np.inf
    tree = pool_nested(estimate, variance, parents)
    home = parents[0][7]
    assert tree.estimate[0][7] == pytest.approx(tree.estimate[1][home], abs=1e-9)
    assert tree.variance[0][7] == pytest.approx(tree.variance[1][home] + tree.between[0], rel=1e-4)


def test_no_data_at_all_gives_the_literature() -> None:
    tree = pool_nested(np.full(3, np.nan), np.full(3, np.inf), (np.array([0, 0, 1]),), top_variance=1.0, spread=Spread(0.2, 5.0))
    assert tree.estimate[0] == pytest.approx(LITERATURE_MEAN)
    assert tree.variance[0] == pytest.approx(1.0 + 2 * 0.2, rel=1e-6)


def test_shop_without_groups() -> None:
    random = np.random.default_rng(6)
    truth = random.normal(-2.0, 0.5, 500)
    variance = np.full(500, 0.3)
    estimate = truth + random.normal(0.0, np.sqrt(0.3), 500)
    tree = pool_nested(estimate, variance, (), top_variance=1e6, spread=Spread(0.25, 0.0), tolerance=1e-12, steps=20_000)
    flat = pool(estimate, variance)
    assert tree.between[0] == pytest.approx(flat.between, rel=1e-4)
    assert tree.estimate[0] == pytest.approx(flat.estimate, abs=1e-4)


def test_random_slopes_are_the_mixed_model() -> None:
    """Against generalised least squares on the dense covariance, at the spread and noise found."""
    random = np.random.default_rng(9)
    products, weeks = 25, 16
    truth = random.normal(-2.0, 0.5, products)
    price, controls = random.standard_normal((products, weeks)), random.standard_normal((products, weeks, 2))
    outcome = random.normal(3.0, 1.0, (products, 1)) + controls @ [0.7, -0.4] + truth[:, None] * price
    outcome += 0.8 * random.standard_normal((products, weeks))
    block = np.concatenate([np.ones((products, weeks, 1)), controls, price[..., None], outcome[..., None]], axis=2)
    fit = random_slopes(partial_out(block_moments(block), 1))
    free = block[..., 1:] - block[..., 1:].mean(axis=1, keepdims=True)
    variance = fit.noise / np.sum(free[..., 2] ** 2, axis=1)
    left = free[..., 3] - free[..., :2] @ fit.controls
    raw = np.sum(free[..., 2] * left, axis=1) / np.sum(free[..., 2] ** 2, axis=1)
    between = restricted_likelihood(raw, variance)
    normal, target = np.zeros((3, 3)), np.zeros(3)
    for rows in free:
        design = np.column_stack([rows[:, :2], rows[:, 2]])
        inverse = np.linalg.inv(fit.noise * np.eye(weeks) + between * np.outer(rows[:, 2], rows[:, 2]))
        normal, target = normal + design.T @ inverse @ design, target + design.T @ inverse @ rows[:, 3]
    best = np.linalg.solve(normal, target)
    assert fit.controls == pytest.approx(best[:2], abs=1e-5)
    assert pool(raw, variance).mean == pytest.approx(best[2], abs=1e-5)
    assert fit.noise == pytest.approx(0.64, rel=0.2)
    low, high = fit.slopes.interval(0.9)
    assert 0.7 < np.mean((low <= truth) & (truth <= high)) <= 1.0


@pytest.mark.parametrize("worth", [4.0, 12.0])
def test_noise_is_pooled_as_it_was_drawn(worth: float) -> None:
    random = np.random.default_rng(10)
    truth = 0.5 * worth / random.chisquare(worth, 8000)
    freedom = random.integers(2, 9, 8000).astype(float)
    residual = truth * random.chisquare(freedom)
    found = pool_noise(residual, freedom)
    assert found.common == pytest.approx(0.5, rel=0.05)
    assert found.worth == pytest.approx(worth, rel=0.15)
    raw = np.mean(np.log(residual / freedom / truth) ** 2)
    assert np.mean(np.log(found.variance / truth) ** 2) < 0.5 * raw


def test_equal_noise_is_seen_as_equal() -> None:
    random = np.random.default_rng(11)
    found = pool_noise(2.0 * random.chisquare(3.0, 5), np.full(5, 3.0))
    assert np.ptp(found.variance) >= 0.0
    alike = pool_noise(np.full(50, 6.0), np.full(50, 3.0))
    assert alike.worth == np.inf
    assert alike.variance == pytest.approx(2.0)


def test_product_without_a_spare_row_takes_the_common_noise() -> None:
    random = np.random.default_rng(12)
    residual, freedom = random.chisquare(5.0, 200) * random.uniform(0.2, 3.0, 200), np.full(200, 5.0)
    residual[0], freedom[0] = 0.0, 0.0
    found = pool_noise(residual, freedom)
    assert found.variance[0] == pytest.approx(found.common)
    with pytest.raises(ValueError, match="no product has a row to spare"):
        pool_noise(np.zeros(3), np.zeros(3))


def test_moderated_errors_hold_few_rows_honestly() -> None:
    """Six rows, four columns: t ratios with the own noise have no tails, those with pooled noise nearly do."""
    random = np.random.default_rng(13)
    block = random.standard_normal((4000, 6, 5))
    block[:, :, 0] = 1.0
    fits = least_squares(block_moments(block))
    plain = np.abs(fits.coefficient[:, 3] / fits.standard_error[:, 3]) > 1.645
    pooled = np.abs(fits.coefficient[:, 3] / moderated_errors(fits)[:, 3]) > 1.645
    assert plain.mean() > 0.2
    assert pooled.mean() == pytest.approx(0.1, abs=0.02)
