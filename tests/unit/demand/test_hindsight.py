"""What was expected of later periods, item by item: sums of rows, and how far what was sold may lie from them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.hindsight import LASTING, Unsure, hindsight

CELLS = pl.DataFrame({"units": [3, 5, 4], "days": [1.0, 1.0, 0.5], "available": [1.0, 0.5, 1.0]})
ITEM, MEAN = np.array([0, 0, 2]), np.array([2.0, 6.0, 8.0])


def test_items_sum_their_rows_for_the_time_that_they_could_be_bought() -> None:
    nothing = Unsure(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3))
    found = hindsight(CELLS, ITEM, MEAN, nothing)
    assert found.days.tolist() == [1.5, 0.0, 0.5]
    assert found.sold.tolist() == [8.0, 0.0, 4.0]
    assert found.expected.tolist() == found.alone.tolist() == [5.0, 0.0, 4.0], "without more noise the variance is that of counting"
    assert found.unsure.tolist() == [0.0, 0.0, 0.0]


def test_the_spread_is_that_of_drawn_sales() -> None:
    """A level, an elasticity and half of the noise drawn once an item, the other half row by row, then counts: the variances agree."""
    rng = np.random.default_rng(5)
    noise, level, price, slope = 0.01, 0.01, 0.02, np.array([0.3, -0.2, 0.1])
    unsure = Unsure(np.full(3, noise), np.full(3, level), np.full(3, price), slope)
    found = hindsight(CELLS, ITEM, MEAN, unsure)
    drawn = 400_000
    rows = MEAN * (CELLS["days"] * CELLS["available"]).to_numpy()
    lasting, passing = (LASTING * noise) ** 0.5, ((1.0 - LASTING) * noise) ** 0.5
    for item in (0, 2):
        mine = item == ITEM
        once = rng.normal(0.0, (level + lasting**2) ** 0.5, (drawn, 1)) + rng.normal(0.0, price**0.5, (drawn, 1)) * slope[mine]
        logs = once + rng.normal(0.0, passing, (drawn, int(mine.sum())))
        sold = rng.poisson(rows[mine] * np.exp(logs)).sum(axis=1)
        assert found.alone[item] + found.unsure[item] ** 2 == pytest.approx(sold.var(), rel=0.05)
