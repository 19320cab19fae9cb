"""What a person types is read in the one way in which it can be meant, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.money import MAX_MINOR, format_minor
from pricesmith.contracts.typed_amount import from_typed, two_ways

currencies = st.sampled_from(["EUR", "JPY", "KWD", "CNY"])


@given(st.integers(0, MAX_MINOR - 1), currencies)
def test_what_is_typed_is_what_is_meant(minor: int, currency: str) -> None:
    assert from_typed(f" {format_minor(minor, currency)} ", currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        *[("5", "EUR", 500), ("5.1", "EUR", 510), ("005.10", "EUR", 510), ("0.005", "KWD", 5), ("120", "JPY", 120)],
        *[("5,1", "EUR", 510), ("36,95", "EUR", 3695), ("1,5", "KWD", 1500)],
    ],
)
def test_digits_that_are_left_out_are_zeros(text: str, currency: str, minor: int) -> None:
    assert from_typed(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "words"),
    [
        ("4.999", "EUR", "4.999 is finer than EUR: at most 2 digits after the point, such as 4.99"),
        ("4.990", "EUR", "finer than EUR"),
        ("4.9999", "KWD", "at most 3 digits after the point, such as 4.990"),
        ("4.0", "JPY", "4.0 is finer than JPY: no digits after the point, such as 499"),
        ("10000000000000.00", "EUR", "more than can be: less than 10000000000000.00"),
    ],
)
def test_nothing_that_is_typed_is_rounded(text: str, currency: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        from_typed(text, currency)


def test_a_comma_that_could_mark_thousands_is_no_decimal_mark() -> None:
    with pytest.raises(ValueError, match="is no amount of money"):
        from_typed("1,234", "KWD")


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "1e3", "nan", "inf", "1,234", "1,23.50", "1.234.50", "1_000", "1 00", "1.", ".5", "1.2.3", "$4", "４.99", "0x10"],
)
def test_what_is_no_plain_number_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount of money: write a plain number such as 4\.99"):
        from_typed(text, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        *[("1.199,90", "BRL", 119_990), ("1,199.90", "BRL", 119_990), ("1 199,90", "BRL", 119_990), ("1.234.567", "BRL", 123_456_700)],
        *[("R$ 249,90", "BRL", 24_990), ("249.90 BRL", "BRL", 24_990), ("R$\u00a01.199,9", "BRL", 119_990)],
        *[("1,199", "JPY", 1199), ("¥ 1.199", "JPY", 1199), ("1.234,567", "KWD", 1_234_567)],
    ],
)
def test_thousands_marks_and_the_currency_are_read_where_they_mean_one_thing(text: str, currency: str, minor: int) -> None:
    assert from_typed(text, currency) == minor


def test_another_currency_is_no_amount() -> None:
    with pytest.raises(ValueError, match="is no amount of money"):
        from_typed("US$ 12.90", "BRL")


@pytest.mark.parametrize(
    ("text", "currency", "ways"),
    [
        *[("1.199", "BRL", ("1199.00", "1.20")), ("R$ 1,199", "BRL", ("1199.00", "1.20")), ("1,234", "KWD", ("1234.000", "1.234"))],
        *[("12,50", "BRL", ()), ("1.199,90", "BRL", ()), ("x", "BRL", ())],
    ],
)
def test_one_mark_before_three_digits_can_mean_two_prices(text: str, currency: str, ways: tuple[str, ...]) -> None:
    assert two_ways(text, currency) == ways
