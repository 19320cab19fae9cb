"""Intervals where errors of one item, and of one period, come together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from pricesmith.flows.clustered import PROBABILITY, Clusters, Estimate, estimate, gain
from pricesmith.flows.scores import Forecast, gains, slope

ITEMS, PERIODS = 12, 9


def grid(items: int = ITEMS, periods: int = PERIODS) -> Clusters:
    item, period = np.divmod(np.arange(items * periods), periods)
    return Clusters(item, period)


def test_the_variance_sums_all_pairs_that_share_item_or_period() -> None:
    """Its definition, pair by pair."""
    clusters = grid()
    influence = np.random.default_rng(3).normal(size=len(clusters.item)) + clusters.item * 0.1 - clusters.period * 0.2
    found = estimate(2.0, influence, clusters)
    together = (clusters.item[:, None] == clusters.item) | (clusters.period[:, None] == clusters.period)
    variance = influence @ together @ influence * PERIODS / (PERIODS - 1)
    assert found is not None and found.value == 2.0
    assert found.hi - 2.0 == pytest.approx(t.ppf(0.5 + PROBABILITY / 2, PERIODS - 1) * variance**0.5) == pytest.approx(2.0 - found.lo)


def test_it_is_no_smaller_than_that_of_either_way_alone() -> None:
    clusters = grid(2, 2)
    found = estimate(0.0, np.array([1.0, -1.0, 1.0, -1.0]), clusters)
    assert found is not None and found.hi == pytest.approx(t.ppf(0.95, 1) * (8.0 * 2) ** 0.5)


def test_one_item_or_one_period_gives_no_interval() -> None:
    ones = np.ones(4)
    assert estimate(1.0, ones, grid(4, 1)) is estimate(1.0, ones, grid(1, 4)) is None
    assert gain(ones, np.zeros(4), grid(2, 2)) is None


def test_the_side_is_that_of_the_whole_interval() -> None:
    assert [Estimate(0.1, lo, hi).side for lo, hi in ((0.05, 0.15), (-0.05, 0.25), (-0.3, -0.1))] == [1, 0, -1]


def drawn(rng: np.random.Generator, better: float = 0.0) -> tuple[np.ndarray, Forecast, Forecast, Clusters]:
    """Units with shocks of items and of periods that no forecast sees, and two forecasts with errors of their own."""
    clusters = grid(40, 24)
    shock = rng.normal(0.0, 0.2, 40)[clusters.item] + rng.normal(0.0, 0.15, 24)[clusters.period]
    level = rng.normal(3.0, 0.7, 40)[clusters.item] + rng.normal(0.0, 0.4, len(clusters.item))
    units = rng.poisson(np.exp(level + shock)).astype(float)

    def forecast(spread: float) -> Forecast:
        errors = [rng.normal(0.0, spread, size) for size in (40, 24)]
        mean = np.exp(level + errors[0][clusters.item] + errors[1][clusters.period])
        return Forecast(mean, mean[:, None] * np.array([0.6, 1.0, 1.5]))

    return units, forecast(0.2 * (1.0 - better)), forecast(0.2), clusters


def test_nine_intervals_in_ten_hold_no_gain_where_two_forecasts_are_alike() -> None:
    rng = np.random.default_rng(11)
    held = {"wape": 0, "pinball": 0}
    for _ in range(200):
        units, own, other, clusters = drawn(rng)
        for figure, found in gains(units, own, other, clusters).items():
            assert found is not None
            held[figure] += found.side == 0
    assert all(0.84 <= count / 200 <= 0.99 for count in held.values()), held


def test_a_gain_that_is_there_is_told() -> None:
    rng = np.random.default_rng(12)
    sides = [found.side for _ in range(20) if (found := gains(*drawn(rng, better=1.0))["pinball"]) is not None]
    assert len(sides) == 20 and sum(side == 1 for side in sides) >= 18 and -1 not in sides


def test_nine_intervals_in_ten_hold_the_slope() -> None:
    """With forecasts that err only where units do, 1 is right."""
    rng = np.random.default_rng(13)
    held = 0
    for _ in range(100):
        clusters = grid(40, 24)
        level = rng.normal(3.0, 0.5, 40)[clusters.item] + rng.normal(0.0, 0.5, len(clusters.item))
        shock = rng.normal(0.0, 0.2, 40)[clusters.item] * (level - 3.0) + rng.normal(0.0, 0.2, 24)[clusters.period]
        units = rng.poisson(np.exp(level + shock)).astype(float)
        found = slope(units, Forecast(np.exp(level), np.zeros((len(level), 3))), np.ones(len(level), dtype=bool), clusters)
        assert found is not None
        held += found.lo <= 1.0 <= found.hi
    assert 0.8 <= held / 100 <= 0.98, held


def test_rows_that_did_not_move_take_no_part_in_the_slope() -> None:
    units, own, _, clusters = drawn(np.random.default_rng(14))
    moved = clusters.item < 20
    some = slope(units, own, moved, clusters)
    alone = slope(units[moved], own.pick(moved), np.ones(int(moved.sum()), dtype=bool), clusters.pick(moved))
    assert some is not None and alone is not None
    assert (some.value, some.lo, some.hi) == pytest.approx((alone.value, alone.lo, alone.hi))
    assert slope(units, own, clusters.item < 1, clusters) is None
