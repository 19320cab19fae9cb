"""Nested shocks against dense matrices, and their variances against simulated ones."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.glm import Normal, Priors, block_scores, marginal, normal_equations, partial_out, solve
from pricesmith.demand.shocks import nest, shock_variances

LENGTHS = (7, 28, 112)
VARIANCES = (0.05, 0.03, 0.2)


def dense_covariance(segment: np.ndarray, day: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The covariance that shocks.py describes, written out."""
    covariance = np.diag(1.0 / weight)
    for length, variance in zip(LENGTHS, VARIANCES, strict=True):
        same = (segment[:, None] == segment[None, :]) & (day[:, None] // length == day[None, :] // length)
        covariance += variance * same
    return covariance


@pytest.fixture
def rows() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    days = [np.sort(rng.choice(400, size, replace=False)) for size in (60, 90, 5)]
    segment = np.repeat([0, 1, 2], [60, 90, 5])
    count = segment.size
    return {
        "segment": segment,
        "day": np.concatenate(days),
        "weight": rng.uniform(0.5, 3.0, count),
        "item": np.column_stack([np.ones(count), rng.normal(size=count)]),
        "shared": rng.normal(size=(count, 3)),
        "response": rng.normal(size=count),
    }


def equations(rows: dict[str, np.ndarray]) -> Normal:
    starts = np.array([0, 60, 150])
    blocks = nest(rows["segment"], rows["day"], LENGTHS)
    return normal_equations(rows["item"], rows["shared"], rows["response"], rows["weight"], starts, blocks, VARIANCES)


def test_normal_equations_equal_the_dense_ones(rows: dict[str, np.ndarray]) -> None:
    found = equations(rows)
    inverse = np.linalg.inv(dense_covariance(rows["segment"], rows["day"], rows["weight"]))
    for number in range(3):
        mine = rows["segment"] == number
        part = inverse[np.ix_(mine, mine)]
        np.testing.assert_allclose(found.gram[number], rows["item"][mine].T @ part @ rows["item"][mine], atol=1e-9)
        np.testing.assert_allclose(found.cross[number], rows["item"][mine].T @ part @ rows["shared"][mine], atol=1e-9)
        np.testing.assert_allclose(found.pull[number], rows["item"][mine].T @ part @ rows["response"][mine], atol=1e-9)
    np.testing.assert_allclose(found.shared_gram, rows["shared"].T @ inverse @ rows["shared"], atol=1e-9)
    np.testing.assert_allclose(found.shared_pull, rows["shared"].T @ inverse @ rows["response"], atol=1e-9)


def test_the_solution_is_the_mode_of_the_whole_posterior(rows: dict[str, np.ndarray]) -> None:
    priors = Priors(np.full((3, 2), -0.5), np.full((3, 2), 4.0), np.full(3, 0.1), np.full(3, 2.0), np.zeros(2))
    step = solve(equations(rows), priors)
    whole = np.zeros((rows["segment"].size, 9))
    for number in range(3):
        mine = rows["segment"] == number
        whole[mine, 2 * number : 2 * number + 2] = rows["item"][mine]
    whole[:, 6:] = rows["shared"]
    inverse = np.linalg.inv(dense_covariance(rows["segment"], rows["day"], rows["weight"]))
    precision = np.diag([4.0] * 6 + [2.0] * 3)
    side = whole.T @ inverse @ rows["response"] + precision @ np.array([-0.5] * 6 + [0.1] * 3)
    mode = np.linalg.solve(whole.T @ inverse @ whole + precision, side)
    np.testing.assert_allclose(np.concatenate([step.item.ravel(), step.shared]), mode, atol=1e-6)
    covariance = np.linalg.inv(whole.T @ inverse @ whole + precision)[6:, 6:]
    np.testing.assert_allclose(step.shared_covariance, covariance, atol=1e-6)


def test_information_of_one_effect_integrates_the_others_out(rows: dict[str, np.ndarray]) -> None:
    priors = Priors(np.zeros((3, 2)), np.full((3, 2), 4.0), np.zeros(3), np.full(3, 2.0), np.zeros(2))
    step = solve(equations(rows), priors)
    information = marginal(step, priors.item_precision, 1)
    for number in range(3):
        posterior = np.linalg.inv(step.gram[number] + np.diag([4.0, 0.0]))
        assert information[number] == pytest.approx(1.0 / posterior[1, 1], rel=1e-9)


def test_block_scores_add_up_to_the_score(rows: dict[str, np.ndarray]) -> None:
    blocks = nest(rows["segment"], rows["day"], LENGTHS)
    owner, scores = block_scores(rows["item"], rows["response"], rows["weight"], blocks, VARIANCES)
    inverse = np.linalg.inv(dense_covariance(rows["segment"], rows["day"], rows["weight"]))
    for number in range(3):
        mine = rows["segment"] == number
        score = rows["item"][mine].T @ inverse[np.ix_(mine, mine)] @ rows["response"][mine]
        np.testing.assert_allclose(scores[owner == number].sum(axis=0), score, atol=1e-9)


def test_partialling_out_makes_the_other_effects_orthogonal(rows: dict[str, np.ndarray]) -> None:
    step = solve(equations(rows), Priors(np.zeros((3, 2)), np.full((3, 2), 1e-9), np.zeros(3), np.full(3, 2.0), np.zeros(2)))
    weights = partial_out(step, np.full((3, 2), 1e-9), 1)
    left = np.einsum("sq,sqr->sr", weights, step.gram)
    np.testing.assert_allclose(left[:, 0], 0.0, atol=1e-6)


def test_variances_of_shocks_are_recovered() -> None:
    rng = np.random.default_rng(11)
    items, days = 400, 448
    segment, day = np.repeat(np.arange(items), days), np.tile(np.arange(days), items)
    log_mean = np.zeros(segment.size)
    for length, variance in zip(LENGTHS, VARIANCES, strict=True):
        _, block = np.unique(segment * 1000 + day // length, return_inverse=True)
        shock = rng.normal(-variance / 2, np.sqrt(variance), block.max() + 1)
        log_mean += shock[block]
    mean = np.full(segment.size, 4.0)
    units = rng.poisson(mean * np.exp(log_mean) * rng.gamma(1 / 0.2, 0.2, segment.size)).astype(float)
    dispersion, variances = shock_variances(nest(segment, day, LENGTHS), units, mean, 1.0 / (1.0 + 0.5 * mean))
    total = np.exp(np.array([sum(VARIANCES), sum(VARIANCES[1:]), VARIANCES[2]])) - 1.0
    np.testing.assert_allclose(np.cumsum(variances[::-1])[::-1], total, rtol=0.2)
    assert dispersion == pytest.approx(0.2 * (1 + total[0]), rel=0.2)


def test_counts_without_shocks_have_none() -> None:
    rng = np.random.default_rng(5)
    segment, day = np.repeat(np.arange(200), 200), np.tile(np.arange(200), 200)
    units = rng.poisson(3.0, segment.size).astype(float)
    dispersion, variances = shock_variances(nest(segment, day, LENGTHS), units, np.full(segment.size, 3.0), np.ones(segment.size))
    assert dispersion < 0.02
    assert max(variances) < 0.01
