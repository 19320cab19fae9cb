"""One forecast from several: the shares find the forecaster that is right, the interval holds what it should."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.blend import blend, ends
from pricesmith.demand.widths import TAIL, outside

ROWS = 4000
HALVES = np.arange(ROWS) % 2
EACH = np.arange(ROWS)
"""An item for every row: none errs like another."""


def rows(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Units of known mean; four forecasters of which the last is right; quantile trees that know nothing but the mean."""
    rng = np.random.default_rng(seed)
    log_mean = rng.normal(2.0, 1.0, ROWS)
    units = rng.gamma(4.0, np.exp(log_mean) / 4.0)
    logs = np.stack([log_mean + rng.normal(0.0, deviation, ROWS) for deviation in (0.8, 0.8, 0.5, 0.0)])
    return units, logs, np.exp(log_mean)[:, None] * np.array([0.5, 1.0, 1.5])


def test_the_right_forecaster_gets_the_largest_share():
    told = blend(*rows(), HALVES, EACH)
    assert told.shares[3] > 0.6
    assert sum(told.shares) == pytest.approx(1.0)
    assert told.errors[4] < min(told.errors[:3])


def test_the_interval_leaves_the_tails_outside():
    units, logs, drawn = rows()
    told = blend(units, logs, drawn, HALVES, EACH)
    mean = np.exp(np.asarray(told.shares) @ logs + told.scale)
    found = ends(mean, told.bands, drawn)
    assert np.mean(units < found[:, 0]) == pytest.approx(TAIL, abs=0.005)
    assert np.mean(units > found[:, 2]) == pytest.approx(TAIL, abs=0.005)
    assert np.all(np.diff(found, axis=1) >= 0)


def test_an_interval_of_few_items_holds_blocks_to_come():
    assert np.mean([covered(seed, alike=True) for seed in range(60)]) == pytest.approx(0.9, abs=0.035)
    assert np.mean([covered(seed, alike=False) for seed in range(60)]) < 0.85


def covered(seed: int, *, alike: bool) -> float:
    """Share of new rows of 7 items inside the interval learned on two blocks of 8 periods, whose errors an item keeps for a block.

    alike  the rows of an item are told to be of one item; else each of its own
    """
    rng = np.random.default_rng(seed)
    item, block = np.repeat(np.arange(7), 8 * 3), np.tile(np.repeat(np.arange(3), 8), 7)
    mean = np.exp(rng.normal(2.0, 1.0, 7))[item]
    units = mean * np.exp(rng.normal(0.0, 0.5, (7, 3))[item, block] + rng.normal(0.0, 0.2, len(item)))
    past, drawn = block < 2, mean[:, None] * np.array([0.5, 1.0, 1.5])
    owner = item if alike else np.arange(len(item))
    told = blend(units[past], np.stack([np.log(mean[past])] * 4), drawn[past], block[past], owner[past])
    found = ends(np.exp(told.slope * np.log(mean[~past]) + told.scale), told.bands, drawn[~past])
    return float(np.mean((units[~past] >= found[:, 0]) & (units[~past] <= found[:, 2])))


def test_many_clusters_leave_the_tail_outside_and_few_nothing():
    assert outside(24) == pytest.approx(0.0, abs=1e-9)
    assert outside(14) == 0.0
    assert outside(100_000) == pytest.approx(TAIL, abs=1e-4)


def test_a_level_that_is_off_for_all_is_corrected_by_half():
    units, logs, drawn = rows()
    shifted = blend(units, logs - 0.08, drawn, HALVES, EACH)
    assert shifted.scale - blend(units, logs, drawn, HALVES, EACH).scale == pytest.approx(0.04, abs=0.011)


def test_forecasts_that_go_too_far_are_drawn_in():
    units, logs, drawn = rows()
    right = np.stack([logs[3]] * 4)
    assert blend(units, 1.25 * right, drawn, HALVES, EACH).slope == pytest.approx(0.8, abs=0.031)
    assert blend(units, right, drawn, HALVES, EACH).slope == 1.0
    assert blend(units, 0.8 * right, drawn, HALVES, EACH).slope == 1.0


def test_quantile_trees_are_trusted_where_they_tell_more():
    units, logs, _ = rows()
    noisy = np.arange(ROWS) % 4 < 2
    right = np.stack([logs[3]] * 4)
    far = np.where(noisy, 3.0, 1.0) * (units / np.exp(logs[3]) - 1.0)
    spread_units = np.exp(logs[3]) * np.maximum(1.0 + far, 0.0)
    known = (
        np.stack([np.where(noisy, 0.0, 0.35), np.where(noisy, 0.75, 0.92), np.where(noisy, 3.8, 1.94)], axis=1) * np.exp(logs[3])[:, None]
    )
    assert blend(spread_units, right, known, HALVES, EACH).bands.trust >= 0.5
    assert blend(spread_units, right, known[::-1], HALVES, EACH).bands.trust == 0.0
    assert blend(spread_units, right, known, np.zeros(ROWS, dtype=np.int64), EACH).bands.trust == 0.25
