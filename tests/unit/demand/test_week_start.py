"""The weekday on which weeks begin is found from shocks that change on it."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.week_start import week_start


@pytest.mark.parametrize("shift", range(7))
def test_the_weeks_of_the_shocks_are_found(shift: int) -> None:
    rng = np.random.default_rng(shift)
    items, days = 60, 20_000 + np.arange(364)
    week = (days + shift) // 7 - (days[0] + shift) // 7
    shock = rng.normal(0.0, 0.3, (items, week.max() + 1))[:, week]
    mean = np.full(shock.shape, 4.0)
    units = rng.poisson(mean * np.exp(shock)).astype(float)
    item = np.repeat(np.arange(items), days.size)
    assert week_start(item, np.tile(days, items), units.ravel(), mean.ravel(), 0.1) == shift
