"""All rules together: limits, clashes, soft rules, the last word, what stopped a better price."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy, parse_policy
from pricesmith.contracts.rule import Context, Limits, Rule
from pricesmith.contracts.tables import EVIDENCE
from pricesmith.rules import RULES
from pricesmith.rules.apply import Allowed, admit, check, limit, names_of, settle
from pricesmith.rules.binding import binding
from pricesmith.rules.caution import WEAK_EVIDENCE, caution, heeded
from pricesmith.rules.holds import holds
from tests.unit.rules.shelf import DAY, EUR, ints, items, ladder, rules

FLOOR = {"kind": "margin_floor", "min_margin": 1.3}  # 1150
STEP = {"kind": "max_change", "step": 0.1}  # 900 .. 1100
LEAST = {"kind": "price_bounds", "min_price": 13.0}
ENDS = {"kind": "price_endings", "endings": [0.99]}


def allow(shelf: pl.DataFrame, steps: tuple[int, ...], *plain: dict[str, Any]) -> Allowed:
    chosen = rules(*plain)
    return admit(chosen, shelf, ladder(shelf, *steps), limit(chosen, shelf, EUR), EUR)


def test_names_tell_rules_of_one_kind_apart() -> None:
    assert names_of(rules(STEP, FLOOR, STEP, STEP)) == ("max_change", "margin_floor", "max_change:2", "max_change:3")


def test_no_rules_allow_the_ladder() -> None:
    allowed = allow(items({}), (900, 1100))
    assert allowed.valid.tolist() == [[True] * 3] and allowed.clash == [()] and allowed.dropped.shape == (0, 1)


def test_limits_side_by_side() -> None:
    bounds = limit(rules(FLOOR, STEP), items({}, {"landed_cost": None}), EUR)
    assert bounds.names == ("margin_floor", "max_change") and bounds.hold.tolist() == ["", "missing_cost"]
    assert bounds.low.tolist() == [[1150, np.inf], [900, 900]] and bounds.high.tolist() == [[np.inf, np.inf], [1100, 1100]]


def test_the_first_reason_to_hold_counts() -> None:
    plain = {"kind": "exclude"}, {"kind": "freeze", "from": "2026-01-01"}
    assert limit(rules(*plain), items({}), EUR).hold.tolist() == ["excluded"]
    assert limit(rules(*reversed(plain)), items({}), EUR).hold.tolist() == ["frozen"]


class Blank(Rule, frozen=True, kw_only=True, tag="blank"):
    def limit(self, items: pl.DataFrame, context: Context) -> Limits:
        return Limits(np.array([np.nan, 999.5, -np.inf]), np.array([1.0, 1000.5, np.nan]), np.array(["", "", "why"], dtype=object))


def test_an_unknown_limit_is_no_permission() -> None:
    shelf = items({}, {}, {})
    bounds = limit([Blank()], shelf, EUR)
    assert bounds.hold.tolist() == ["unknown_limit", "", "why"]
    assert bounds.low.tolist() == [[np.inf, 1000, np.inf]] and bounds.high.tolist() == [[-np.inf, 1000, -np.inf]]


def test_a_held_item_keeps_its_current_price_only() -> None:
    shelf = items({"landed_cost": None}, {"landed_cost": None, "current_price": None})
    allowed = allow(shelf, (900, 1100), FLOOR)
    assert allowed.valid.tolist() == [[False, True, False], [False, False, False]] and allowed.clash == [(), ()]


def test_the_current_price_is_asked_like_any_other() -> None:
    allowed = allow(items({}), (1099, 1199), ENDS)
    assert allowed.valid.tolist() == [[False, True, True]]


@pytest.mark.parametrize(
    ("plain", "steps", "clash"),
    [
        ([FLOOR, STEP, ENDS], (1000, 1099, 1199), ("margin_floor", "max_change")),
        ([{"kind": "price_bounds", "max_price": 11.0}, FLOOR, STEP], (1099, 1199), ("price_bounds", "margin_floor")),
        ([{"kind": "max_change", "step": 0.02}, {"kind": "margin_floor", "min_margin": 1.01}, ENDS], (999, 1099),
         ("max_change", "margin_floor", "price_endings")),
        ([{"kind": "price_bounds", "max_price": 5.0}, ENDS], (499, 599), ()),
        ([FLOOR, {"kind": "price_bounds", "max_price": 9.0}, ENDS], (1000,), ("margin_floor", "price_bounds")),
        ([FLOOR, ENDS, {"kind": "price_bounds", "max_price": 9.0}], (1000,), ("margin_floor", "price_bounds")),
        ([{"kind": "price_bounds", "min_price": 9.1, "max_price": 9.8}, ENDS], (1000,), ("price_bounds", "price_endings")),
        ([{"kind": "price_bounds", "max_price": 12.0, "where": {"sku": "S*"}}, {**LEAST, "where": {"channel": "web"}}], (1199, 1399),
         ("price_bounds", "price_bounds:2")),
    ],
)  # fmt: skip
def test_a_clash_names_the_fewest_rules(plain: list[dict[str, Any]], steps: tuple[int, ...], clash: tuple[str, ...]) -> None:
    allowed = allow(items({}), steps, *plain)
    assert allowed.clash == [clash] and allowed.valid.any() == (clash == ())


def test_bounds_that_contradict_each_other_in_the_table_blame_one_rule() -> None:
    assert allow(items({"min_price": 1200, "max_price": 1100}), (999, 1199), {"kind": "price_bounds"}, STEP).clash == [("price_bounds",)]


def test_a_ladder_that_is_too_short_is_judged_by_itself() -> None:
    """1150 would do, but is not on the ladder: the floor is what its prices cannot meet."""
    assert allow(items({}), (900, 1100), FLOOR, {"kind": "max_change", "step": 0.5}).clash == [("margin_floor",)]


def test_soft_rules_give_way_by_priority() -> None:
    soft = [{**STEP, "hard": False, "priority": 1}, {**ENDS, "hard": False}]
    allowed = allow(items({}, {"current_price": 1100}), (1099, 1150, 1200), FLOOR, *soft)
    assert allowed.valid.tolist() == [[False, False, True, True], [False, False, True, True]]
    assert allowed.dropped.tolist() == [[False, False], [True, False], [True, True]] and allowed.clash == [(), ()]


def test_of_equal_soft_rules_the_earlier_one_stays() -> None:
    both = [{"kind": "price_bounds", "max_price": 9.0, "hard": False}, {"kind": "price_bounds", "min_price": 11.0, "hard": False}]
    assert allow(items({}), (900, 1100), *both).dropped[:, 0].tolist() == [False, True]
    assert allow(items({}), (900, 1100), *reversed(both)).dropped[:, 0].tolist() == [False, True]


def test_a_soft_rule_that_is_not_in_the_way_stays() -> None:
    soft = [{**STEP, "hard": False, "priority": 1}, {**ENDS, "hard": False}]
    allowed = allow(items({}), (1099, 1150, 1199), FLOOR, *soft)
    assert allowed.dropped[:, 0].tolist() == [False, True, False] and allowed.valid.tolist() == [[False, False, False, True]]


def test_no_soft_rule_saves_a_hard_clash() -> None:
    allowed = allow(items({}), (1099, 1199), {**ENDS, "hard": False}, FLOOR, STEP)
    assert allowed.clash == [("margin_floor", "max_change")] and not allowed.valid.any()


def test_the_last_word_puts_back_what_breaks_a_rule() -> None:
    shelf = items({"family": "f"}, {"family": "f"}, {})
    plain = [{"kind": "same_price", "by": "family"}, STEP, {"kind": "exclude", "hard": False}]
    now = ints(1000, 1000, 1000)
    prices, undone = settle(rules(*plain), shelf, ints(1050, 1060, 1100), EUR, now)
    assert prices.tolist() == [1000, 1000, 1100] and undone.tolist() == [True, True, False]
    prices, undone = settle(rules(*plain), shelf, ints(1050, 1050, 1101), EUR, now)
    assert prices.tolist() == [1050, 1050, 1000] and undone.tolist() == [False, False, True]
    assert check(rules(*plain), shelf, prices, EUR).tolist() == [[False] * 3, [False] * 3, [True, True, False]]


def stop(plain: list[dict[str, Any]], shelf: pl.DataFrame, steps: tuple[int, ...], value: list[list[float]], column: list[int],
         context: Context = EUR, units: list[list[float]] | None = None, most: float | None = None) -> list[str]:  # fmt: skip
    chosen, rungs = rules(*plain), ladder(shelf, *steps)
    bounds = limit(chosen, shelf, context)
    allowed = admit(chosen, shelf, rungs, bounds, context)
    known = None if units is None else np.array(units)
    near = caution(
        rungs, np.zeros(shelf.height, dtype=np.int64), ModelPolicy() if most is None else ModelPolicy(max_move={EVIDENCE[0]: most})
    )
    return binding(chosen, shelf, rungs, bounds, allowed, np.array(value), np.array(column), context, near, known)


def test_weak_evidence_is_named_beside_the_rules() -> None:
    shelf, steps = items({}, {}, {"landed_cost": None}), (900, 1040, 1250)
    value = [[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, -1.0], [0.0, 1.0, 2.0, 3.0]]
    assert stop([STEP, FLOOR], shelf, steps, value, [0, 0, 0], most=0.04) == ["max_change;weak_evidence", "margin_floor", "margin_floor"]
    assert stop([FLOOR], shelf, steps, value, [0, 0, 0], most=0.03) == ["weak_evidence", "margin_floor;weak_evidence", "margin_floor"]


def test_weak_evidence_leaves_prices_on_both_sides_and_clashes_with_what_forbids_todays() -> None:
    shelf, chosen = items({}, {"landed_cost": 1200.0}, {}), rules(LEAST | {"min_price": 8.0}, {"kind": "margin_floor", "min_margin": 0.01})
    rungs = ladder(shelf, 950, 970, 1030, 1300)
    bounds = limit(chosen, shelf, EUR)
    near = caution(rungs, np.array([0, 0, 1]), ModelPolicy(max_move={EVIDENCE[0]: 0.03}))
    assert near.low.tolist() == [970, 970, -np.inf] and near.high.tolist() == [1030, 1030, np.inf]
    left = heeded(admit(chosen, shelf, rungs, bounds, EUR), rungs, bounds, near)
    assert [rungs.prices[row][left.valid[row]].tolist() for row in range(3)] == [[970, 1000, 1030], [], [950, 970, 1000, 1030, 1300]]
    assert left.clash == [(), (WEAK_EVIDENCE, "margin_floor"), ()]


def test_the_rules_that_stopped_a_better_price() -> None:
    shelf, steps = items({}, {}, {}, {"landed_cost": None}), (900, 1099, 1250)
    value = [[0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, -1.0], [0.0, np.nan, 0.0, 0.0], [0.0, 1.0, 2.0, 3.0]]
    assert stop([STEP, ENDS, FLOOR], shelf, steps, value, [1, 1, 0, 1]) == ["max_change;price_endings", "margin_floor", "", "margin_floor"]
    assert stop([STEP], shelf, steps, value, [1, 2, -1, 1]) == ["max_change", "", "", "max_change"]


def test_a_soft_rule_that_gave_way_stopped_nothing() -> None:
    soft = [{**STEP, "hard": False}, {"kind": "price_bounds", "min_price": 12.0, "max_price": 13.0}]
    assert stop(soft, items({}), (1250, 1290, 1350), [[0.0, 1.0, 2.0, 3.0]], [2]) == ["price_bounds"]


def test_what_holds_an_item_stops_its_better_price() -> None:
    shelf = items({"brand": "Acme"}, {})
    plain = [STEP, {"kind": "freeze", "from": "2026-01-01", "where": {"brand": "Acme"}}, {"kind": "exclude", "where": {"brand": "A*"}}]
    value = [[0.0, 1.0, 2.0]] * 2
    assert stop(plain, shelf, (900, 1250), value, [1, 1]) == ["freeze;exclude", "max_change"]


def test_ties_and_sums_stop_prices_too() -> None:
    shelf = items({"family": "f"}, {"family": "f"}, {})
    value = [[0.0, 1.0], [0.0, -1.0], [0.0, 1.0]]
    assert stop([{"kind": "same_price", "by": "family"}], shelf, (1100,), value, [0, 0, 0]) == ["same_price", "", ""]
    assert stop([{"kind": "same_price", "by": "family"}], shelf, (1100,), value[1:] + value[:1], [0, 0, 0]) == ["", "same_price", ""]
    line = {"kind": "relation", "gap": "line", "column": "sku", "order": ["S0", "S1"]}
    dearer, cheaper = [-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]
    for wishes, names in (((dearer, dearer), ["relation", ""]), ((cheaper, cheaper), ["", "relation"]), ((cheaper, dearer), ["", ""])):
        assert stop([line], shelf, (900, 1100), [*wishes, cheaper], [1, 1, 0])[:2] == names
    assert stop([{"kind": "change_budget", "max_changes": 1}], shelf, (1100,), value, [0, 0, 1]) == ["change_budget", "", ""]
    known = dataclasses.replace(EUR, units_now=np.full(3, 10.0))
    floor = {"kind": "category_floor", "quantity": "revenue", "share": 1.0}
    units = [[10.0, 9.0], [10.0, 9.0], [10.0, 9.5]]
    assert stop([floor], shelf, (1100,), value, [0, 0, 0], known, units) == ["category_floor", "", ""]


def test_a_tie_stops_nothing_where_a_limit_alone_keeps_the_best_price_away() -> None:
    shelf, same = items({"family": "f"}, {"family": "f"}), {"kind": "same_price", "by": "family"}
    dearer = [[0.0, 1.0, 2.0]] * 2
    assert stop([STEP, same], shelf, (1100, 1250), dearer, [1, 1]) == ["max_change", "max_change"]
    assert stop([STEP, same], shelf, (1100, 1250), [[0.0, 1.0, 2.0], [0.0, -1.0, -2.0]], [0, 0]) == ["max_change;same_price", ""]
    assert stop([STEP, same], shelf, (1100, 1250), [[0.0, -1.0, 2.0], [0.0, -1.0, -2.0]], [0, 0]) == ["max_change", ""]


def test_holds() -> None:
    policy = parse_policy('currency = "EUR"\n[data]\nstale_after_days = 30', RULES)
    old, new = DAY.replace(month=11, day=23), DAY.replace(month=11, day=24)
    shelf = items(
        {"current_price": None, "currency": "USD", "landed_cost": None},
        {"current_price": 0},
        {"currency": "USD", "landed_cost": None},
        {"currency": None},
        {"landed_cost": None},
        {"landed_cost": float("nan")},
        {"landed_cost": 0.0},
        {"landed_cost": 0.0, "min_price": 100},
        {"landed_cost": 0.0, "min_price": 0},
        {"last_sale": old},
        {"last_sale": new},
        {"last_sale": old, "landed_cost": 0.0},
    )
    assert holds(shelf, policy, DAY).tolist() == [
        "missing_price", "missing_price", "currency_mismatch", "", "missing_cost", "missing_cost", "missing_floor", "", "missing_floor",
        "stale_data", "", "missing_floor",
    ]  # fmt: skip
    assert holds(shelf, parse_policy('currency = "EUR"', RULES), DAY)[9] == ""


@pytest.mark.parametrize(("period", "ages"), [("day", (30, 31)), ("week", (36, 37)), ("month", (60, 61))])
def test_a_row_of_a_week_or_month_tells_of_its_last_day_too(period: str, ages: tuple[int, int]) -> None:
    """DAY is 2026-12-24: a month's row of 25 October ends on 24 November, 30 days before it."""
    policy = parse_policy(f'currency = "EUR"\nperiod = "{period}"\n[data]\nstale_after_days = 30', RULES)
    shelf = items(*({"last_sale": DAY - dt.timedelta(days=age)} for age in ages))
    assert holds(shelf, policy, DAY).tolist() == ["", "stale_data"]
