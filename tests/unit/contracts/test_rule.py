"""The seam of the rules: selection, ties, what counts as a change."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.rule import Context, Rule, Ties, changed, numbers

ITEMS = pl.DataFrame(
    {
        "sku": ["A1", "A2", "B1"],
        "category": ["home/pans", "home", ""],
        "brand": ["Acme", None, "own*"],
        "current_price": pl.Series([100, None, 300], dtype=pl.Int64),
    }
)


@pytest.mark.parametrize(
    ("where", "chosen"),
    [
        ({}, [1, 1, 1]),
        ({"sku": "A*"}, [1, 1, 0]),
        ({"sku": "?1"}, [1, 0, 1]),
        ({"category": "home/*"}, [1, 0, 0]),
        ({"category": "home*"}, [1, 1, 0]),
        ({"category": "*"}, [1, 1, 1]),
        ({"brand": "*"}, [1, 0, 1]),
        ({"brand": "acme"}, [0, 0, 0]),
        ({"brand": "own[*]"}, [0, 0, 1]),
        ({"sku": "A*", "brand": "Acme"}, [1, 0, 0]),
        ({"sku": "!A*"}, [0, 0, 1]),
        ({"brand": "!Acme"}, [0, 0, 1]),
        ({"brand": "!*"}, [0, 0, 0]),
        ({"sku": "!A1", "category": "home*"}, [0, 1, 0]),
    ],
)
def test_where(where: dict[str, str], chosen: list[int]) -> None:
    assert Rule(where=where).selects(ITEMS).tolist() == [bool(flag) for flag in chosen]


def test_a_rule_that_says_nothing_allows_everything() -> None:
    rule, context = Rule(), Context(dt.date(2026, 1, 1), "EUR", "gross")
    prices = np.array([[1], [2], [3]])
    assert rule.admits(ITEMS, prices, context).all() and not rule.broken(ITEMS, prices[:, 0], context).any()
    assert rule.ties(ITEMS, context) is None and rule.couplings(ITEMS, context) is None and rule.fits("EUR") is None


def test_changed() -> None:
    assert changed(ITEMS, np.array([100, 0, 301])).tolist() == [False, False, True]
    assert changed(ITEMS, np.array([99, 50, 300])).tolist() == [True, True, False]


def test_numbers_know_no_infinity() -> None:
    frame = pl.DataFrame({"x": [1.0, float("inf"), float("nan"), None]})
    assert np.array_equal(numbers(frame, "x"), [1.0, np.nan, np.nan, np.nan], equal_nan=True)


def test_ties_are_exact_to_the_minor_unit() -> None:
    tied = Ties(np.array([0, 0]), np.array([1, 2]), np.array([0.9, 0.0]), np.array([1.1, np.inf]))
    assert tied.met(np.array([1000, 1100, 1])).tolist() == [True, True]
    assert tied.met(np.array([1000, 1101, 1])).tolist() == [False, True]
    assert tied.met(np.array([1000, 899, 0])).tolist() == [False, True]
    assert tied.met(np.array([0, 1, 5])).tolist() == [False, True]
