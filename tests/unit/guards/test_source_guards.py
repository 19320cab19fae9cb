"""G13 to G15: the data that a price was made from, and the rivals that it follows."""

from __future__ import annotations

import datetime as dt

import pytest

from pricesmith.guards import GUARDS
from tests.unit.guards.cases import HOUR, LIMITS, NOW, SECOND, ask, code, many

TICK = dt.timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"cost_at": NOW - 24 * HOUR}, ""),
        ({"cost_at": NOW - 24 * HOUR - TICK}, "cost_stale"),
        ({"cost_at": NOW + 60 * SECOND}, ""),
        ({"cost_at": NOW + 61 * SECOND}, "cost_stale"),
        ({"cost_at": None}, "cost_stale"),
        ({"cost_at": None, "price": 1001, "undo": 1}, ""),
        ({"cost_at": None, "price": 1000, "undo": 1}, "cost_stale"),
        ({"cost_at": None, "price": 999, "undo": 1}, "cost_stale"),
        ({"cost_at": None, "price": 1001, "current_price": None, "undo": 1}, "cost_stale"),
        ({"competitor_at": NOW - 6 * HOUR}, ""),
        ({"competitor_at": NOW - 6 * HOUR - TICK}, "competitor_stale"),
        ({"competitor_at": None}, "competitor_stale"),
        ({"competitor_at": None, "follows": None}, "competitor_stale"),
        ({"competitor_at": None, "follows": 0}, ""),
        ({"competitor_at": None, "undo": 1}, ""),
        ({"stock_at": NOW - 2 * HOUR}, ""),
        ({"stock_at": NOW - 2 * HOUR - TICK}, "stock_stale"),
        ({"stock_at": None}, "stock_stale"),
        ({"stock_at": None, "uses_stock": None}, "stock_stale"),
        ({"stock_at": None, "uses_stock": 0}, ""),
        ({"stock_at": None, "undo": 1}, ""),
    ],
)
def test_old_data(row: dict, expected: str) -> None:
    assert code("stale_data", row) == expected


@pytest.mark.parametrize(
    ("skew", "expected"), [(60.0, ""), (-60.0, ""), (60.1, "clock"), (-60.1, "clock"), (None, "clock"), (float("nan"), "clock")]
)
def test_clocks(skew: float | None, expected: str) -> None:
    assert code("stale_data", clock_skew=skew) == expected
    assert code("stale_data", {"undo": 1}, clock_skew=skew) == ""


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (NOW - 24 * HOUR, ""),
        (NOW - 24 * HOUR - TICK, "rates_stale"),
        (NOW + 60 * SECOND, ""),
        (NOW + 61 * SECOND, "rates_stale"),
        (None, "rates_stale"),
    ],
)
def test_exchange_rates(known: dt.datetime | None, expected: str) -> None:
    assert code("stale_data", rates={"USD": 0.9}, rates_at=known) == expected
    assert code("stale_data", {"undo": 1}, rates={"USD": 0.9}, rates_at=known) == ""
    assert code("stale_data", rates={}, rates_at=known) == ""


def test_one_rival_leads_us_only_a_little() -> None:
    """The Making of a Fly: each of the two prices followed one other."""
    assert code("one_seller", {"price": 1268, "sellers": 1}) == "one_seller"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 1050, "sellers": 2}, ""),
        ({"price": 1051, "sellers": 2}, "one_seller"),
        ({"price": 950, "sellers": 2}, ""),
        ({"price": 949, "sellers": 2}, "one_seller"),
        ({"price": 1051, "sellers": 3}, ""),
        ({"price": 1051, "sellers": None}, "one_seller"),
        ({"price": 1051, "influence": 0.05}, ""),
        ({"price": 1051, "influence": 0.051}, "one_seller"),
        ({"price": 1051, "influence": 0.0}, ""),
        ({"price": 1051, "influence": -0.01}, "one_seller"),
        ({"price": 1051, "influence": None}, "one_seller"),
        ({"price": 1051, "influence": float("nan")}, "one_seller"),
        ({"price": 1051, "sellers": 2, "follows": 0}, ""),
        ({"price": 1051, "sellers": 2, "follows": None}, "one_seller"),
        ({"price": 1051, "sellers": 2, "undo": 1}, ""),
        ({"price": 1000, "sellers": 2, "low_24h": 950}, "one_seller"),
        ({"price": 1000, "sellers": 2, "high_24h": 1060}, "one_seller"),
        ({"price": 1000, "sellers": 2, "current_price": 940}, "one_seller"),
        ({"price": 1000, "sellers": 2, "low_24h": None}, "one_seller"),
    ],
)
def test_sellers(row: dict, expected: str) -> None:
    assert code("one_seller", row) == expected


def test_fly_drifts_from_its_anchor() -> None:
    """Cost and demand know nothing of $23 million: the first lap (1.2684) is already too far."""
    assert code("price_war", {"price": 1268}) == "drift"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 1150}, ""),
        ({"price": 1151}, "drift"),
        ({"price": 850}, ""),
        ({"price": 849}, "drift"),
        ({"price": 849, "follows": 0}, ""),
        ({"price": 849, "follows": None}, "drift"),
        ({"price": 849, "undo": 1}, ""),
        ({"anchor_price": None}, "no_anchor"),
        ({"anchor_price": 0.0}, "no_anchor"),
        ({"anchor_price": 0.9, "price": 1}, ""),
        ({"anchor_price": None, "follows": 0}, ""),
        ({"alternations_48h": 3}, ""),
        ({"alternations_48h": 4}, "price_war"),
        ({"alternations_48h": None}, "alternations_unknown"),
        ({"alternations_48h": -1}, "alternations_unknown"),
        ({"alternations_48h": 4, "follows": 0}, ""),
        ({"alternations_48h": None, "follows": 0}, ""),
        ({"frozen_until": NOW + TICK}, "frozen"),
        ({"frozen_until": NOW}, ""),
        ({"frozen_until": NOW + HOUR, "follows": 0}, ""),
        ({"frozen_until": NOW + HOUR, "undo": 1}, ""),
        ({"price": None}, "drift"),
    ],
)
def test_price_war(row: dict, expected: str) -> None:
    assert code("price_war", row) == expected


def test_first_reason_counts() -> None:
    everything = {"cost_at": None, "competitor_at": None, "stock_at": None}
    assert code("stale_data", everything) == "cost_stale"
    assert code("stale_data", everything, clock_skew=None) == "clock"
    assert code("stale_data", {"stock_at": None, "competitor_at": None}) == "competitor_stale"
    assert code("stale_data", {"stock_at": None}, rates={"USD": 1.0}) == "stock_stale"
    assert list(ask("price_war", many(2, price=[1000, 2000]), LIMITS).held) == ["", "drift"]


def test_which_of_them_count_for_the_breaker() -> None:
    counts = {name for name in ("stale_data", "one_seller", "price_war") if GUARDS[name].counts}
    assert counts == set()
