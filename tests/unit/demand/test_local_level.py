"""Local levels: what recent sales say about the present."""

from __future__ import annotations

import numpy as np

from pricesmith.demand.local_level import HALF_LIVES, STRENGTHS, local_level


def rows(rate: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group, block and units of a (groups, blocks) table of rates."""
    rng = np.random.default_rng(seed)
    group, block = np.indices(rate.shape)
    return group.ravel(), block.ravel(), rng.poisson(rate).astype(float).ravel()


def test_a_step_in_demand_is_followed() -> None:
    rate = np.full((200, 60), 20.0)
    rate[:, 30:] *= 2.0
    group, block, units = rows(rate)
    level = local_level(group, block, units, np.full(units.size, 30.0), 200, 0.02)
    assert 0.7 * np.log(40 / 30) < np.median(level.shift) < 1.1 * np.log(40 / 30)
    assert level.strength < STRENGTHS[-1]


def test_steady_demand_is_left_alone() -> None:
    group, block, units = rows(np.full((300, 60), 5.0))
    level = local_level(group, block, units, np.full(units.size, 5.0), 300, 0.05)
    assert np.std(level.shift) < 0.08


def test_a_short_history_corrects_nothing() -> None:
    group, block, units = rows(np.full((5, 3), 5.0))
    level = local_level(group, block, units, np.full(units.size, 5.0), 5, 0.05)
    np.testing.assert_allclose(level.shift, 0.0, atol=1e-4)


def test_the_choice_is_among_the_candidates_and_the_variance_positive() -> None:
    group, block, units = rows(np.full((20, 30), 2.0))
    level = local_level(group, block, units, np.full(units.size, 2.0), 20, 0.1)
    assert level.half_life in HALF_LIVES
    assert level.strength in STRENGTHS
    assert (level.variance > 0).all()


def test_a_group_with_little_evidence_follows_what_is_expected_of_it() -> None:
    """Fifty items share a rise that each of them is too small to tell: around the path of all of them they follow it."""
    rate = np.full((50, 60), 0.2)
    rate[:, 40:] *= 3.0
    group, block, units = rows(rate)
    mean = np.full(units.size, 0.2)
    together = local_level(np.zeros_like(group), block, units, mean, 1, 0.02)
    around = np.repeat(together.path, 50, axis=0)
    alone = local_level(group, block, units, mean, 50, 0.02)
    led = local_level(group, block, units, mean, 50, 0.02, around)
    truth = np.log(3.0)
    assert np.abs(led.shift - truth).mean() < 0.5 * np.abs(alone.shift - truth).mean()
    np.testing.assert_allclose(together.path[0, -1], np.exp(together.shift[0]))
