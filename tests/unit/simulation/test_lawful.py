"""The exam's own reading of the price rules."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.simulation.lawful import Law, snap


def law(currency: str = "EUR", endings: tuple[float, ...] = (0.99, 0.49), low: float = -np.inf, high: float = np.inf) -> Law:
    return Law(currency, endings, 0.2, 0.1, np.array([low]), np.array([high]))


def keeps(rules: Law, price: int, current: int = 1000, kept_rate: float = 0.8, landed: float = 500.0) -> bool:
    return bool(rules.keeps(np.array([price]), np.array([current]), np.array([kept_rate]), np.array([landed]))[0])


@pytest.mark.parametrize(
    ("price", "allowed"),
    [(1000, True), (999, True), (998, False), (1199, True), (1249, False), (799, False), (849, True), (1149, True)],
)
def test_endings_and_the_largest_move(price: int, allowed: bool) -> None:
    assert keeps(law(), price) is allowed


def test_floor_is_on_the_kept_price() -> None:
    assert keeps(law(endings=()), 860, landed=625.0)
    assert not keeps(law(endings=()), 859, landed=625.0)


def test_bounds_are_inclusive() -> None:
    assert keeps(law(high=1049), 1049)
    assert not keeps(law(high=1048), 1049)
    assert keeps(law(low=949), 949)
    assert not keeps(law(low=950), 949)


def test_no_change_is_never_called_a_violation() -> None:
    assert keeps(law(high=500), 1000)


def test_the_best_price_is_not_one_that_the_rules_forbid_today() -> None:
    current, rate, landed = np.array([999]), np.array([0.8]), np.array([500.0])
    assert sorted(set(law(low=1040).candidates(current, rate, landed)[0])) == [1049, 1099, 1149]
    assert sorted(set(law(low=1500).candidates(current, rate, landed)[0])) == [999], "none is within reach"


@pytest.mark.parametrize(("currency", "endings"), [("EUR", (0.99, 0.49)), ("CNY", (0.9, 0.0)), ("JPY", ()), ("EUR", ())])
def test_candidates_are_exactly_the_allowed_prices(currency: str, endings: tuple[float, ...]) -> None:
    rules = law(currency, endings)
    current, rate, landed = np.array([137]), np.array([0.8]), np.array([60.0])
    brute = [price for price in range(1, 400) if rules.allows(np.array([price]), current, rate, landed)[0]]
    assert sorted(set(rules.candidates(current, rate, landed)[0])) == (brute or [137])


def test_a_long_ladder_is_thinned_evenly() -> None:
    ladder = law("JPY", ()).candidates(np.array([50000]), np.array([0.8]), np.array([10.0]), limit=50)
    assert ladder.shape[1] <= 50
    assert ladder.min() == 40000
    assert ladder.max() == 60000


def test_snap_finds_the_nearest_ending() -> None:
    prices = snap(np.array([10.2, 10.3, 0.1, 10.8]), "EUR", (0.99, 0.49))
    assert prices.tolist() == [9.99, 10.49, 0.49, 10.99]
    assert snap(np.array([1234.5678]), "JPY", ()).tolist() == [1235.0]
