"""Pooling against the exact Gaussian posterior, and against the published check sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.hierarchy import between_variance, pool


def exact_prior(
    estimate: np.ndarray, information: np.ndarray, groups: list[np.ndarray], spreads: list[float], top: tuple[float, float]
) -> tuple:
    """Mean and variance of each item given all other items' estimates, by the dense normal posterior."""
    count = estimate.size
    covariance = np.full((count, count), top[1] + 0.0)
    names = [np.arange(count), *groups]
    for name, spread in zip(names, spreads, strict=True):
        covariance += spread * (name[:, None] == name[None, :])
    means, variances = np.empty(count), np.empty(count)
    for i in range(count):
        others = np.flatnonzero((np.arange(count) != i) & (information > 0))
        seen = covariance[np.ix_(others, others)] + np.diag(1.0 / information[others])
        gain = covariance[i, others] @ np.linalg.inv(seen)
        means[i] = top[0] + gain @ (estimate[others] - top[0])
        variances[i] = covariance[i, i] - gain @ covariance[others, i]
    return means, variances


def test_priors_equal_the_exact_posterior_given_the_other_items() -> None:
    rng = np.random.default_rng(2)
    family = np.repeat(np.arange(12), 3)
    category = family // 4
    estimate = rng.normal(-2.0, 0.8, 36)
    information = np.where(rng.random(36) < 0.2, 0.0, rng.uniform(1.0, 20.0, 36))
    prior = pool(estimate, information, (family, category), top_mean=-2.6, top_variance=2.0, guess=0.1)
    mean, variance = exact_prior(estimate, information, [family, category], list(prior.levels), (-2.6, 2.0))
    np.testing.assert_allclose(prior.mean, mean, atol=1e-8)
    np.testing.assert_allclose(prior.variance, variance, atol=1e-8)


def test_a_product_without_data_takes_its_familys_mean_and_is_less_sure() -> None:
    estimate = np.array([-3.0, -3.1, -2.9, 0.0, -1.0, -1.1, -0.9, 0.0])
    information = np.array([50.0, 50.0, 50.0, 0.0, 50.0, 50.0, 50.0, 0.0])
    family = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    prior = pool(estimate, information, (family,), top_mean=-2.6, top_variance=2.0, guess=0.1)
    assert prior.mean[3] < -2.5
    assert prior.mean[7] > -1.5


def test_without_any_data_the_prior_is_the_literature() -> None:
    prior = pool(np.zeros(4), np.zeros(4), (np.array([0, 0, 1, 1]),), top_mean=-2.62, top_variance=2.25, guess=0.12)
    np.testing.assert_allclose(prior.mean, -2.62)
    assert (prior.variance >= 2.25).all()


def test_the_spread_between_items_is_recovered() -> None:
    rng = np.random.default_rng(9)
    truth = rng.normal(-2.0, 0.5, 3000)
    error = rng.uniform(0.2, 1.0, 3000)
    found = between_variance(truth + rng.normal(0, error), 1 / error**2, np.zeros(3000, int), 0.1, 4.0, 25.0)
    assert found == pytest.approx(0.25, rel=0.1)


@given(st.integers(0, 10_000))
def test_the_order_of_items_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    family = rng.integers(0, 4, 15)
    estimate, information = rng.normal(-2, 1, 15), rng.uniform(0, 10, 15)
    order = rng.permutation(15)
    straight = pool(estimate, information, (family,), top_mean=-2.6, top_variance=2.0, guess=0.1)
    turned = pool(estimate[order], information[order], (family[order],), top_mean=-2.6, top_variance=2.0, guess=0.1)
    np.testing.assert_allclose(turned.mean, straight.mean[order], rtol=1e-9)
    np.testing.assert_allclose(turned.variance, straight.variance[order], rtol=1e-9)
