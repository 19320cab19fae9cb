"""Numbers for people."""

from __future__ import annotations

import math

import pytest

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
