"""Luck that a group's products share is no sign that their prices act on one another."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.family_test import mean_t


def test_independent_estimates_have_the_t_of_their_weighted_mean() -> None:
    rng = np.random.default_rng(0)
    information = rng.uniform(1.0, 40.0, 400)
    group = np.arange(400) // 4
    found = [mean_t(0.02 + rng.normal(0, 1, 400) / np.sqrt(information), information, group) for _ in range(400)]
    assert np.mean(found) == pytest.approx(0.02 * np.sqrt(information.sum()), abs=0.2)
    assert np.std(found) == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("groups", [15, 100])
def test_what_groups_share_does_not_pass_for_an_effect(groups: int) -> None:
    rng = np.random.default_rng(1)
    information, group = np.full(4 * groups, 10.0), np.arange(4 * groups) // 4
    made = [(rng.normal(0, 1, 4 * groups) + rng.normal(0, 1, groups)[group]) / np.sqrt(10.0) for _ in range(400)]
    plain = [np.sum(information * one) / np.sqrt(information.sum()) for one in made]
    found = [mean_t(one, information, group) for one in made]
    assert np.std(plain) > 2.0 > 1.25 > np.std(found) > 0.9
    assert np.mean(np.abs(plain) > 3.0) > 0.1 > 0.03 > np.mean(np.abs(found) > 3.0)


def test_products_without_a_group_and_without_data_say_nothing() -> None:
    information, group = np.array([4.0, 4.0, 9.0, 0.0]), np.array([0, 0, -1, 1])
    assert mean_t(np.array([1.0, 1.0, -50.0, 30.0]), information, group) == pytest.approx(np.sqrt(8.0)), "one group: as it stands"
    assert mean_t(np.ones(4), np.zeros(4), group) == 0.0
    assert mean_t(np.ones(4), information, np.full(4, -1)) == 0.0
