"""G5, G6, G8, G9, G16 to G19: what stops the channel."""

from __future__ import annotations

import math

import pytest

from pricesmith.guards import GUARDS
from pricesmith.guards.batch_breaker import batch_move
from pricesmith.guards.columns import SLACK
from pricesmith.testing.changes import open_state
from tests.unit.guards.cases import LIMITS, ask, code, many, stop, table

NAN = float("nan")


def test_repricer_express_stops_within_the_batch() -> None:
    """12 December 2014, 19:00 to 20:00: prices caught one after the other stop the channel."""
    assert stop("batch_breaker", judged=900, caught=21) == "breaker"


@pytest.mark.parametrize(
    ("judged", "caught", "expected"), [(100, 19, ""), (100, 20, "breaker"), (1000, 20, ""), (1049, 21, "breaker"), (1050, 21, "")]
)
def test_breaker(judged: int, caught: int, expected: str) -> None:
    verdict = ask("batch_breaker", many(3), judged=judged, caught=caught)
    assert (verdict.stop, verdict.everything, list(verdict.held)) == (expected, False, ["", "", ""])


@pytest.mark.parametrize(
    ("hour", "day", "expected"),
    [
        (0.03, 0.0, ""),
        (0.031, 0.0, "index_hour"),
        (-0.031, 0.0, "index_hour"),
        (0.0, 0.05, ""),
        (0.0, 0.051, "index_day"),
        (0.0, -0.051, "index_day"),
        (NAN, 0.0, "index_unknown"),
        (0.0, NAN, "index_unknown"),
        (float("inf"), 0.0, "index_unknown"),
    ],
)
def test_index(hour: float, day: float, expected: str) -> None:
    assert stop("batch_breaker", index_hour=hour, index_day=day) == expected


@pytest.mark.parametrize("name", ["index_hour", "index_day"])
def test_float_error_of_the_index_is_forgiven(name: str) -> None:
    bound = getattr(LIMITS, name) * (1 + SLACK)
    assert stop("batch_breaker", **{name: bound}) == ""
    assert stop("batch_breaker", **{name: math.nextafter(bound, 1.0)}) == name


def test_index_counts_the_batch() -> None:
    assert stop("batch_breaker", many(10, price=1030)) == ""
    assert stop("batch_breaker", many(10, price=1031)) == "index_hour"
    assert stop("batch_breaker", many(10, price=1021), index_hour=0.01) == "index_hour"
    assert stop("batch_breaker", many(10, price=1021), index_hour=-0.01, index_day=0.03) == "index_day"
    assert stop("batch_breaker", many(10, price=1021), index_hour=-0.01, index_day=0.029) == ""


def test_move_of_a_batch() -> None:
    def move(*rows: dict, **state: object) -> float:
        return batch_move(table(*rows), open_state(**state))

    up, down = {"price": 1100, "revenue": 300.0}, {"price": 900, "revenue": 100.0}
    assert move(up, down) == pytest.approx(0.05)
    assert move(up, down, revenue=4000.0) == pytest.approx(0.005)
    assert move(up, {"revenue": None}) == pytest.approx(0.05)
    assert move({"price": 1100, "revenue": None}, {"revenue": None}) == pytest.approx(0.05)
    assert move({"price": 1100, "revenue": None}, {"revenue": None}, revenue=1e6) == pytest.approx(0.05), "unknown is not nothing"
    assert move({"price": 1100, "revenue": None}, {"revenue": -1.0}, revenue=0.0) == pytest.approx(0.05)
    assert move({"price": 1100, "revenue": None}, {"revenue": 500.0}, revenue=2000.0) == pytest.approx(0.025)
    assert move({"price": 1100, "revenue": None}, {"revenue": 500.0}, {"revenue": 100.0}, revenue=2000.0) == pytest.approx(0.025)
    assert move({"price": 1100, "revenue": None}, {"revenue": 0.0}, revenue=10.0) == pytest.approx(0.01)
    assert move({"price": 1100, "revenue": 0.0}, {"revenue": 0.0}) == 0.0
    assert move({"price": 1100, "revenue": -5.0}, {"revenue": 10.0}) == pytest.approx(0.05)
    assert move(up | {"undo": 1}, down) == pytest.approx(-0.025)
    assert move(up | {"current_price": None}, down) == pytest.approx(-0.025)
    assert move(up | {"current_price": 0}, down) == pytest.approx(-0.025)
    assert move(up | {"price": None}, down | {"price": 0}) == 0.0
    assert move({"price": 2, "current_price": 1}, revenue=1000.0) == pytest.approx(0.1)
    assert move({"price": 1, "current_price": 2}, revenue=1000.0) == pytest.approx(-0.05)
    assert move({"price": 1100, "revenue": 0.5}) == pytest.approx(0.1)
    assert move(revenue=0.0) == 0.0
    assert str(move(up, revenue=0.0)) == "nan"
    assert move() == 0.0


