"""Endings that are meant as the last digit of a price."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import endings_of
from pricesmith.flows.desk.forms.last_digit import endings_shown, spelled, sure
from pricesmith.flows.desk.forms.number_list import typed

NINES = [0.09, 0.19, 0.29, 0.39, 0.49, 0.59, 0.69, 0.79, 0.89, 0.99]


@pytest.mark.parametrize(
    ("text", "currency", "endings"),
    [
        ("*9", "USD", NINES),
        (".*9", "EUR", NINES),
        ("*5, *9", "EUR", sorted([*NINES, *(one - 0.04 for one in NINES)])),
        ("*9", "JPY", [9]),
        ("0.99, 0.49", "EUR", [0.49, 0.99]),
        ("[*9]", "EUR", NINES),
    ],
)
def test_a_last_digit_is_every_ending_that_has_it(text: str, currency: str, endings: list[float]) -> None:
    assert sorted(typed(spelled(text, currency), "endings")) == pytest.approx(endings)


def test_three_decimals_have_a_hundred_of_them() -> None:
    found = endings_of(typed(spelled("*5", "KWD"), "endings"), "KWD")
    assert len(found) == 100 and all(remainder % 10 == 5 and modulus == 1000 for remainder, modulus in found)


@pytest.mark.parametrize("text", ["9*", "**9", "1.*9", "*99"])
def test_what_is_no_last_digit_stays_as_it_is_and_is_no_number(text: str) -> None:
    with pytest.raises(UsageError):
        typed(spelled(text, "EUR"), "endings")


@pytest.mark.parametrize("text", ["00, 80", "80 00", "[00, 50]", "000, 500"])
def test_zeros_are_as_many_digits_as_those_beside_them(text: str) -> None:
    found = endings_of(typed(spelled(text, "JPY"), "endings"), "JPY")
    assert {modulus for _, modulus in found} == {1000 if "500" in text else 100} and 0 in {remainder for remainder, _ in found}


@pytest.mark.parametrize(
    ("text", "currency", "said"),
    [
        ("00", "JPY", "00 would be read as 0"),
        ("000, 80", "JPY", "000 would be read as 0"),
        ("05, 80", "JPY", "05 would be read as 5"),
        ("09", "EUR", "09 would be read as 9"),
    ],
)
def test_a_zero_that_would_be_lost_is_asked_about(text: str, currency: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        spelled(text, currency)
    assert raised.value.where == "endings"
    told = raised.value.hint.removeprefix("write one digit more: ")
    found = endings_of(typed(spelled(told, "JPY"), "endings"), "JPY")
    digits = text.split(",")[0]
    assert all(price % 10 ** len(digits) == int(digits) for remainder, modulus in found for price in range(remainder, 5000, modulus))


@pytest.mark.parametrize("text", ["0, 80", "980 0 990"])
def test_a_single_zero_beside_longer_endings_is_asked_about(text: str) -> None:
    with pytest.raises(UsageError, match=r"0 beside [89]") as raised:
        spelled(text, "JPY")
    assert raised.value.where == "endings" and ("000" if "980" in text else "write 00 ") in raised.value.hint
    assert spelled("9, 5, 0", "JPY") == "9, 5, 0" and spelled("0", "JPY") == "0"


@pytest.mark.parametrize(
    ("values", "currency", "texts"),
    [
        ([0.0, 80.0], "JPY", ["00", "80"]),
        ([980.0, 0.0], "JPY", ["980", "000"]),
        ([0.0], "JPY", ["0"]),
        ([9.0, 5.0, 0.0], "EUR", ["9", "5", "0"]),
        ([0.99, 0.5], "EUR", ["0.99", "0.5"]),
        ([0.0, 0.5], "EUR", ["0", "0.5"]),
    ],
)
def test_what_is_shown_can_be_typed_again(values: list[float], currency: str, texts: list[str]) -> None:
    assert endings_shown(values, currency) == texts
    assert endings_of(typed(spelled(", ".join(texts), currency), "endings"), currency) == endings_of(values, currency)


@pytest.mark.parametrize("text", ["00", "0.05", "0,05", ",05 ,09", "0.00", "0.09, 0.05", "0"])
def test_zeros_around_a_point_are_no_last_digits(text: str) -> None:
    assert spelled(text, "EUR") == text


def test_a_whole_ending_that_no_price_has_is_asked_about() -> None:
    prices = pl.Series([199, 349, 2599])
    with pytest.raises(UsageError, match=r"9 allows 9\.00 and 19\.00, and no price of today ends so") as raised:
        sure([0.99, 9.0], prices, "EUR")
    assert raised.value.where == "endings" and "*9" in raised.value.hint and "0.9 " in raised.value.hint
    sure([9.0], pl.Series([199, 2900]), "EUR")
    sure([9.0], pl.Series([], dtype=pl.Int64), "EUR")
    sure([9.0], prices, "JPY")
    sure([9.99], prices, "EUR")
