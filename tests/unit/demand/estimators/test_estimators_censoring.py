"""Stock-outs and limits: likelihoods at their maximum, truth found again, what ignoring them costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm, poisson

from pricesmith.demand.estimators.capped_poisson import capped_poisson, expected_demand
from pricesmith.demand.estimators.lost_sales import fit_preferences, fit_preferences_em
from pricesmith.demand.estimators.tobit import normal_censored, tobit, truncated_mean


def standard_errors(loss: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """From the curvature of a loss, by central differences."""
    step, size = 1e-4, len(at)
    curvature = np.empty((size, size))
    for i, j in np.ndindex(size, size):
        one, two = step * np.eye(size)[i], step * np.eye(size)[j]
        corners = loss(at + one + two) - loss(at + one - two) - loss(at - one + two) + loss(at - one - two)
        curvature[i, j] = corners / (4 * step**2)
    return np.sqrt(np.diag(np.linalg.inv(curvature)))


def test_tobit_maximises_the_likelihood_with_both_limits() -> None:
    random = np.random.default_rng(0)
    design = np.column_stack([np.ones(800), random.standard_normal(800)])
    latent = design @ [1.0, 2.0] + 1.5 * random.standard_normal(800)
    outcome = np.clip(latent, 0.0, 4.0)
    low, high = latent <= 0.0, latent >= 4.0

    def loss(theta: np.ndarray) -> float:
        mean, scale = design @ theta[:2], np.exp(theta[2])
        seen = norm.logpdf(outcome, mean, scale)
        return -float(np.sum(np.where(low, norm.logcdf(0.0, mean, scale), np.where(high, norm.logsf(4.0, mean, scale), seen))))

    fit = tobit(outcome, design, low=low, high=high)
    best = minimize(loss, [0.0, 1.0, 0.0], method="BFGS", options={"gtol": 1e-7})
    assert fit.coefficient == pytest.approx(best.x[:2], abs=1e-5)
    assert np.log(fit.scale) == pytest.approx(best.x[2], abs=1e-5)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-8)
    assert fit.standard_error == pytest.approx(standard_errors(loss, best.x)[:2], rel=1e-3)
    naive = np.linalg.lstsq(design, outcome, rcond=None)[0]
    assert abs(fit.coefficient[1] - 2.0) < 4 * fit.standard_error[1]
    assert abs(naive[1] - 2.0) > 8 * fit.standard_error[1]


def test_tobit_without_censoring_is_least_squares() -> None:
    random = np.random.default_rng(1)
    design = np.column_stack([np.ones(200), random.standard_normal(200)])
    outcome = design @ [1.0, -2.0] + random.standard_normal(200)
    fit = tobit(outcome, design)
    coefficient = np.linalg.lstsq(design, outcome, rcond=None)[0]
    assert fit.coefficient == pytest.approx(coefficient, abs=1e-9)
    assert fit.scale == pytest.approx(np.std(outcome - design @ coefficient), abs=1e-9)


@given(st.floats(-5, 5), st.floats(0.2, 4), st.floats(-8, 8))
def test_truncated_mean_is_the_integral(mean: float, scale: float, limit: float) -> None:
    top = max(mean, limit) + 14 * scale
    weight = norm.sf(limit, mean, scale)
    if weight < 1e-12:
        return
    integral = quad(lambda x: x * norm.pdf(x, mean, scale), limit, top, points=[min(max(mean, limit), top)], epsabs=1e-13)[0]
    assert truncated_mean(np.array(mean), scale, np.array(limit)) == pytest.approx(integral / weight, rel=1e-6, abs=1e-6)


def test_truncated_mean_far_in_the_tail() -> None:
    assert truncated_mean(np.array(0.0), 1.0, np.array(40.0)) == pytest.approx(40.0 + 1 / 40.0, abs=1e-4)


def test_expectation_maximisation_reaches_the_tobit_maximum() -> None:
    random = np.random.default_rng(2)
    demand, stock = random.normal(10.0, 3.0, 1500), random.normal(11.0, 2.0, 1500)
    sold, out = np.minimum(demand, stock), demand > stock
    mean, scale = normal_censored(sold, out)
    fit = tobit(sold, np.ones((1500, 1)), high=out)
    assert (mean, scale) == pytest.approx((fit.coefficient[0], fit.scale), abs=1e-6)
    assert abs(mean - 10.0) < 4 * fit.standard_error[0]
    assert sold.mean() < 9.3


def test_capped_poisson_maximises_the_likelihood() -> None:
    random = np.random.default_rng(3)
    design = np.column_stack([np.ones(3000), random.standard_normal(3000)])
    demand = random.poisson(np.exp(design @ [1.0, 0.5]))
    stock = random.integers(0, 8, 3000)
    sold, out = np.minimum(demand, stock).astype(float), demand >= stock

    def loss(theta: np.ndarray) -> float:
        mean = np.exp(design @ theta)
        return -float(np.sum(np.where(out, poisson.logsf(sold - 1, mean), poisson.logpmf(sold, mean))))

    fit = capped_poisson(sold, design, out)
    best = minimize(loss, [0.0, 0.0], method="BFGS")
    assert fit.coefficient == pytest.approx(best.x, abs=1e-5)
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=1e-6)
    assert (np.abs(fit.coefficient - [1.0, 0.5]) < 4 * fit.standard_error).all()
    assert fit.standard_error == pytest.approx(standard_errors(loss, best.x), rel=1e-3)


def test_demand_behind_a_stock_out() -> None:
    counts, mean = np.arange(400), 2.3
    for stock in range(6):
        tail = counts[counts >= stock]
        exact = float(np.sum(tail * poisson.pmf(tail, mean)) / poisson.sf(stock - 1, mean))
        found = expected_demand(np.array([float(stock)]), np.array([np.log(mean)]), np.array([True]))
        assert found[0] == pytest.approx(exact, rel=1e-10)
    assert expected_demand(np.array([3.0]), np.array([0.0]), np.array([False]))[0] == 3.0
    assert expected_demand(np.array([500.0]), np.array([0.0]), np.array([True]))[0] == pytest.approx(500.0, rel=1e-2)


TASTE = np.array([3.0, 2.0, 1.5, 1.0, 0.8, 0.5])
SHARE = float(TASTE.sum() / (1.0 + TASTE.sum()))


def shop(random: np.random.Generator, periods: int, arrivals: float = 50.0) -> tuple[np.ndarray, np.ndarray]:
    """Units sold (T, J) and what was on offer, 35 % of it missing; the best product is missing twice as often as the worst."""
    missing = np.linspace(0.47, 0.23, len(TASTE))
    offered = random.random((periods, len(TASTE))) > missing
    weight = np.column_stack([offered * TASTE, np.ones(periods)])
    visits = random.poisson(arrivals, periods)
    sold = random.multinomial(visits, weight / weight.sum(axis=1, keepdims=True))[:, :-1]
    return sold.astype(float), offered


@pytest.mark.parametrize("seed", range(5))
def test_likelihood_never_falls_and_ends_at_the_optimum(seed: int) -> None:
    sold, offered = shop(np.random.default_rng(seed), 40)
    fit = fit_preferences(sold, offered, SHARE)
    assert np.diff(fit.log_likelihood).min() > -1e-9
    assert fit.weight.sum() == pytest.approx(SHARE / (1.0 - SHARE))

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        weight = np.exp(np.append(0.0, theta))
        on_offer = offered @ weight
        gradient = sold.sum(axis=0) - weight * (offered.T @ (sold.sum(axis=1) / on_offer))
        return float(sold.sum(axis=1) @ np.log(on_offer) - sold.sum(axis=0) @ np.log(weight)), -gradient[1:]

    best = minimize(loss, np.zeros(len(TASTE) - 1), jac=True, method="BFGS", options={"gtol": 1e-8})
    weight = np.exp(np.append(0.0, best.x))
    assert fit.weight == pytest.approx(weight * TASTE.sum() / weight.sum(), abs=1e-6)


def test_tastes_are_found_where_shares_of_sales_are_biased() -> None:
    found = np.array([fit_preferences(*shop(np.random.default_rng(100 + seed), 60), SHARE).weight for seed in range(60)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - TASTE) < 4 * error + 1e-3 * TASTE).all()
    naive = np.array([(sold := shop(np.random.default_rng(100 + seed), 60)[0].sum(axis=0)) / sold.sum() for seed in range(60)])
    bias = naive.mean(axis=0) * TASTE.sum() - TASTE
    assert (np.abs(bias) > 4 * naive.std(axis=0, ddof=1) / np.sqrt(60) * TASTE.sum()).sum() >= 4
    assert bias[0] < -0.1


def test_published_approximation_is_near_the_exact_maximum() -> None:
    sold, offered = shop(np.random.default_rng(7), 200)
    exact, near = fit_preferences(sold, offered, SHARE), fit_preferences_em(sold, offered, SHARE)
    assert near.weight == pytest.approx(exact.weight, rel=0.05)
    assert exact.log_likelihood[-1] >= near.log_likelihood[-1] - 1e-9


def test_first_choices_give_back_the_lost_sales() -> None:
    random = np.random.default_rng(9)
    sold, offered = shop(random, 4000)
    wanted = fit_preferences(sold, offered, SHARE).first_choice(sold, offered).mean(axis=0)
    assert wanted == pytest.approx(50.0 * TASTE / (1.0 + TASTE.sum()), rel=0.05)
    assert sold.mean(axis=0)[0] < 0.8 * wanted[0]
    assert fit_preferences(sold, offered, SHARE).first_choice(np.zeros((1, 6)), np.zeros((1, 6), dtype=bool)).sum() == 0.0
