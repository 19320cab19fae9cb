"""Endings that the guide proposes: the fewest that fit most of the prices, and none where the prices have none in common."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.guide.endings import ENOUGH, LEAST, MOST, Ending, fitting, proposal

PRICES = st.lists(st.integers(1, 5_000), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("prices", "currency", "proposed"),
    [
        ([195, 295, 495, 125, 1225, 85], "EUR", [(0.95, 3), (0.25, 2)]),
        ([199] * 9 + [137], "EUR", [(0.99, 9)]),
        ([100, 1250, 3400, 99, 199], "EUR", [(0.0, 2), (0.99, 2)]),
        ([19_900, 24_900, 5_500, 7_500, 12_900], "EUR", [(9.0, 3), (5.0, 2)]),
        ([1_980, 980, 1_280, 99], "JPY", [(0.0, 3)]),
        ([1_250, 3_250, 4_500, 7_500], "KWD", [(0.25, 2), (0.5, 2)]),
        ([137, 242, 358, 461], "EUR", []),
        ([199], "EUR", []),
        (list(range(100, 200)), "EUR", []),
    ],
)
def test_the_fewest_endings_that_fit_most_prices(prices: list[int], currency: str, proposed: list[tuple[float, int]]) -> None:
    assert proposal(pl.Series(prices), currency) == [Ending(*one) for one in proposed]


@given(PRICES, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_proposed_fits_as_many_prices_as_it_says(prices: list[int], currency: str) -> None:
    series = pl.Series(prices, dtype=pl.Int64)
    found = proposal(series, currency)
    told = sum(one.prices for one in found)
    assert len(found) <= MOST and all(one.prices > 1 for one in found)
    assert not found or LEAST * len(prices) <= told <= fitting(series, [one.ending for one in found], currency)
    assert sum(one.prices for one in found[:-1]) < ENOUGH * len(prices)


def test_nought_as_a_last_digit_fits_no_more_than_it_says() -> None:
    """Of 20 whole prices nine end in 9, eight in 0, and three otherwise: with these endings 17 fit, not all."""
    prices = pl.Series([7_900] * 9 + [8_000] * 8 + [10_100, 11_300, 4_400], dtype=pl.Int64)
    found = proposal(prices, "TWD")
    assert [(one.ending, one.prices) for one in found] == [(9.0, 9), (0.0, 8), (4.0, 1)][: len(found)] and len(found) == 2
    assert fitting(prices, [9.0, 0.0], "TWD") == 17


def test_prices_are_counted_once_for_all_endings() -> None:
    prices = pl.Series([199, 1_299, 149, 150], dtype=pl.Int64)
    assert fitting(prices, [0.99, 2.99, 0.49], "EUR") == 3
    assert fitting(prices, [], "EUR") == 0


def test_prices_that_are_means_add_no_endings_to_a_habit() -> None:
    """Of 200 prices 120 end in 99 and the others in anything: in four of five such shops 99 alone is proposed, in others few more."""
    alone = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        tails = np.concatenate([np.full(120, 99), rng.integers(0, 100, 80)])
        found = proposal(pl.Series(100 * rng.integers(1, 50, 200) + tails, dtype=pl.Int64), "EUR")
        alone += [one.ending for one in found] == [0.99]
        assert found[0].ending == 0.99 and len(found) <= 3
    assert alone >= 75


def test_rare_habits_stand_out_of_few_other_prices() -> None:
    tails = [99] * 110 + [49] * 40 + [95] * 20 + [0] * 16 + [79] * 8 + [13, 27, 31, 58, 64, 82]
    prices = pl.Series([100 * (1 + place % 40) + tail for place, tail in enumerate(tails)], dtype=pl.Int64)
    assert [one.ending for one in proposal(prices, "EUR")] == [0.99, 0.49, 0.95, 0.0]
    assert [one.ending for one in proposal(prices.filter(prices % 100 != 99), "EUR")] == [0.49, 0.95, 0.0, 0.79]
