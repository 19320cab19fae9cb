"""What is said of a held price is what the guards go by: its bound passes, and one unit further does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricesmith.guards.hard_ceiling import GUARD as CEILING
from pricesmith.guards.hard_floor import GUARD as FLOOR
from pricesmith.guards.max_move import GUARD as MOVE
from pricesmith.guards.measured import SETTINGS, measured
from pricesmith.testing.changes import open_state

from .cases import LIMITS, table

CASES: dict[str, tuple[Any, dict[str, Any], float]] = {
    "above_ceiling": (CEILING, {"price": 1700, "median_30d": 1003.0}, 1003),
    "below_floor": (FLOOR, {"price": 300}, 256),
    "step": (MOVE, {"price": 1150, "current_price": 1003, "low_24h": 1003, "high_24h": 1003, "price_7d": 1003}, 1003),
    "day": (MOVE, {"price": 1250, "current_price": 1180, "low_24h": 1003, "high_24h": 1180, "price_7d": 1100}, 1003),
    "week": (MOVE, {"price": 1000, "current_price": 1050, "low_24h": 1050, "high_24h": 1050, "price_7d": 1601}, 1601),
}


@pytest.mark.parametrize("code", SETTINGS)
def test_the_bound_passes_and_one_unit_further_does_not(code: str) -> None:
    guard, row, said = CASES[code]
    held = guard.judge(table(row), open_state(), LIMITS).held[0]
    assert held == code
    told = measured(table(row), [code], LIMITS)
    (bound,) = told.bound
    assert told.against[0] == said and bound == round(bound) and told.setting[0] == SETTINGS[code]
    further = 1 if row["price"] > bound else -1
    inside, outside = (guard.judge(table({**row, "price": int(bound) + by}), open_state(), LIMITS).held[0] for by in (0, further))
    assert (inside, outside) == ("", code)


def test_of_other_codes_and_unknown_figures_nothing_is_said() -> None:
    rows = table({}, {"median_30d": None}, {"landed_cost": 256.0, "fee_rate": 0.95})
    told = measured(rows, ["frozen", "above_ceiling", "below_floor"], LIMITS)
    assert np.isnan(told.against).all() and np.isnan(told.bound).all() and set(told.setting) == {""}


def test_the_bound_of_a_move_is_that_of_its_whole_guard_and_is_named_after_what_sets_it() -> None:
    before = {"current_price": 1100, "low_24h": 1000, "high_24h": 1100, "price_7d": 1000}
    slow = {"current_price": 1300, "low_24h": 1300, "high_24h": 1300, "price_7d": 1000}
    rows = table({"price": 1300, **before}, {"price": 500, **before}, {"price": 1600, **slow})
    codes = list(MOVE.judge(rows, open_state(), LIMITS).held)
    assert codes == ["step"] * 3
    told = measured(rows, codes, LIMITS)
    assert told.setting.tolist() == ["max_day", "max_step", "max_week"]
    share = (LIMITS.max_day, LIMITS.max_step, LIMITS.max_week)
    assert told.against.tolist() == [1000, 1100, 1000]
    assert told.bound.tolist() == [round(1000 * (1 + share[0])), round(1100 * (1 - share[1])), round(1000 * (1 + share[2]))]


def test_where_no_price_passes_the_whole_guard_no_bound_is_named() -> None:
    rows = table({"price": 1500, "current_price": 1000, "low_24h": 1000, "high_24h": 1000, "price_7d": 2000})
    told = measured(rows, ["step"], LIMITS)
    assert np.isnan(told.bound).all() and np.isnan(told.against).all() and told.setting.tolist() == [""]


PRICES = st.integers(100, 100_000)


@settings(max_examples=300, deadline=None)
@given(PRICES, PRICES, PRICES, PRICES, PRICES)
def test_of_any_history_a_price_at_the_bound_passes_its_guard_and_one_unit_further_does_not(
    price: int, now: int, one: int, other: int, week: int
) -> None:
    row = {"current_price": now, "low_24h": min(one, other, now), "high_24h": max(one, other, now), "price_7d": week}

    def asked(at: int) -> str:
        return str(MOVE.judge(table({"price": at, **row}), open_state(), LIMITS).held[0])

    told = measured(table({"price": price, **row}), [asked(price)], LIMITS)
    (bound,) = told.bound
    if not asked(price):
        assert np.isnan(bound)
    elif np.isnan(bound):
        assert all(asked(at) for at in {price, *row.values()})
    else:
        assert asked(int(bound)) == "" != asked(int(bound) + (1 if price > bound else -1))
        assert told.setting[0] in ("max_step", "max_day", "max_week")
