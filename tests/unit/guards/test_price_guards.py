"""G1 to G4 and G7: one price beside its cost and its past."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from pricesmith.contracts.money import MAX_MINOR
from pricesmith.guards import GUARDS
from pricesmith.guards.hard_floor import floor
from tests.unit.guards.cases import HOUR, LIMITS, MINUTE, NOW, ask, code, many, table


def test_appeagle_a_blank_minimum_is_no_permission() -> None:
    """17 July 2012: a blank minimum was read as $0.01. Here the floor is the cost, and a missing cost holds."""
    assert code("hard_floor", {"price": 1, "min_price": None}) == "below_floor"
    assert code("hard_floor", {"price": 1, "min_price": 0}) == "below_floor"
    assert code("hard_floor", {"price": 1, "min_price": None, "landed_cost": None}) == "cost_unknown"
    assert code("hard_floor", {"price": 1, "min_price": None, "landed_cost": 0.0}) == "cost_unknown"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 500}, ""),
        ({"price": 499}, "below_floor"),
        ({"price": 501, "landed_cost": 256.52}, "below_floor"),  # 501.02 -> 502
        ({"price": 502, "landed_cost": 256.52}, ""),
        ({"price": 624, "discount_share": 0.36}, "below_floor"),  # 400 / 0.64 = 625
        ({"price": 625, "discount_share": 0.36}, ""),
        ({"discount_share": 1.0}, "below_floor"),
        ({"discount_share": 0.0, "price": 400}, ""),
        ({"price": None}, "no_price"),
        ({"price": 0}, "no_price"),
        ({"price": -5}, "no_price"),
        ({"price": MAX_MINOR}, "no_price"),
        ({"price": MAX_MINOR - 1}, ""),
        ({"price": 1, "landed_cost": 1e-9}, ""),
        ({"landed_cost": float("nan")}, "cost_unknown"),
        ({"landed_cost": float("inf")}, "cost_unknown"),
        ({"landed_cost": -1.0}, "cost_unknown"),
        ({"tax_rate": None}, "terms_unknown"),
        ({"tax_rate": -0.1}, "terms_unknown"),
        ({"tax_rate": 0.0}, ""),
        ({"fee_rate": None}, "terms_unknown"),
        ({"fee_rate": -0.1}, "terms_unknown"),
        ({"fee_rate": 1.1}, "terms_unknown"),
        ({"fee_rate": 1.0, "payment_rate": 0.0}, "below_floor"),
        ({"fee_rate": 0.0}, ""),
        ({"payment_rate": None}, "terms_unknown"),
        ({"payment_rate": -0.1}, "terms_unknown"),
        ({"payment_rate": 1.1}, "terms_unknown"),
        ({"payment_rate": 1.0, "fee_rate": 0.0}, "below_floor"),
        ({"payment_rate": 0.0}, ""),
        ({"discount_share": None}, "terms_unknown"),
        ({"discount_share": -0.1}, "terms_unknown"),
        ({"discount_share": 1.1}, "terms_unknown"),
        ({"min_price": 1001}, "below_min_price"),
        ({"min_price": 1000}, ""),
        ({"price": 450, "exception_floor": 450}, ""),
        ({"price": 449, "exception_floor": 450}, "below_floor"),
        ({"price": 900, "exception_floor": 450, "min_price": 950}, ""),
        ({"price": 900, "exception_floor": 950}, "below_floor"),
        ({"price": 900, "exception_floor": 0}, "exception_unreadable"),
        ({"price": 450, "exception_floor": 1, "landed_cost": None}, "cost_unknown"),
        ({"price": 499, "undo": 1}, "below_floor"),
    ],
)
def test_floor(row: dict, expected: str) -> None:
    assert code("hard_floor", row) == expected


def test_floor_with_least_margin_and_by_hand() -> None:
    tight = msgspec.structs.replace(LIMITS, min_margin=0.1)
    assert code("hard_floor", {"price": 549}, tight) == "below_floor"
    assert code("hard_floor", {"price": 550}, tight) == ""
    odd = ({"landed_cost": None}, {"landed_cost": 0.0}, {"exception_floor": 1}, {"fee_rate": 1.0, "payment_rate": 0.0}, {"fee_rate": -1.0})
    rows = table({}, {"min_price": 700}, {"exception_floor": 3}, *odd)
    np.testing.assert_array_equal(floor(rows, LIMITS), [500, 700, 3, np.nan, np.nan, 1, np.inf, np.nan])


def test_fly_has_a_ceiling() -> None:
    """The Making of a Fly: with a ceiling of 1.5 medians the book stops at once, at whatever price a rival asks."""
    assert code("hard_ceiling", {"price": 2369865593, "median_30d": 3500.0}) == "above_ceiling"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 1500}, ""),
        ({"price": 1501}, "above_ceiling"),
        ({"price": 1501, "undo": 1}, "above_ceiling"),
        ({"price": 1201, "max_price": 1200}, "above_max_price"),
        ({"price": 1200, "max_price": 1200}, ""),
        ({"median_30d": None}, "median_unknown"),
        ({"median_30d": 0.0}, "median_unknown"),
        ({"median_30d": 0.7, "price": 1}, ""),
        ({"median_30d": float(MAX_MINOR)}, "median_unknown"),
        ({"median_30d": float(MAX_MINOR - 1)}, ""),
        ({"median_30d": float("nan")}, "median_unknown"),
        ({"price": None}, "above_ceiling"),
    ],
)
def test_ceiling(row: dict, expected: str) -> None:
    assert code("hard_ceiling", row) == expected


def test_fly_moves_too_fast() -> None:
    """1.2684 a day is beyond the step, and beyond the day even in small steps."""
    assert code("max_move", {"price": 1268}) == "step"
    assert code("max_move", {"price": 1268, "current_price": 1200}) == "day"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 1100}, ""),
        ({"price": 1101}, "step"),
        ({"price": 900}, ""),
        ({"price": 899}, "step"),
        ({"price": 1200, "current_price": 1150}, ""),
        ({"price": 1201, "current_price": 1150}, "day"),
        ({"price": 800, "current_price": 850}, ""),
        ({"price": 799, "current_price": 850}, "day"),
        ({"price": 1000, "low_24h": 830, "high_24h": 1000}, "day"),
        ({"price": 1000, "low_24h": 1000, "high_24h": 1251}, "day"),
        ({"price": 1000, "low_24h": 834, "high_24h": 1250}, ""),
        ({"price": 1000, "price_7d": 740}, "week"),
        ({"price": 1000, "price_7d": 741}, ""),
        ({"price": 1000, "price_7d": 1539}, "week"),
        ({"price": 1000, "price_7d": 1538}, ""),
        ({"current_price": None}, "history_unknown"),
        ({"current_price": 0}, "history_unknown"),
        ({"current_price": 1, "low_24h": 1, "high_24h": 1, "price_7d": 1, "price": 1}, ""),
        ({"low_24h": None}, "history_unknown"),
        ({"low_24h": 0}, "history_unknown"),
        ({"high_24h": None}, "history_unknown"),
        ({"high_24h": 999}, "history_unknown"),
        ({"price_7d": None}, "history_unknown"),
        ({"price_7d": 0}, "history_unknown"),
        ({"price": None}, "step"),
        ({"price": 5000, "undo": 1}, ""),
        ({"price": 200, "undo": 1}, ""),
        ({"price": 1000, "undo": 1, "price_7d": 10}, ""),
        ({"undo": 1, "low_24h": None, "price_7d": None}, ""),
        ({"undo": 1, "current_price": None}, "history_unknown"),
        ({"undo": 1, "current_price": 0}, "history_unknown"),
        ({"price": 5000, "undo": None}, "step"),
    ],
)
def test_move(row: dict, expected: str) -> None:
    assert code("max_move", row) == expected


def test_repricers_that_answer_each_other_wait() -> None:
    """Two bots that react to one another within minutes: the second reaction waits, the fifth of a day is held."""
    assert code("frequency", {"changed_at": NOW - 2 * MINUTE}) == "dwell"
    assert code("frequency", {"changes_24h": 4}) == "changes_day"


def test_a_change_that_is_sent_twice_is_held() -> None:
    sent = table({"sku": "A"}, {"sku": "A"}, {"sku": "A", "region": "AT"}, {"sku": "B"})
    assert list(ask("frequency", sent).held) == ["twice", "twice", "", ""]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"changed_at": NOW - 15 * MINUTE}, ""),
        ({"changed_at": NOW - 14.99 * MINUTE}, "dwell"),
        ({"changed_at": NOW + HOUR}, "dwell"),
        ({"changed_at": None}, "history_unknown"),
        ({"changes_24h": None}, "history_unknown"),
        ({"changes_24h": -1}, "history_unknown"),
        ({"changes_24h": 3}, ""),
        ({"changed_at": NOW - MINUTE, "undo": 1}, ""),
        ({"changes_24h": 7, "undo": 1}, ""),
        ({"changes_24h": 8, "undo": 1}, "changes_day"),
        ({"changed_at": None, "undo": 1}, "history_unknown"),
    ],
)
def test_frequency(row: dict, expected: str) -> None:
    assert code("frequency", row) == expected


def test_united_sells_at_a_wrong_rate() -> None:
    """11 February 2015: first class for 491 Danish crowns, a price of pounds taken for crowns (about 10 to 1), one price or many."""
    rates = {"rates": {"DKK": 0.134}, "rates_at": NOW}
    assert code("ratio_detector", {"price": 134}, **rates) == "currency_slip"
    assert code("ratio_detector", {"price": 7463}, **rates) == "currency_slip"
    assert code("ratio_detector", {"price": 134, "undo": 1}, **rates) == ""


def test_hainan_sells_for_five_yuan() -> None:
    assert code("ratio_detector", {"price": 500, "current_price": 89000}) == "ratio"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"price": 2000}, ""),
        ({"price": 2001}, "ratio"),
        ({"price": 500}, ""),
        ({"price": 499}, "ratio"),
        ({"price": 10000}, "unit_slip"),
        ({"price": 10300}, "unit_slip"),
        ({"price": 10301}, "ratio"),
        ({"price": 9700}, "unit_slip"),
        ({"price": 9699}, "ratio"),
        ({"price": 100}, "unit_slip"),
        ({"price": 103}, "unit_slip"),
        ({"price": 104}, "ratio"),
        ({"price": 97}, "unit_slip"),
        ({"price": 96}, "ratio"),
        ({"price": 100000}, "unit_slip"),
        ({"price": 10}, "unit_slip"),
        ({"price": 1000000}, "unit_slip"),
        ({"price": 1}, "unit_slip"),
        ({"price": 10000, "undo": 1}, ""),
        ({"price": 30, "undo": 1}, ""),
        ({"price": None}, "ratio_unknown"),
        ({"current_price": None}, "ratio_unknown"),
        ({"current_price": 0}, "ratio_unknown"),
        ({"current_price": 1, "price": 1}, ""),
        ({"price": None, "undo": 1}, "ratio_unknown"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"currency": None}, "wrong_currency"),
        ({"currency": "USD", "undo": 1}, "wrong_currency"),
    ],
)
def test_ratio(row: dict, expected: str) -> None:
    assert code("ratio_detector", row) == expected


def test_an_unknown_currency_of_the_shop_holds() -> None:
    assert code("ratio_detector", {"currency": "ZZZ"}, currency="ZZZ") == "wrong_currency"


def test_rates_far_from_one_tell_of_one_price_and_near_ones_of_many() -> None:
    rates = {"rates": {"USD": 0.92, "GBP": 1.17, "EUR": 1.0, "BAD": float("nan"), "NIL": 0.0, "INF": float("inf")}, "rates_at": NOW}
    assert code("ratio_detector", {"price": 1170}, **rates) == "currency_slip"
    assert code("ratio_detector", {"price": 855}, **rates) == "currency_slip"
    assert code("ratio_detector", {"price": 920}, **rates) == ""
    for price in (920, 1087):
        assert set(ask("ratio_detector", many(10, price=price), **rates).held) == {"currency_slip"}
    assert set(ask("ratio_detector", many(9, price=920), **rates).held) == {""}
    assert set(ask("ratio_detector", many(20, price=[920] * 10 + [1000] * 10), **rates).held) == {""}
    mixed = ask("ratio_detector", many(20, price=[920] * 11 + [1000] * 9), **rates).held
    assert list(mixed) == ["currency_slip"] * 11 + [""] * 9
    assert set(ask("ratio_detector", many(0), **rates).held) == set()
    assert set(ask("ratio_detector", many(11, price=None), **rates).held) == {"ratio_unknown"}


def test_a_rate_near_one_is_told_by_the_median() -> None:
    """1.08: a median rise from 6 to 10 % is it, one of 5 % is a rise; a rate within 3 % of 1 is no slip."""
    usd = {"rates": {"USD": 1.08}, "rates_at": NOW}
    for price, expected in ((1060, "currency_slip"), (1059, ""), (1100, "currency_slip"), (1101, "")):
        assert set(ask("ratio_detector", many(20, price=price), **usd).held) == {expected}
    for rate, expected in ((1.031, "currency_slip"), (1.03, "")):
        assert set(ask("ratio_detector", many(20, price=1030), rates={"CHF": rate}, rates_at=NOW).held) == {expected}
    wide = [1080 + 40 * side for side in (-1, 1)] * 10 + [1080] * 19
    assert set(ask("ratio_detector", many(39, price=wide), **usd).held) == {""}
    assert list(ask("ratio_detector", many(41, price=[*wide, 1080, 1080]), **usd).held).count("currency_slip") == 21


def test_where_ordinary_steps_end_and_rates_begin() -> None:
    """max_step 10 % and tolerance 3 %: rates beyond 1.1 x 1.03 = 1.133 tell of one price."""
    assert code("ratio_detector", {"price": 1134}, rates={"GBP": 1.134}, rates_at=NOW) == "currency_slip"
    assert code("ratio_detector", {"price": 1133}, rates={"GBP": 1.133}, rates_at=NOW) == ""


def test_which_of_them_count_for_the_breaker() -> None:
    counts = {name for name in ("hard_floor", "hard_ceiling", "max_move", "frequency", "ratio_detector") if GUARDS[name].counts}
    assert counts == {"hard_floor", "max_move", "ratio_detector", "hard_ceiling"}
