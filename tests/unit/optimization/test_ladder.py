"""The ladder on figures worked out by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.money import ending
from pricesmith.optimization import build_ladder, build_shelf
from pricesmith.optimization.ladder import lattice, one_in


def ladder_of(current: int | None, endings: tuple[float, ...] | None, currency: str, low: float, high: float) -> list[int]:
    items = pl.DataFrame({"current_price": pl.Series([current], dtype=pl.Int64)})
    ladder = build_ladder(items, endings, currency, (np.array([low]), np.array([high])))
    return [int(price) for price in ladder.prices[0][ladder.valid[0]]]


def test_endings_below_two_hundred_take_every_unit() -> None:
    assert ladder_of(1999, (0.99,), "EUR", 1700, 2300) == [1799, 1899, 1999, 2099, 2199, 2299]


def test_endings_are_thinned_at_high_prices() -> None:
    assert ladder_of(100_999, (0.99,), "EUR", 99_000, 103_500) == [
        99_499, 99_999, 100_999, 101_999, 102_999,
    ]  # fmt: skip


def test_the_current_price_joins_in_its_place() -> None:
    assert ladder_of(1950, (0.99,), "EUR", 1800, 2100) == [1899, 1950, 1999, 2099]
    assert ladder_of(1750, (0.99,), "EUR", 1800, 2100) == [1750, 1899, 1999, 2099]
    assert ladder_of(2150, (0.99,), "EUR", 1800, 2100) == [1899, 1999, 2099, 2150]


def test_chinese_endings_of_whole_amounts_and_of_fractions() -> None:
    assert ladder_of(16_800, (8.0, 0.88), "CNY", 16_500, 17_000) == [16_588, 16_688, 16_788, 16_800, 16_888, 16_988]
    assert ladder_of(16_800, (88.0,), "CNY", 15_000, 30_000) == [16_800, 18_800, 28_800]


def test_currencies_without_and_with_three_decimals() -> None:
    assert ladder_of(1980, (80.0,), "JPY", 1700, 2200) == [1780, 1880, 1980, 2080, 2180]
    assert ladder_of(12_990, (0.99,), "KWD", 12_000, 14_000) == [12_990, 13_990]


def test_plain_steps_are_small_and_round() -> None:
    assert ladder_of(35, None, "EUR", 33, 37) == [33, 34, 35, 36, 37]
    steps = np.diff(prices := lattice("EUR", None, 10**7)[:-1]) / prices[:-1]
    assert steps[prices[:-1] > 200].max() <= 0.0051


def test_ending_steps_stay_within_one_percent_from_two_hundred_on() -> None:
    prices = lattice("EUR", (0.99,), 10**7)[:-1]
    steps = np.diff(prices) / prices[:-1]
    high = prices[:-1] > 20_000
    assert steps[high].max() <= 0.0101
    assert steps[high].min() >= 0.0039


def test_without_bounds_the_reach_is_half_to_double() -> None:
    items = pl.DataFrame({"current_price": [1000]})
    for reach in (None, (np.array([-np.inf]), np.array([np.inf])), (np.array([np.nan]), np.array([np.nan]))):
        ladder = build_ladder(items, None, "EUR", reach)
        prices = ladder.prices[0][ladder.valid[0]]
        assert (prices[0], prices[-1]) == (500, 2000)


def test_no_bound_reaches_farther_than_five_times() -> None:
    items = pl.DataFrame({"current_price": [1000]})
    ladder = build_ladder(items, None, "EUR", (np.array([1.0]), np.array([1e9])))
    prices = ladder.prices[0][ladder.valid[0]]
    assert (prices[0], prices[-1]) == (200, 5000)


def test_an_item_without_a_price_has_no_candidate() -> None:
    items = pl.DataFrame({"current_price": pl.Series([None, 999], dtype=pl.Int64)})
    ladder = build_ladder(items, (0.99,), "EUR")
    assert ladder.current.tolist() == [-1, ladder.current[1]]
    assert not ladder.valid[0].any()


def test_a_reach_that_no_price_meets_leaves_the_current_one() -> None:
    assert ladder_of(1000, (0.99,), "EUR", 1010, 1020) == [1000]
    assert ladder_of(1000, (0.99,), "EUR", 1500, 1400) == [1000]


@pytest.mark.parametrize("wrong", [0.995, -0.99, float("nan")])
def test_impossible_endings_are_refused(wrong: float) -> None:
    with pytest.raises(PolicyError):
        build_ladder(pl.DataFrame({"current_price": [1000]}), (wrong,), "EUR")


def test_a_million_items_share_one_lattice() -> None:
    current = np.random.default_rng(0).integers(100, 3000, 50_000)
    ladder = build_ladder(pl.DataFrame({"current_price": current}), (0.99,), "EUR", (0.9 * current, 1.1 * current))
    assert ladder.prices.dtype == np.int64
    assert (ladder.prices[np.arange(current.size), ladder.current] == current).all()
    candidates = ladder.prices[ladder.valid]
    assert np.isin(candidates % 100, [99]).mean() > 0.6


def test_a_price_that_is_meant_joins_in_its_place_for_its_product_alone() -> None:
    items = pl.DataFrame({"current_price": pl.Series([1950, 1950, 1950, 1950, 1950, None], dtype=pl.Int64)})
    low, high = np.full(6, 1800.0), np.full(6, 2100.0)
    low[5] = high[5] = np.nan
    shelf = build_shelf(items, (0.99,), "EUR", (low, high))
    rows = np.arange(6)
    meant = shelf.with_meant(np.array([0, 1, 2, 3, 4]), np.array([1810, 2050, 2100, 2101, 1999]))
    ladder = meant.ladder(rows)
    assert [ladder.prices[row][ladder.valid[row]].tolist() for row in range(6)] == [
        [1810, 1899, 1950, 1999, 2099],
        [1899, 1950, 1999, 2050, 2099],
        [1899, 1950, 1999, 2099, 2100],
        [1899, 1950, 1999, 2099],
        [1899, 1950, 1999, 2099],
        [],
    ]
    assert ladder.current.tolist() == [2, 1, 1, 1, 1, -1]
    assert (np.diff(ladder.prices, axis=1) >= 0).all()
    assert shelf.current.tolist() == [1, 1, 1, 1, 1, -1], "what is laid out is no part of the shelf"
    assert shelf.with_meant(rows[:2], np.array([1950, 2099])) is shelf
    assert np.array_equal(meant.with_meant(rows, np.full(6, 1950)).ladder(rows).prices, shelf.ladder(rows).prices)


def test_beyond_each_limit_lies_a_price_at_least() -> None:
    """So that a rule that stops a better price can be named where the endings lie farther apart than the limits."""
    current = pl.Series([163, 1950, 163, 163, 42, None], dtype=pl.Int64)
    lower, upper = np.array([147.0, 1800, 147, -np.inf, 38, 147]), np.array([179.0, 2100, 179, 179, 46, 179])
    shelf = build_shelf(pl.DataFrame({"current_price": current}), (0.95, 0.99), "EUR", (lower / 1.06, upper * 1.06), limits=(lower, upper))
    ladder = shelf.ladder(np.arange(6))
    assert [ladder.prices[row][ladder.valid[row]].tolist() for row in range(6)] == [
        [99, 163, 195],
        [1699, 1795, 1799, 1895, 1899, 1950, 1995, 1999, 2095, 2099, 2195, 2199],
        [99, 163, 195],
        [95, 99, 163, 195],
        [42, 95],
        [],
    ]
    assert ladder.current.tolist() == [1, 5, 1, 2, 0, -1]
    edge = build_shelf(
        pl.DataFrame({"current_price": [900]}),
        (0.95,),
        "EUR",
        (np.array([850.0]), np.array([999.0])),
        limits=(np.array([895.0]), np.array([997.0])),
    )
    assert edge.ladder(np.arange(1)).prices.tolist() == [[795, 895, 900, 995, 1095]], "also beyond the next power of ten"
    near = build_shelf(
        pl.DataFrame({"current_price": [10]}), (0.99,), "EUR", (np.array([9.0]), np.array([11.0])), limits=(lower[:1], upper[:1])
    )
    assert near.length.tolist() == [1], "no price beyond five times its own"


def test_a_price_that_is_meant_takes_no_second_ladder() -> None:
    """At its peak the memory is that of the ladder that is returned and one piece of work."""
    current = np.full(20_000, 5_003)
    shelf = build_shelf(pl.DataFrame({"current_price": current}), None, "EUR", (0.5 * current, 2.0 * current))
    meant = shelf.with_meant(np.array([7]), np.array([5_001]))
    assert meant.meant[7] == 5_001
    rows, peak = np.arange(current.size), {}
    for name, one in {"plain": shelf, "meant": meant}.items():
        tracemalloc.start()
        ladder = one.ladder(rows)
        peak[name] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak["meant"] < peak["plain"] + 0.1 * (ladder.prices.nbytes + ladder.valid.nbytes)


@pytest.mark.parametrize(("value", "currency"), [(0.99, "EUR"), (9.99, "EUR"), (80.0, "JPY")])
def test_of_how_many_prices_with_an_ending_one_is_a_candidate(value: float, currency: str) -> None:
    rungs, modulus = lattice(currency, (value,), 10**6)[:-1], ending(value, currency)[1]
    steps = np.diff(rungs) // modulus
    told = [one_in(value, currency, float(price), modulus) for price in rungs[1:].tolist()]
    assert told[0] == 1 and max(told) > 1
    assert (np.abs(np.log(steps / told)) <= np.log(2.5) + 1e-9).all() and (steps == told).mean() > 0.9
