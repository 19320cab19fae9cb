"""Rules that judge each price by itself, on figures worked out by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from pricesmith.contracts.rule import Context
from tests.unit.rules.shelf import DAY, EUR, ints, items, rule


def test_margin_floor() -> None:
    shelf = items(
        {"landed_cost": 500.0},  # 500 * 1.05
        {"landed_cost": 500.0, "tax_rate": 0.19, "payment_rate": 0.02},  # 525 * 1.19 / 0.98 = 637.5
        {"landed_cost": 0.0},
        {"landed_cost": None},
        {"landed_cost": -1.0},
        {"landed_cost": 500.0, "fee_rate": 1.0},
        {"landed_cost": 500.0, "fee_rate": None},
    )
    limits = rule("margin_floor", min_margin=0.05).limit(shelf, EUR)
    assert np.array_equal(limits.low, [525, 638, 0, np.inf, np.inf, np.inf, np.nan], equal_nan=True)
    assert limits.hold.tolist() == ["", "", "", "missing_cost", "missing_cost", "", ""]
    assert np.isinf(limits.high).all()
    assert rule("margin_floor", min_margin=0.05).broken(shelf, ints(524, 637, 1, 900, 900, 900, 900), EUR).tolist() == [1, 1, 0, 1, 1, 1, 1]
    assert not rule("margin_floor", min_margin=0.05).broken(shelf, ints(525, 638, 1, 1000, 1000, 1000, 1000), EUR).any()


@pytest.mark.parametrize("margin", [{"min_margin": 0.05}, {"of_price": 0.05}])
def test_fees_that_take_the_whole_price_allow_none_even_of_what_costs_nothing(margin: dict[str, float]) -> None:
    shelf = items({"landed_cost": 0.0, "fee_rate": 0.985, "payment_rate": 0.015})  # 1.7e-17 would remain of the price
    floor = rule("margin_floor", **margin)
    assert np.isinf(floor.limit(shelf, EUR).low).all() and floor.broken(shelf, ints(900), EUR).all()


def test_margin_of_the_price() -> None:
    shelf = items({"landed_cost": 300.0}, {"landed_cost": 300.0, "tax_rate": 0.19, "payment_rate": 0.02}, {"landed_cost": None})
    floor = rule("margin_floor", of_price=0.25)  # 300 / 0.75; 400 * 1.19 / 0.98 = 485.7
    assert np.array_equal(floor.limit(shelf, EUR).low, [400, 486, np.inf])
    assert floor.broken(shelf, ints(399, 485, 900), EUR).tolist() == [1, 1, 1]
    assert not floor.broken(shelf, ints(400, 486, 1000), EUR).any()


@pytest.mark.parametrize(
    ("fields", "low", "high"),
    [
        ({"step": 0.15}, 850, 1150),
        ({"step": 0.15, "up": 0.05}, 850, 1050),
        ({"down": 0.0}, 1000, np.inf),
        ({"up": 0.5}, -np.inf, 1500),
        ({"up": 0.0, "down": 1.0}, 0, 1000),
    ],
)
def test_max_change(fields: dict[str, float], low: float, high: float) -> None:
    limits = rule("max_change", **fields).limit(items({}), EUR)
    assert (limits.low[0], limits.high[0], limits.hold[0]) == (low, high, "")


def test_max_change_rounds_inwards_and_needs_a_price() -> None:
    limits = rule("max_change", step=0.15).limit(items({"current_price": 999}, {"current_price": None}), EUR)
    assert (limits.low[0], limits.high[0]) == (850, 1148)  # 849.15, 1148.85
    assert (limits.low[1], limits.high[1], limits.hold[1]) == (np.inf, -np.inf, "missing_price")


def test_min_change() -> None:
    one, both = rule("min_change", step=0.02), rule("min_change", step=0.02, amount=0.5)
    prices = np.array([[1000, 1019, 1020, 980, 1049, 1050]])
    assert one.admits(items({}), prices, EUR).tolist() == [[True, False, True, True, True, True]]
    assert both.admits(items({}), prices, EUR).tolist() == [[True, False, False, False, False, True]]
    assert not one.admits(items({"current_price": None}), prices, EUR).any()


def test_price_endings() -> None:
    ends = rule("price_endings", endings=[0.99, 9.49])
    prices = np.array([[499, 949, 549, 1949, 1299, 1300]])
    assert ends.admits(items({}), prices, EUR).tolist() == [[True, True, False, True, True, False]]
    digits = rule("price_endings", endings=[9, 5, 0])
    whole = np.array([[7900, 7500, 8000, 7800, 10100, 8050]])
    assert digits.admits(items({}), whole, EUR).tolist() == [[True, True, True, False, False, False]]
    yen = Context(DAY, "JPY", "gross")
    assert rule("price_endings", endings=[80]).admits(items({}), np.array([[180, 1280, 1290, 80]]), yen).tolist() == [
        [True, True, False, True]
    ]
    assert rule("price_endings", endings=[0]).admits(items({}), np.array([[180, 185, 1000]]), yen).tolist() == [[True, False, True]]


def test_competitor_band() -> None:
    shelf = items({"competitor_price": 999.5}, {"competitor_price": None})
    limits = rule("competitor_band", low=0.9, high=1.1).limit(shelf, EUR)
    assert limits.low.tolist() == [900, -np.inf] and limits.high.tolist() == [1099, np.inf]
    assert rule("competitor_band", high=1.0).limit(shelf, EUR).low.tolist() == [-np.inf, -np.inf]
    assert rule("competitor_band", low=1.0).limit(shelf, EUR).high.tolist() == [np.inf, np.inf]


@pytest.mark.parametrize(("reference", "low", "high"), [("cheapest", 810, 990), ("second", 855, 1045), ("average", 945, 1155)])
def test_what_competitors_say_together(reference: str, low: int, high: int) -> None:
    said = {"competitor_price": 1000.0, "competitor_cheapest": 900.0, "competitor_second": 950.0, "competitor_average": 1050.0}
    band, shelf = rule("competitor_band", reference=reference, low=0.9, high=1.1), items(said, {"competitor_price": None})
    limits = band.limit(shelf, EUR)
    assert limits.low.tolist() == [low, -np.inf] and limits.high.tolist() == [high, np.inf]
    before = shelf.drop(f"competitor_{reference}")
    assert np.isnan(band.limit(before, EUR).low[0]), "what a run of before does not know permits nothing"
    assert np.isinf(band.limit(before, EUR).low[1])


def test_price_bounds() -> None:
    shelf = items(
        {"min_price": 600, "map_price": 700, "max_price": 1500, "rrp": 1400},
        {},
        {"landed_cost": 0.0},
        {"landed_cost": None, "min_price": 10},
    )
    limits = rule("price_bounds").limit(shelf, EUR)
    assert limits.low.tolist() == [700, -np.inf, -np.inf, 10] and limits.high.tolist() == [1400, np.inf, np.inf, np.inf]
    assert limits.hold.tolist() == ["", "", "missing_floor", ""]
    own = rule("price_bounds", columns=["max_price"], min_price=6.005, max_price=13.0).limit(shelf, EUR)
    assert own.low.tolist() == [601] * 4 and own.high.tolist() == [1300] * 4
    assert rule("price_bounds", min_price=8.0).limit(shelf, EUR).low.tolist() == [800] * 4


@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({"from": "2026-12-24", "to": "2026-12-24"}, True),
        ({"from": "2026-12-25", "to": "2026-12-26"}, False),
        ({"from": "2026-12-01", "to": "2026-12-23"}, False),
        ({"from": "2026-12-24"}, True),
        ({"to": "2026-12-24"}, True),
        ({"from": dt.date(2026, 12, 25)}, False),
    ],
)
def test_freeze(fields: dict[str, object], held: bool) -> None:
    assert rule("freeze", **fields).limit(items({}), EUR).hold.tolist() == ["frozen" if held else ""]


def test_exclude() -> None:
    shelf = items({"brand": "Acme"}, {"brand": "Birke"}, {})
    assert rule("exclude", where={"brand": "A*"}).limit(shelf, EUR).hold.tolist() == ["excluded", "", ""]
    assert rule("exclude").limit(shelf, EUR).hold.tolist() == ["excluded"] * 3
