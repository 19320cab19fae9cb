"""Money on the wire is exact, in every currency, both ways; what is no amount is nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.adapters.shops import _money as money
from pricesmith.adapters.shops._json import read_json, write_json
from pricesmith.adapters.shops._share import per_unit
from pricesmith.contracts.money import EXPONENTS, MAX_MINOR

MINOR = st.integers(1, MAX_MINOR - 1)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(MINOR, CURRENCIES)
def test_text_and_number_come_back(minor: int, currency: str) -> None:
    assert money.from_text(money.to_text(minor, currency), currency) == minor
    sent = write_json({"price": money.to_number(minor, currency)})
    assert b"e" not in sent.lower().replace(b'"price"', b"")
    assert money.number_to_minor(read_json(sent)["price"], currency) == minor
    assert money.from_minor(read_json(write_json(minor))) == minor


@given(MINOR)
def test_yuan_come_back(fen: int) -> None:
    assert money.from_yuan(money.yuan_text(fen)) == fen
    assert len(money.yuan_text(fen).partition(".")[2]) == 2


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("19.990", "EUR", 1999),
        ("1999", "JPY", 1999),
        ("1.999", "KWD", 1999),
        ("0.1", "EUR", 10),
        ("19.995", "EUR", None),
        ("19.5", "JPY", None),
        ("", "EUR", None),
        ("-4", "EUR", None),
        ("abc", "EUR", None),
        ("NaN", "EUR", None),
        ("1e3", "EUR", None),
        ("1_000", "EUR", None),
        ("１２", "EUR", None),
        ("1,99", "EUR", None),
        (" 1.99", "EUR", None),
        ("9" * 18, "EUR", None),
        ("9" * 400, "EUR", None),
        (None, "EUR", None),
        (19.99, "EUR", None),
    ],
)
def test_text(text: object, currency: str, minor: int | None) -> None:
    assert money.from_text(text, currency) == minor


@pytest.mark.parametrize(
    "value", [True, None, "19.99", 19.99, Decimal("NaN"), Decimal("Infinity"), -1, Decimal("-0.01"), Decimal("10.5555"), 10**16]
)
def test_no_number(value: object) -> None:
    assert money.number_to_minor(value, "EUR") is None


def test_a_number_is_read_digit_for_digit() -> None:
    assert read_json(b'{"a": 0.1, "b": 1e400, "c": 12345678901234567890}') == {
        "a": Decimal("0.1"),
        "b": Decimal("1e400"),
        "c": Decimal("12345678901234567890"),
    }
    assert money.number_to_minor(read_json(b"1e400"), "EUR") is None


@pytest.mark.parametrize("price", [0, -1, MAX_MINOR, True, 1.0, "1", None, float("nan")])
def test_no_price(price: object) -> None:
    assert not money.is_price(price, "EUR")


def test_share_of_a_line() -> None:
    assert per_unit(["20.00", "3.80"], 2, "EUR") == "11.90"
    assert per_unit(["10.00"], 3, "EUR") == "3.33"
    assert per_unit(["10.01"], 2, "EUR") == "5.01"
    assert per_unit(["1000"], 3, "JPY") == "333"
    assert per_unit(["1"], 0, "EUR") is None
    assert per_unit(["x"], 1, "EUR") is None
    assert per_unit([Decimal("NaN")], 1, "EUR") is None
