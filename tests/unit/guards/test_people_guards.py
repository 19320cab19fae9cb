"""G10 to G12: who agreed, how many leave first, and what was watched before."""

from __future__ import annotations

import msgspec
import pytest

from pricesmith.guards import GUARDS
from tests.unit.guards.cases import LIMITS, ask, code, many, stop

NAN = float("nan")


def test_little_swan_needs_two() -> None:
    """28 August 2024: one operator set prices to half of cost. One person alone does not move a price by more than 20 %."""
    assert code("two_people", {"price": 450, "needs": 0, "agreed": 1}) == "needs_two"
    assert code("two_people", {"price": 450, "needs": 2, "agreed": 1}) == "not_approved"
    assert code("two_people", {"price": 450, "needs": 2, "agreed": 2}) == ""


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"needs": None}, "approval_unknown"),
        ({"agreed": None}, "approval_unknown"),
        ({"needs": -1}, "approval_unknown"),
        ({"agreed": -1, "needs": 0}, "approval_unknown"),
        ({"needs": 0, "agreed": 0}, ""),
        ({"needs": 1, "agreed": 0}, "not_approved"),
        ({"needs": 1, "agreed": 1}, ""),
        ({"needs": 0, "agreed": 0, "price": 1200}, ""),
        ({"needs": 0, "agreed": 0, "price": 1201}, "needs_two"),
        ({"needs": 0, "agreed": 0, "price": 800}, ""),
        ({"needs": 0, "agreed": 0, "price": 799}, "needs_two"),
        ({"needs": 0, "agreed": 1, "price": 799}, "needs_two"),
        ({"needs": 0, "agreed": 0, "price": 799, "undo": 1}, ""),
        ({"needs": 1, "agreed": 0, "price": 799, "undo": 1}, "not_approved"),
        ({"needs": 0, "agreed": 1, "exception_floor": 400}, "needs_two"),
        ({"needs": 0, "agreed": 2, "exception_floor": 400}, ""),
        ({"needs": 0, "agreed": 1, "exception_floor": 400, "undo": 1}, "needs_two"),
    ],
)
def test_people(row: dict, expected: str) -> None:
    assert code("two_people", row) == expected


def test_more_than_500_changes_need_two() -> None:
    assert set(ask("two_people", many(500, agreed=1)).held) == {""}
    assert set(ask("two_people", many(501, agreed=1)).held) == {"needs_two"}
    assert set(ask("two_people", many(501, agreed=2)).held) == {""}
    back = [1] + [0] * 500
    assert set(ask("two_people", many(501, agreed=1, undo=back)).held) == {""}
    assert list(ask("two_people", many(502, agreed=1, undo=[1] + [0] * 501)).held).count("") == 1


def test_6pm_changes_one_percent_first() -> None:
    """21 May 2010: one new rule reached every product at once. With a canary it reaches 1 %."""
    held = ask("canary", many(1000, rank=[row / 1000 for row in range(1000)]), wave=0.01).held
    assert list(held).count("") == 10


@pytest.mark.parametrize(
    ("row", "wave", "expected"),
    [
        ({"rank": 0.0999}, 0.1, ""),
        ({"rank": 0.1}, 0.1, "canary_wait"),
        ({"rank": 1.0}, 1.0, ""),
        ({"rank": 0.0}, 0.0, "canary_wait"),
        ({"rank": None}, 1.0, "rank_unknown"),
        ({"rank": NAN}, 1.0, "rank_unknown"),
        ({"rank": -0.1}, 1.0, "rank_unknown"),
        ({"rank": 1.1}, 1.0, "rank_unknown"),
        ({}, NAN, "wave_unreadable"),
        ({}, -0.1, "wave_unreadable"),
        ({}, 1.1, "wave_unreadable"),
        ({"rank": 0.9, "undo": 1}, 0.1, ""),
        ({"rank": None, "undo": 1}, 0.1, ""),
        ({"undo": 1}, NAN, ""),
    ],
)
def test_canary(row: dict, wave: float, expected: str) -> None:
    assert code("canary", row, wave=wave) == expected


@pytest.mark.parametrize(
    ("lost", "wave", "expected"),
    [
        (-0.05, 0.1, ""),
        (-0.0501, 0.1, "canary_margin"),
        (-0.0501, 1.0, "canary_margin"),
        (NAN, 0.1, "margin_unreadable"),
        (NAN, 1.0, "margin_unreadable"),
        (None, 0.1, ""),
        (None, 1.0, ""),
        (0.5, 0.1, ""),
    ],
)
def test_canary_that_loses_margin(lost: float | None, wave: float, expected: str) -> None:
    assert stop("canary", margin_change=lost, wave=wave) == expected
    assert not ask("canary", many(1), margin_change=lost, wave=wave).everything


def test_knight_capital_is_watched_first() -> None:
    """1 August 2012: code that had never run live traded with all it had."""
    assert code("shadow_mode", {"needs": 0}, shadow_days=0.0) == "shadow"


@pytest.mark.parametrize(
    ("row", "days", "expected"),
    [
        ({"needs": 0}, 14.0, ""),
        ({"needs": 0}, 13.9, "shadow"),
        ({"needs": 0}, NAN, "shadow"),
        ({"needs": None}, 0.0, "shadow"),
        ({"needs": 1}, 0.0, ""),
        ({"needs": 0, "undo": 1}, 0.0, ""),
    ],
)
def test_shadow(row: dict, days: float, expected: str) -> None:
    assert code("shadow_mode", row, shadow_days=days) == expected


def test_no_shadow_days_wanted() -> None:
    assert code("shadow_mode", {"needs": 0}, msgspec.structs.replace(LIMITS, shadow_days=0.0), shadow_days=0.0) == ""


def test_which_of_them_count_for_the_breaker() -> None:
    counts = {name for name in ("two_people", "canary", "shadow_mode") if GUARDS[name].counts}
    assert counts == set()
