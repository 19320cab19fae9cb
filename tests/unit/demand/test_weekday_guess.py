"""Where the weekdays' effects start: the most likely ones at the items' mean rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from pricesmith.demand.design import WEEKDAYS
from pricesmith.demand.effects import BELIEFS
from pricesmith.demand.fit_data import Data
from pricesmith.demand.weekday_guess import weekday_guess

VARIANCE = BELIEFS["shared"].variance


def rows(units: np.ndarray, names: tuple[str, ...] = WEEKDAYS) -> Data:
    """One item, one row a day from a Monday on."""
    day = np.arange(units.size)
    shared = np.stack([(day % 7 == k).astype(float) - 1 / 7 for k in range(1, 7)], axis=1)[:, : len(names)]
    return Data(
        item=np.zeros(day.size, np.int64),
        day=day,
        units=units.astype(float),
        exposure=np.ones(day.size),
        columns=np.ones((day.size, 1)),
        shared=shared,
        effects=("level",),
        shared_names=names,
        lengths=(7, 112),
        chained=True,
        sold_out=np.zeros(0, np.int64),
    )


@given(st.lists(st.integers(0, 400), min_size=7, max_size=7), st.floats(-2.0, 5.0), st.integers(1, 80))
def test_it_is_the_most_likely_effect(sold: list[int], level: float, weeks: int) -> None:
    guess = weekday_guess(rows(np.tile(sold, weeks)), np.array([level]), np.array([0]), 1)[0]
    expected = weeks * np.exp(level)

    def loss(effect: float, units: int) -> float:
        return float(expected * np.exp(effect) - weeks * units * effect + effect**2 / (2 * VARIANCE))

    best = [minimize_scalar(loss, args=(units,), bounds=(-40, 12), method="bounded").x for units in sold]
    np.testing.assert_allclose(guess, np.array(best[1:]) - best[0], atol=1e-3)


def test_a_closed_day_starts_far_down_and_the_others_where_they_are() -> None:
    sold = np.tile([70, 100, 70, 70, 140, 0, 70], 60)
    guess = dict(zip(WEEKDAYS, weekday_guess(rows(sold), np.log([70.0]), np.array([0]), 1)[0], strict=True))
    assert guess["saturday"] < -5
    assert guess["tuesday"] == pytest.approx(np.log(100 / 70), abs=0.01)
    assert guess["sunday"] == pytest.approx(0.0, abs=0.01)


def test_without_weekdays_nothing_is_guessed() -> None:
    assert not weekday_guess(rows(np.ones(70), ("sin_1", "cos_1")), np.zeros(1), np.array([0]), 1).any()
