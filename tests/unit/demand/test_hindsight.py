"""What was expected of later periods, item by item: sums of rows, and how far what was sold may lie from them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.hindsight import LASTING, Noise, Unsure, hindsight, noise_of

CELLS = pl.DataFrame({"units": [3, 5, 4], "days": [1.0, 1.0, 0.5], "available": [1.0, 0.5, 1.0]})
ITEM, MEAN = np.array([0, 0, 2]), np.array([2.0, 6.0, 8.0])


def same(value: float, count: int = 3) -> np.ndarray:
    return np.full(count, value)


def test_items_sum_their_rows_for_the_time_that_they_could_be_bought() -> None:
    nothing = Unsure(Noise(same(0.0), same(0.0), 0.0), same(1.0), same(0.0), same(0.0), same(0.0))
    found = hindsight(CELLS, ITEM, MEAN, nothing)
    assert found.days.tolist() == [1.5, 0.0, 0.5]
    assert found.sold.tolist() == [8.0, 0.0, 4.0]
    assert found.expected.tolist() == found.alone.tolist() == [5.0, 0.0, 4.0], "without more noise the variance is that of counting"
    assert found.price.tolist() == [0.0, 0.0, 0.0] and found.together == 0.0


def test_the_spread_is_that_of_drawn_sales() -> None:
    """A level, an elasticity and what lasts drawn once an item, what passes anew for every row, then counts: the variances agree."""
    rng = np.random.default_rng(5)
    lasting, passing, level, price, slope = 0.004, 0.006, 0.01, 0.02, np.array([0.3, -0.2, 0.1])
    swell = np.array([1.0, 2.0, 3.0])
    found = hindsight(CELLS, ITEM, MEAN, Unsure(Noise(same(lasting), same(passing), 0.0), swell, same(level), same(price), slope))
    drawn = 400_000
    rows = MEAN * (CELLS["days"] * CELLS["available"]).to_numpy()
    for item in (0, 2):
        mine = item == ITEM
        once = rng.normal(0.0, level**0.5, (drawn, 1)) + rng.normal(0.0, price**0.5, (drawn, 1)) * slope[mine]
        stays = rng.normal(0.0, lasting**0.5, (drawn, 1)) * swell[mine] ** 0.5
        logs = once + stays + rng.normal(0.0, passing**0.5, (drawn, int(mine.sum()))) * swell[mine] ** 0.5
        sold = rng.poisson(rows[mine] * np.exp(logs)).sum(axis=1)
        assert found.alone[item] + found.price[item] ** 2 == pytest.approx(sold.var(), rel=0.05)


def test_shocks_last_and_a_part_of_what_a_week_differs_by_itself() -> None:
    """Days are averaged to weeks before that part is taken: a shop of bursts a day is not taken for one of lasting shocks."""
    weeks = noise_of(same(0.8, 1), 0.6, 0.2, 0.03, "week")
    assert (weeks.lasting[0], weeks.passing[0]) == pytest.approx((0.2 + LASTING * 0.6, (1.0 - LASTING) * 0.6))
    days = noise_of(same(0.8, 1), 0.6, 0.2, 0.03, "day")
    assert days.lasting[0] == pytest.approx(0.2 + LASTING * 0.6 / 7.0) and days.lasting[0] + days.passing[0] == pytest.approx(0.8)
    four = weeks.over(4.0)
    assert (four.lasting[0], four.passing[0], four.together) == pytest.approx((weeks.lasting[0], weeks.passing[0] / 4.0, 0.03))
    assert weeks.over(0.5).passing[0] == weeks.passing[0], "never more than of one period"
    assert noise_of(same(0.0, 1), 0.0, 0.0, 0.0, "day").lasting[0] == 0.0