@pytest.mark.parametrize("price", [4995, 9448, 1])
def test_one_price_on_unlike_goods(price: int) -> None:
    """6pm.com at $49.95, Amazon at $94.48, RepricerExpress at 1p: the right price need not be known."""
    wrong = many(10, price=price, landed_cost=[100.0 * row for row in range(1, 11)])
    verdict = ask("same_price", wrong)
    assert (verdict.stop, verdict.everything, set(verdict.held)) == ("same_price", False, {"same_price"})


def same(count: int, others: int, **columns: object) -> str:
    costs = columns.pop("landed_cost", [1000.0 / (1 + row) for row in range(count)] + [50.0] * others)
    rows = many(count + others, price=[777] * count + [1000 + row for row in range(others)], landed_cost=costs, **columns)
    verdict = ask("same_price", rows)
    assert list(verdict.held) == [verdict.stop] * count + [""] * others
    return verdict.stop


def test_how_many_are_too_many() -> None:
    assert same(9, 0) == ""
    assert same(10, 190) == "same_price"
    assert same(10, 191) == ""
    assert same(10, 0, undo=1) == ""
    assert same(10, 0, landed_cost=[100.0] * 9 + [300.0]) == ""
    assert same(10, 0, landed_cost=[100.0] * 9 + [301.0]) == "same_price"
    assert same(10, 0, landed_cost=[100.0] * 9 + [None]) == "same_price"
    assert same(10, 0, landed_cost=[100.0] * 9 + [0.0]) == "same_price"
    assert same(10, 0, landed_cost=[1.0] * 10) == same(10, 0, landed_cost=[0.4] * 10) == ""
    assert same(10, 0, landed_cost=[0.0] * 10) == same(10, 0, landed_cost=[None] * 10) == "same_price"
    assert same(10, 5, landed_cost=[100.0] * 9 + [301.0] + [None] * 5) == "same_price"
    assert stop("same_price", many(20, price=None)) == ""
    assert stop("same_price", many(0)) == ""


def test_knight_capital_can_be_stopped() -> None:
    """1 August 2012: 45 minutes without a way to stop."""
    verdict = ask("kill_switch", many(2), stopped="wrong prices")
    assert (verdict.stop, verdict.everything) == ("stopped", True)


def test_a_switch_that_cannot_be_read_stops() -> None:
    verdict = ask("kill_switch", many(2), stopped=None)
    assert (verdict.stop, verdict.everything) == ("switch_unreadable", True)
    assert (ask("kill_switch", many(2)).stop, ask("kill_switch", many(2)).everything) == ("", False)


def test_single_products_and_trips() -> None:
    rows = table({"sku": "A"}, {"sku": "B"}, {"sku": None}, {"sku": "B", "undo": 1})
    assert list(ask("kill_switch", rows, stopped_skus=("A",)).held) == ["sku_stopped", "", "sku_stopped", ""]
    assert list(ask("kill_switch", rows, tripped="breaker", stopped_skus=("A",)).held) == ["sku_stopped", "tripped", "sku_stopped", ""]
    assert ask("kill_switch", rows, tripped="breaker").stop == ""


