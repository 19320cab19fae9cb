"""The regret ledger: a proposal beside the price that was charged, by a curve learned since."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.monitoring.regret import Learned, better, summary, value


def learned(elasticity: list[float], current: float = 1000.0, form: int = 0) -> Learned:
    return Learned(np.array([current]), np.array([elasticity]), np.array([form]), np.array([0.3]))


def one(number: float) -> np.ndarray:
    return np.array([number])


def test_by_hand() -> None:
    """At elasticity -2 a price 10 % lower sells 1 / 0.81 times as much."""
    mean, low, high = value(one(5.0), one(1000.0), (one(900.0), one(300.0)), (one(1000.0), one(400.0)), learned([-2.0, -2.0]))
    assert mean[0] == pytest.approx(5.0 * (300.0 / 0.81 - 400.0))
    assert low[0] == high[0] == mean[0]


def test_the_price_at_which_the_curve_is_known_does_not_matter() -> None:
    found = [
        value(one(5.0), one(1000.0), (one(900.0), one(300.0)), (one(1000.0), one(400.0)), learned([-2.0], current))[0][0]
        for current in (800.0, 1000.0, 1300.0)
    ]
    assert found == pytest.approx([found[0]] * 3)


@given(st.floats(0.1, 50.0), st.floats(0.5, 2.0), st.sampled_from([0, 1, 2]), st.lists(st.floats(-6.0, -0.1), min_size=2, max_size=9))
def test_turning_the_two_prices_round_turns_the_sign(sold: float, ratio: float, form: int, draws: list[float]) -> None:
    sides = (one(1000.0 * ratio), one(1000.0 * ratio - 500.0)), (one(1000.0), one(500.0))
    curve = learned(sorted(draws), form=form)
    mean, low, high = value(one(sold), one(1000.0), *sides, curve)
    back, back_low, back_high = value(one(sold), one(1000.0), *sides[::-1], curve)
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
