"""What is said of a held price is what the guards go by: its bound passes, and what lies further does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.guards.frequency import GUARD as FREQUENCY
from pricesmith.guards.hard_ceiling import GUARD as CEILING
from pricesmith.guards.hard_floor import GUARD as FLOOR
from pricesmith.guards.max_move import GUARD as MOVE
from pricesmith.guards.measured import BOUNDLESS, MEASURES, measured
from pricesmith.guards.one_seller import GUARD as SELLER
from pricesmith.guards.price_war import GUARD as WAR
from pricesmith.guards.ratio_detector import GUARD as RATIO
from pricesmith.guards.same_price import GUARD as SAME
from pricesmith.guards.stale_data import GUARD as STALE
from pricesmith.testing.changes import NOW, open_state
from tests.examples import examples

from .cases import HOUR, LIMITS, MINUTE, table

PRICES: dict[str, tuple[Any, dict[str, Any], float]] = {
    "above_ceiling": (CEILING, {"price": 1700, "median_30d": 1003.0}, 1003),
    "above_max_price": (CEILING, {"price": 1200, "max_price": 1103}, 1103),
    "below_floor": (FLOOR, {"price": 300}, 256),
    "below_min_price": (FLOOR, {"price": 600, "min_price": 903}, 903),
    "step": (MOVE, {"price": 1150, "current_price": 1003, "low_24h": 1003, "high_24h": 1003, "price_7d": 1003}, 1003),
    "day": (MOVE, {"price": 1250, "current_price": 1180, "low_24h": 1003, "high_24h": 1180, "price_7d": 1100}, 1003),
    "week": (MOVE, {"price": 1000, "current_price": 1050, "low_24h": 1050, "high_24h": 1050, "price_7d": 1601}, 1601),
    "one_seller": (SELLER, {"price": 800, "current_price": 1003, "low_24h": 1003, "high_24h": 1033, "sellers": 1}, 1033),
    "drift": (WAR, {"price": 1300, "anchor_price": 1003.0}, 1003),
}
AGES = {"cost_stale": ("cost_at", "cost_hours"), "competitor_stale": ("competitor_at", "competitor_hours")}
AGES["stock_stale"] = ("stock_at", "stock_hours")


def code(guard: Any, **row: Any) -> str:
    return str(guard.judge(table(row), open_state(), LIMITS).held[0])


def sizes(name: str, **row: Any) -> tuple[float, float]:
    against, bound = measured(table(row), [name], NOW, LIMITS)
    return float(against[0]), float(bound[0])


@pytest.mark.parametrize("name", PRICES)
def test_the_price_that_is_said_passes_and_one_unit_further_does_not(name: str) -> None:
    guard, row, said = PRICES[name]
    assert code(guard, **row) == name and MEASURES[name].unit == "price"
    against, bound = sizes(name, **row)
    assert against == said and bound == round(bound)
    further = 1 if row["price"] > bound else -1
    assert [code(guard, **{**row, "price": int(bound) + by}) for by in (0, further)] == ["", name]


def test_a_bound_that_another_limit_of_its_guard_stops_is_not_said() -> None:
    before = {"current_price": 1100, "low_24h": 1000, "high_24h": 1100, "price_7d": 1000}
    against, bound = sizes("step", price=1300, **before)
    assert code(MOVE, price=1300, **before) == "step" and against == 1100
    assert np.isnan(bound) and code(MOVE, price=int(1100 * (1 + LIMITS.max_step)), **before) == "day"


PRICE = st.integers(100, 100_000)


@examples(300)
@given(PRICE, PRICE, PRICE, PRICE, PRICE)
def test_of_any_history_a_bound_passes_its_whole_guard_and_one_unit_further_does_not(
    price: int, now: int, one: int, other: int, week: int
) -> None:
    row = {"current_price": now, "low_24h": min(one, other, now), "high_24h": max(one, other, now), "price_7d": week}
    held = code(MOVE, price=price, **row)
    if held:
        _, bound = sizes(held, price=price, **row)
        if np.isfinite(bound):
            further = 1 if price > bound else -1
            assert code(MOVE, price=int(bound), **row) == "" != code(MOVE, price=int(bound) + further, **row)


@pytest.mark.parametrize("name", AGES)
def test_an_age_that_is_said_is_beyond_the_one_that_passes(name: str) -> None:
    column, setting = AGES[name]
    limit = float(getattr(LIMITS, setting))
    row = {"follows": 1, "uses_stock": 1, column: NOW - (limit + 5) * HOUR}
    assert code(STALE, **row) == name and MEASURES[name][:2] == ("hours", setting)
    assert sizes(name, **row) == (limit + 5, limit)
    assert code(STALE, **{**row, column: NOW - limit * HOUR}) == ""
    early = {**row, column: NOW + 50 * HOUR}
    assert code(STALE, **early) == name and np.isnan(sizes(name, **early)).all(), "what lies ahead has no age"


def test_a_number_or_a_time_that_is_said_passes_and_the_next_does_not() -> None:
    recent = {"changed_at": NOW - 6 * MINUTE}
    assert code(FREQUENCY, **recent) == "dwell" and sizes("dwell", **recent) == (6.0, LIMITS.dwell_minutes)
    for name, guard, row in (
        ("changes_day", FREQUENCY, {"changes_24h": 11}),
        ("changes_day", FREQUENCY, {"changes_24h": 11, "undo": 1}),
        ("price_war", WAR, {"alternations_48h": 9, "anchor_price": 1000.0}),
    ):
        (column,) = set(row) & {"changes_24h", "alternations_48h"}
        against, bound = sizes(name, **row)
        assert code(guard, **row) == name and against == row[column]
        assert [code(guard, **{**row, column: int(bound) + by}) for by in (0, 1)] == ["", name]


def test_of_one_price_on_many_goods_their_number_is_said() -> None:
    def batch(count: int) -> pl.DataFrame:
        rows = [{"sku": f"a{one}", "price": 500, "landed_cost": 10.0 + 40.0 * one} for one in range(count)]
        return table(*rows, *({"sku": f"b{one}", "price": 1000 + one} for one in range(300 - count)))

    against, bound = measured(batch(20), ["same_price"] * 300, NOW, LIMITS)
    most = int(bound[0])
    assert against[0] == 20 and most == 14 and np.isnan(against[20:]).all(), "of those that merely wait nothing is said"
    assert [SAME.judge(batch(count), open_state(), LIMITS).held[0] for count in (most, most + 1)] == ["", "same_price"]


def test_a_ratio_is_said_with_the_nearest_one_and_a_slip_without() -> None:
    assert code(RATIO, price=230) == "ratio" and sizes("ratio", price=230) == (0.23, LIMITS.ratio_low)
    assert code(RATIO, price=3000) == "ratio" and sizes("ratio", price=3000) == (3.0, LIMITS.ratio_high)
    for name, row, state in (
        ("unit_slip", {"price": 100}, open_state()),
        ("currency_slip", {"price": 7460}, replace(open_state(), rates={"DKK": 7.46}, rates_at=NOW)),
    ):
        assert RATIO.judge(table(row), state, LIMITS).held[0] == name and name in BOUNDLESS
        against, bound = sizes(name, **row)
        assert against == row["price"] / 1000 and np.isnan(bound)


def test_of_other_codes_and_unknown_figures_nothing_is_said() -> None:
    rows = table({}, {"median_30d": None}, {"landed_cost": 256.0, "fee_rate": 0.95}, {"current_price": None}, {"cost_at": None})
    against, bound = measured(rows, ["frozen", "above_ceiling", "below_floor", "ratio", "cost_stale"], NOW, LIMITS)
    assert np.isnan(against).all() and np.isnan(bound).all()


def test_every_code_is_one_of_a_guard() -> None:
    known = {name for guard in (FREQUENCY, CEILING, FLOOR, MOVE, SELLER, WAR, RATIO, SAME, STALE) for name in guard.codes}
    assert known >= MEASURES.keys()
    assert all(hasattr(LIMITS, name) for one in MEASURES.values() for name in one.setting.split(", ") if name)