def test_nothing_leaves_that_cannot_be_taken_back() -> None:
    """RepricerExpress: what the price was before had to be found out first, for hours."""
    assert code("way_back", {"current_price": None}) == "no_way_back"
    assert code("way_back", {"current_price": 0}) == "no_way_back"
    assert code("way_back", {"current_price": 1}) == ""
    assert code("way_back", {"current_price": None, "undo": 1}) == "no_way_back"


def test_little_swan_has_a_rush() -> None:
    """40,000 orders in 20 minutes at half of cost: five times the usual is enough to stop."""
    assert stop("order_velocity", orders=20_000, usual=30.0) == "order_rush"


@pytest.mark.parametrize(
    ("orders", "usual", "expected"),
    [
        (20, 4.0, ""),
        (21, 4.0, "order_rush"),
        (5, 0.0, ""),
        (6, 0.0, "order_rush"),
        (0, 0.0, ""),
        (9, NAN, ""),
        (9, None, ""),
        (None, 1.0, ""),
    ],
)
def test_rush(orders: int | None, usual: float | None, expected: str) -> None:
    verdict = ask("order_velocity", many(1), orders=orders, usual=usual)
    assert (verdict.stop, verdict.everything) == (expected, False)


@pytest.mark.parametrize(
    "unseen", [{"orders": None}, {"usual": None}, {"usual": NAN}, {"usual": float("inf")}, {"usual": -1.0}, {"orders": -1}]
)
def test_nobody_sees_the_orders(unseen: dict) -> None:
    cut = {"price": 990, "needs": 0}
    assert code("order_velocity", cut, **unseen) == "orders_unseen"
    assert code("order_velocity", cut | {"needs": None}, **unseen) == "orders_unseen"
    assert code("order_velocity", cut | {"needs": 1}, **unseen) == ""
    assert code("order_velocity", cut | {"price": 1000}, **unseen) == ""
    assert code("order_velocity", cut | {"price": None}, **unseen) == "orders_unseen"
    assert code("order_velocity", cut | {"undo": 1}, **unseen) == ""
    assert code("order_velocity", cut) == code("order_velocity", cut, orders=0, usual=0.0) == ""


def test_only_what_was_attested_runs() -> None:
    """Knight Capital: dead code on one of eight servers."""
    for attested, expected in (
        (True, ("", False)),
        (False, ("not_attested", True)),
        (None, ("not_attested", True)),
        ("yes", ("not_attested", True)),
    ):
        verdict = ask("attestation", many(1), attested=attested)
        assert (verdict.stop, verdict.everything) == expected


def test_a_price_that_a_rule_in_force_forbids_is_held_unless_it_goes_back() -> None:
    """The channel goes on, and no breaker counts it: a tighter rule is no mistake of the prices that were made before it."""
    for forbidden, undo, expected in ((0, 0, ""), (1, 0, "other_rules"), (None, 0, "other_rules"), (1, 1, "")):
        assert code("attestation", {"forbidden": forbidden, "undo": undo}) == expected
    assert stop("attestation", many(3, forbidden=1)) == ""


def test_united_is_read_back() -> None:
    for mismatches, expected in ((0, ""), (2, ""), (3, "mismatch"), (-1, "mismatch_unknown"), (NAN, "mismatch_unknown")):
        verdict = ask("read_back", many(1), mismatches=mismatches)
        assert (verdict.stop, verdict.everything) == (expected, expected != "")


def test_alarms_act() -> None:
    """Knight Capital: 97 warning mails."""
    assert stop("alarms", alarms=("97 mails",)) == "alarm"
    assert stop("alarms") == ""
    assert not ask("alarms", many(1), alarms=("x",)).everything


def test_which_of_them_count_for_the_breaker() -> None:
    counts = {
        name
        for name in ("batch_breaker", "same_price", "kill_switch", "way_back", "order_velocity", "attestation", "read_back", "alarms")
        if GUARDS[name].counts
    }
    assert counts == {"same_price"}
