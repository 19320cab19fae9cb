"""Shocks that last against dense matrices, and their variances against simulated ones."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pricesmith.demand.blocks import Blocks, nest
from pricesmith.demand.glm import Normal, Priors, block_scores, marginal, normal_equations, partial_out, solve
from pricesmith.demand.shock_moments import shock_moments
from pricesmith.demand.shocks import Shocks

LENGTHS = (7, 28, 112)
SHOCKS = Shocks((0.05, 0.03, 0.2))
KINDS = {
    "blocks": (LENGTHS, SHOCKS),
    "chain": ((7, 112), Shocks((0.3, 0.1), 0.6)),
    "chain that lasts": ((7, 112), Shocks((0.3, 0.0), 0.95)),
    "chain without memory": ((7, 112), Shocks((0.3, 0.1), 0.0)),
    "no shocks": ((7, 112), Shocks((0.0, 0.0), 0.5)),
}


def dense_covariance(rows: dict[str, np.ndarray], lengths: tuple[int, ...], shocks: Shocks) -> np.ndarray:
    """The covariance that shocks.py describes, written out."""
    segment, day = rows["segment"], rows["day"]
    covariance = np.diag(1.0 / rows["weight"])
    for level, (length, variance) in enumerate(zip(lengths, shocks.variances, strict=True)):
        wide = lengths[level + (level == 0 and shocks.memory > 0)]
        apart = np.abs(day[:, None] // length - day[None, :] // length)
        same = (segment[:, None] == segment[None, :]) & (day[:, None] // wide == day[None, :] // wide)
        remembered = (shocks.memory if level == 0 else 0.0) ** apart
        covariance += variance * same * remembered
    return covariance


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> tuple[tuple[int, ...], Shocks]:
    return KINDS[request.param]


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


def blocks_of(rows: dict[str, np.ndarray], lengths: tuple[int, ...]) -> Blocks:
    return nest(rows["segment"], rows["day"], lengths, chained=len(lengths) == 2)


def equations(rows: dict[str, np.ndarray], lengths: tuple[int, ...] = LENGTHS, shocks: Shocks = SHOCKS) -> Normal:
    starts = np.array([0, 60, 150])
    blocks = blocks_of(rows, lengths)
    return normal_equations(rows["item"], rows["shared"], rows["response"], rows["weight"], starts, blocks, shocks)


def test_normal_equations_equal_the_dense_ones(rows: dict[str, np.ndarray], kind: tuple[tuple[int, ...], Shocks]) -> None:
    found = equations(rows, *kind)
    inverse = np.linalg.inv(dense_covariance(rows, *kind))
    for number in range(3):
        mine = rows["segment"] == number
        part = inverse[np.ix_(mine, mine)]
        np.testing.assert_allclose(found.gram[number], rows["item"][mine].T @ part @ rows["item"][mine], atol=1e-9)
        np.testing.assert_allclose(found.cross[number], rows["item"][mine].T @ part @ rows["shared"][mine], atol=1e-9)
        np.testing.assert_allclose(found.pull[number], rows["item"][mine].T @ part @ rows["response"][mine], atol=1e-9)
    np.testing.assert_allclose(found.shared_gram, rows["shared"].T @ inverse @ rows["shared"], atol=1e-9)
    np.testing.assert_allclose(found.shared_pull, rows["shared"].T @ inverse @ rows["response"], atol=1e-9)


def test_the_solution_is_the_mode_of_the_whole_posterior(rows: dict[str, np.ndarray]) -> None:
    priors = Priors(np.full((3, 2), -0.5), np.full((3, 2), 4.0), np.full(3, 0.1), np.full(3, 2.0), np.zeros(2), np.zeros(2))
    step = solve(equations(rows), priors)
    whole = np.zeros((rows["segment"].size, 9))
    for number in range(3):
        mine = rows["segment"] == number
        whole[mine, 2 * number : 2 * number + 2] = rows["item"][mine]
    whole[:, 6:] = rows["shared"]
    inverse = np.linalg.inv(dense_covariance(rows, LENGTHS, SHOCKS))
    precision = np.diag([4.0] * 6 + [2.0] * 3)
    side = whole.T @ inverse @ rows["response"] + precision @ np.array([-0.5] * 6 + [0.1] * 3)
    mode = np.linalg.solve(whole.T @ inverse @ whole + precision, side)
    np.testing.assert_allclose(np.concatenate([step.item.ravel(), step.shared]), mode, atol=1e-6)
    covariance = np.linalg.inv(whole.T @ inverse @ whole + precision)[6:, 6:]
    np.testing.assert_allclose(step.shared_covariance, covariance, atol=1e-6)


def test_information_of_one_effect_integrates_the_others_out(rows: dict[str, np.ndarray]) -> None:
    priors = Priors(np.zeros((3, 2)), np.full((3, 2), 4.0), np.zeros(3), np.full(3, 2.0), np.zeros(2), np.zeros(2))
    step = solve(equations(rows), priors)
    information = marginal(step, priors.item_precision, 1)
    for number in range(3):
        posterior = np.linalg.inv(step.gram[number] + np.diag([4.0, 0.0]))
        assert information[number] == pytest.approx(1.0 / posterior[1, 1], rel=1e-9)


def test_a_pull_that_pooling_has_weighed_moves_nothing_again(rows: dict[str, np.ndarray]) -> None:
    still = Priors(np.full((3, 2), -0.5), np.full((3, 2), 4.0), np.zeros(3), np.full(3, 2.0), np.zeros(2), np.zeros(2))
    there = solve(equations(rows), still)
    pull = (still.item_precision * (there.item - still.item_mean)).sum(axis=0)
    free = dataclasses.replace(still, shift_variance=np.full(2, 0.09))
    assert np.abs(solve(equations(rows), free).shift).min() > 0.01
    weighed = solve(equations(rows), dataclasses.replace(free, weighed=pull))
    np.testing.assert_allclose(weighed.shift, 0.0, atol=1e-9)
    np.testing.assert_allclose(weighed.item, there.item, atol=1e-9)


def test_block_scores_add_up_to_the_score(rows: dict[str, np.ndarray], kind: tuple[tuple[int, ...], Shocks]) -> None:
    owner, scores = block_scores(rows["item"], rows["response"], rows["weight"], blocks_of(rows, kind[0]), kind[1])
    inverse = np.linalg.inv(dense_covariance(rows, *kind))
    for number in range(3):
        mine = rows["segment"] == number
        score = rows["item"][mine].T @ inverse[np.ix_(mine, mine)] @ rows["response"][mine]
        np.testing.assert_allclose(scores[owner == number].sum(axis=0), score, atol=1e-9)


def test_partialling_out_makes_the_other_effects_orthogonal(rows: dict[str, np.ndarray]) -> None:
    step = solve(equations(rows), Priors(np.zeros((3, 2)), np.full((3, 2), 1e-9), np.zeros(3), np.full(3, 2.0), np.zeros(2), np.zeros(2)))
    weights = partial_out(step, np.full((3, 2), 1e-9), 1)
    left = np.einsum("sq,sqr->sr", weights, step.gram)
    np.testing.assert_allclose(left[:, 0], 0.0, atol=1e-6)


def certain(rows: np.ndarray) -> np.ndarray:
    """Posterior covariance of log means that are known."""
    return np.zeros((rows.size, 0))


def test_what_the_fit_followed_of_the_shocks_is_put_back() -> None:
    """Effects drawn from their prior and fitted with the true covariance, a line and a season beside the level."""
    rng = np.random.default_rng(17)
    items, weeks, prior = 400, 48, 0.5
    shocks, dispersion = Shocks((0.04, 0.0), 0.7), 0.1
    day = np.arange(weeks * 7)
    columns = np.column_stack([np.ones(day.size), day / day.size, np.sin(day * 2 * np.pi / 182), np.cos(day * 2 * np.pi / 182)])
    week = day // 7
    same = (week[:, None] // 16) == (week[None, :] // 16)
    covariance = same * shocks.variances[0] * shocks.memory ** np.abs(week[:, None] - week[None, :]) + dispersion * np.eye(day.size)
    inverse = np.linalg.inv(covariance)
    posterior = np.linalg.inv(columns.T @ inverse @ columns + np.eye(4) / prior)
    noise = rng.multivariate_normal(np.zeros(day.size), covariance, items)
    effects = rng.normal(0.0, np.sqrt(prior), (items, 4))
    left = noise - ((noise @ inverse @ columns - effects / prior) @ posterior) @ columns.T
    mean = 1e8 * np.ones(left.size)
    units = mean * (1.0 + left.ravel())
    blocks = nest(np.repeat(np.arange(items), day.size), np.tile(day, items), (7, 112), chained=True)
    doubt = np.tile(columns @ np.linalg.cholesky(posterior), (items, 1))
    found = shock_moments(blocks, units, mean, 1.0 / mean, doubt)
    blind = shock_moments(blocks, units, mean, 1.0 / mean, certain(mean))
    assert blind[1].memory < 0.6, "the season and the line followed the shocks"
    assert found[1].memory == pytest.approx(0.7, abs=0.06)
    assert found[1].variances[0] == pytest.approx(0.04, rel=0.1)
    assert found[0] == pytest.approx(dispersion, rel=0.05)


def test_variances_of_shocks_are_recovered() -> None:
    rng = np.random.default_rng(11)
    items, days = 400, 448
    segment, day = np.repeat(np.arange(items), days), np.tile(np.arange(days), items)
    log_mean = np.zeros(segment.size)
    for length, variance in zip(LENGTHS, SHOCKS.variances, strict=True):
        _, block = np.unique(segment * 1000 + day // length, return_inverse=True)
        shock = rng.normal(-variance / 2, np.sqrt(variance), block.max() + 1)
        log_mean += shock[block]
    mean = np.full(segment.size, 4.0)
    units = rng.poisson(mean * np.exp(log_mean) * rng.gamma(1 / 0.2, 0.2, segment.size)).astype(float)
    dispersion, shocks = shock_moments(nest(segment, day, LENGTHS), units, mean, 1.0 / (1.0 + 0.5 * mean), certain(mean))
    total = np.exp(np.cumsum(SHOCKS.variances[::-1])[::-1]) - 1.0
    np.testing.assert_allclose(np.cumsum(shocks.variances[::-1])[::-1], total, rtol=0.2)
    assert dispersion == pytest.approx(0.2 * (1 + total[0]), rel=0.2)
    assert shocks.memory == 0.0


@pytest.mark.parametrize(("own", "wide", "memory"), [(0.06, 0.0, 0.6), (0.05, 0.1, 0.3), (0.06, 0.0, 0.0)])
def test_the_memory_of_shocks_is_recovered_with_days_missing(own: float, wide: float, memory: float) -> None:
    rng = np.random.default_rng(13)
    items, weeks = 500, 64
    logs = np.empty((items, weeks))
    logs[:, 0] = rng.normal(0.0, np.sqrt(own), items)
    for week in range(1, weeks):
        logs[:, week] = memory * logs[:, week - 1] + rng.normal(0.0, np.sqrt(own * (1.0 - memory**2)), items)
    logs += np.repeat(rng.normal(0.0, np.sqrt(wide), (items, weeks // 16)), 16, axis=1) - (own + wide) / 2
    segment, day = np.repeat(np.arange(items), weeks * 7), np.tile(np.arange(weeks * 7), items)
    units = rng.poisson(4.0 * np.exp(np.repeat(logs, 7, axis=1).ravel()) * rng.gamma(1 / 0.2, 0.2, segment.size)).astype(float)
    there = (rng.random(segment.size) < 0.7) & (rng.random(items * weeks) < 0.8)[np.arange(segment.size) // 7]
    segment, day, units = segment[there], day[there], units[there]
    mean = np.full(segment.size, 4.0)
    dispersion, shocks = shock_moments(nest(segment, day, (7, 112), chained=True), units, mean, 1.0 / (1.0 + 0.5 * mean), certain(mean))
    assert shocks.memory == pytest.approx(memory, abs=0.11)
    assert shocks.total == pytest.approx(np.expm1(own + wide), rel=0.2)
    assert shocks.variances[1] == pytest.approx(np.expm1(wide), abs=0.02)
    assert dispersion == pytest.approx(0.2 * np.exp(own + wide), rel=0.2)


def test_counts_without_shocks_have_none() -> None:
    rng = np.random.default_rng(5)
    segment, day = np.repeat(np.arange(200), 200), np.tile(np.arange(200), 200)
    units = rng.poisson(3.0, segment.size).astype(float)
    for blocks in (nest(segment, day, LENGTHS), nest(segment, day, (7, 112), chained=True)):
        dispersion, shocks = shock_moments(blocks, units, np.full(segment.size, 3.0), np.ones(segment.size), certain(segment))
        assert dispersion < 0.02
        assert max(shocks.variances) < 0.01
