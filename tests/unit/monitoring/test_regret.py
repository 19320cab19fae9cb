"""The regret ledger: a proposal beside the price that was charged, by a curve learned since."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma

from pricesmith.monitoring.regret import BLOCK, Counted, Learned, better, summary, value


def learned(elasticity: list[float], current: float = 1000.0, form: int = 0) -> Learned:
    return Learned(np.array([current]), np.array([elasticity]), np.array([form]), np.array([0.3]))


def one(number: float) -> np.ndarray:
    return np.array([number])


def counted(a_day: float, days: float = 28.0, noise: float = 0.1) -> Counted:
    return Counted(one(a_day * days), one(days), noise)


def test_by_hand() -> None:
    """At elasticity -2 a price 10 % lower sells 1 / 0.81 times as much."""
    mean, low, high = value(counted(5.0), one(1000.0), (one(900.0), one(300.0)), (one(1000.0), one(400.0)), learned([-2.0, -2.0]))
    assert mean[0] == pytest.approx(5.0 * (300.0 / 0.81 - 400.0))
    assert low[0] < mean[0] < high[0], "the curve is known, what was wanted is not"


def test_a_count_is_luck() -> None:
    """140 units in 28 days with noise 0.1 a day: 5 a day, give or take sqrt(1 / 140.5 + 0.1 / 28) = 10.4 %; more days, less luck."""
    sides = (one(900.0), one(300.0)), (one(1000.0), one(400.0))
    mean, low, high = value(counted(5.0), one(1000.0), *sides, learned([-2.0, -2.0]))
    shape = 1.0 / (1.0 / 140.5 + 0.1 / 28.0)
    ends = [gamma.ppf(q, shape, scale=140.5 / 28.0 / shape) * mean[0] / 5.0 for q in (0.05, 0.95)]
    assert sorted([low[0], high[0]]) == pytest.approx(sorted(ends), rel=0.01)
    _, nearer, farther = value(counted(5.0, 2800.0), one(1000.0), *sides, learned([-2.0, -2.0]))
    assert farther[0] - nearer[0] == pytest.approx((high[0] - low[0]) / 10.0, rel=0.05)
    assert value(counted(0.0), one(1000.0), *sides, learned([-2.0]))[1][0] < 0.0, "none sold is not none wanted"


def test_many_products_at_once_are_the_same_as_each_alone() -> None:
    count = BLOCK + 3
    units, price = np.linspace(0.0, 90.0, count), np.full(count, 1000.0)
    curves = Learned(price, np.tile([-3.0, -2.0], (count, 1)), np.zeros(count, dtype=np.int64), np.full(count, 0.3))
    sides = (0.9 * price, 0.3 * price), (price, 0.4 * price)
    found = value(Counted(units, np.full(count, 28.0), 0.1), price, *sides, curves)
    for place in (0, BLOCK - 1, BLOCK, count - 1):
        alone = value(
            Counted(units[[place]], one(28.0), 0.1), one(1000.0), (one(900.0), one(300.0)), (one(1000.0), one(400.0)), learned([-3.0, -2.0])
        )
        assert [column[place] for column in found] == pytest.approx([column[0] for column in alone])


def test_the_price_at_which_the_curve_is_known_does_not_matter() -> None:
    found = [
        value(counted(5.0), one(1000.0), (one(900.0), one(300.0)), (one(1000.0), one(400.0)), learned([-2.0], current))[0][0]
        for current in (800.0, 1000.0, 1300.0)
    ]
    assert found == pytest.approx([found[0]] * 3)


@given(st.floats(0.1, 50.0), st.floats(0.5, 2.0), st.sampled_from([0, 1, 2]), st.lists(st.floats(-6.0, -0.1), min_size=2, max_size=9))
def test_turning_the_two_prices_round_turns_the_sign(sold: float, ratio: float, form: int, draws: list[float]) -> None:
    sides = (one(1000.0 * ratio), one(1000.0 * ratio - 500.0)), (one(1000.0), one(500.0))
    curve = learned(sorted(draws), form=form)
    mean, low, high = value(counted(sold), one(1000.0), *sides, curve)
    back, back_low, back_high = value(counted(sold), one(1000.0), *sides[::-1], curve)
    assert [back[0], back_low[0], back_high[0]] == pytest.approx([-mean[0], -high[0], -low[0]], abs=1e-6)
    assert low[0] <= high[0]


def test_who_was_right() -> None:
    named = better(np.array([1.0, -2.0, -1.0]), np.array([2.0, -1.0, 1.0]))
    assert named.to_list() == ["proposed", "other", "open"]


def test_summary_counts_each_answer() -> None:
    rows = pl.DataFrame(
        {"answer": ["rejected", "accepted", "rejected"], "value": [2.0, 1.0, -0.5], "better": ["proposed", "open", "other"]}
    )
    assert summary(rows).to_dicts() == [
        {"answer": "accepted", "proposals": 1, "value": 1.0, "better_proposed": 0, "better_other": 0, "better_open": 1},
        {"answer": "rejected", "proposals": 2, "value": 1.5, "better_proposed": 1, "better_other": 1, "better_open": 0},
    ]
