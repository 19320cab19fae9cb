"""Numbers for people."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.report import numbers


@pytest.mark.parametrize(
    ("value", "currency", "plus", "text"),
    [
        (1234.5, "EUR", False, "1,234.50"),
        (12345.6, "EUR", False, "12,346"),
        (0.5, "EUR", True, "+0.50"),
        (0.05, "EUR", True, "+0.050"),
        (-0.0004, "EUR", True, "0.000"),
        (0.0004, "EUR", True, "0.000"),
        (-2.0, "EUR", True, "−2.00"),
        (0.0, "EUR", True, "0.00"),
        (980.4, "JPY", False, "980"),
        (None, "EUR", False, "–"),
        (math.nan, "EUR", True, "–"),
    ],
)
def test_money(value: float | None, currency: str, plus: bool, text: str) -> None:
    assert numbers.money(value, currency, plus=plus) == text


def test_the_ends_of_an_interval_have_the_same_decimals() -> None:
    assert numbers.interval(0.082, 6.8, "EUR", plus=True) == ("+0.08", "+6.80")
    assert numbers.interval(-0.031, 0.05, "EUR", plus=True) == (f"{numbers.MINUS}0.031", "+0.050")
    assert numbers.interval(-12_000.4, 3.2, "EUR", plus=True) == (f"{numbers.MINUS}12,000", "+3")
    assert numbers.interval(None, 2.0, "EUR") == ("–", "2.00")


def test_an_upper_bound_is_rounded_up() -> None:
    assert numbers.at_most(0.0, 2) == "0.00 %"
    assert numbers.at_most(1e-9, 2) == "0.01 %"
    assert numbers.at_most(0.000301, 3) == "0.031 %"
    assert numbers.at_most(0.0003, 2) == "0.03 %"


def test_columns_are_aligned_with_wide_letters() -> None:
    lines = numbers.aligned([("a", "1"), ("价格", "12"), ("long", "3")])
    assert lines == ["a      1", "价格  12", "long   3"]
    assert numbers.aligned([]) == []


def test_rounded_steps_add_up_from_one_rounded_end_to_the_other() -> None:
    """63.75 + .35 - 7.16 - 4.45 = 52.49: 63.8, 0.3, -7.2 and -4.5 would give 52.4 beside 52.5."""
    found = numbers.adding_up(63.75, [0.0, 0.346, -7.155, 0.0, -4.451], 52.49, 1)
    assert [round(one, 1) for one in found] == [0.0, 0.3, -7.2, 0.0, -4.4]
    assert numbers.adding_up(1.0, [], 1.0, 1) == [] and numbers.adding_up(2.0, [0.04, 0.04], 2.08, 1) == [0.0, 0.0]


@given(st.floats(0, 9000), st.lists(st.floats(-500, 500), min_size=1, max_size=6), st.sampled_from([0, 1, 2]))
def test_a_step_moves_by_less_than_a_unit_of_its_last_digit(start: float, parts: list[float], places: int) -> None:
    end, unit = start + sum(parts), 10.0**-places
    found = numbers.adding_up(start, parts, end, places)
    assert all(abs(one - part) < 2.0 * unit for one, part in zip(found, parts, strict=True))
    large = [one for one in parts if abs(one) > 2.0 * unit]
    if len(large) == len(parts):
        assert sum(found) == pytest.approx(round(end / unit) * unit - round(start / unit) * unit, abs=1e-6)
