"""Money: exact minor units, whatever the currency."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.contracts.money import (
    EXPONENTS,
    MAX_MINOR,
    ceil_minor,
    ending,
    endings_of,
    exponent,
    floor_minor,
    format_minor,
    major_expr,
    minor_expr,
    to_major,
    to_minor,
)

currencies = st.sampled_from(["EUR", "JPY", "KWD", "CNY"])


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("USD", 2), ("CNY", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3)])
def test_exponents_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


def test_codes_are_codes() -> None:
    assert len(EXPONENTS) > 150 and all(len(code) == 3 and code.isupper() for code in EXPONENTS)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownChoice, match=r"\$\.currency: unknown currency 'EUX' \(did you mean .*EUR"):
        exponent("EUX")


@given(st.integers(-(10**12), 10**12), currencies)
def test_there_and_back(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor
    assert to_minor(float(format_minor(minor, currency)), currency) == minor


@given(st.decimals(-(10**7), 10**7, places=5), currencies)
def test_half_away_from_zero(amount: Decimal, currency: str) -> None:
    exact = amount.scaleb(EXPONENTS[currency]).quantize(Decimal(1), ROUND_HALF_UP)
    assert to_minor(float(amount), currency) == int(exact)


@pytest.mark.parametrize(("amount", "minor"), [(1.005, 101), (8.575, 858), (-1.005, -101), (0.0, 0), (-0.0, 0)])
def test_halves_that_a_float_holds_too_low(amount: float, minor: int) -> None:
    """1.005 EUR is 100.49999999999999 cents as a float."""
    assert to_minor(amount, "EUR") == minor and type(to_minor(amount, "EUR")) is int
    assert pl.select(minor_expr(pl.lit(amount), "EUR")).item() == minor


@pytest.mark.parametrize("nothing", [math.nan, math.inf, -math.inf, 1e300, -1e300, MAX_MINOR / 100])
def test_what_is_no_money_is_null(nothing: float) -> None:
    assert to_minor(nothing, "EUR") is None
    assert pl.select(minor_expr(pl.lit(nothing), "EUR")).item() is None


@given(st.lists(st.none() | st.floats() | st.floats(-1e6, 1e6), max_size=20), currencies)
def test_columns_convert_as_single_values(values: list[float | None], currency: str) -> None:
    frame = pl.DataFrame({"amount": pl.Series(values, dtype=pl.Float64)})
    minor = frame.select(minor_expr(pl.col("amount"), currency)).to_series()
    assert minor.dtype == pl.Int64
    assert minor.to_list() == [None if value is None else to_minor(value, currency) for value in values]
    back = pl.DataFrame({"minor": minor}).select(major_expr(pl.col("minor"), currency)).to_series().to_list()
    assert back == [None if value is None else to_major(value, currency) for value in minor.to_list()]


def test_columns_of_money_are_the_nearest_floats() -> None:
    minor = np.random.default_rng(0).integers(0, MAX_MINOR, 20_000) // 10 ** np.random.default_rng(1).integers(0, 14, 20_000)
    for currency in ("EUR", "JPY", "KWD"):
        major = pl.DataFrame({"minor": minor}).select(major_expr(pl.col("minor"), currency)).to_series()
        assert major.to_list() == [to_major(value, currency) for value in minor.tolist()]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1999, "EUR", "19.99"), (5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (1999, "JPY", "1999"), (1999, "KWD", "1.999"), (0, "EUR", "0.00")],
)
def test_written_plainly(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text


def test_float_error_is_forgiven_and_nothing_else() -> None:
    for price, ratio, whole in ((2000, 1.15, 2300), (100, 1.1, 110), (4100, 1.1, 4510), (300, 0.7, 210)):
        product = np.array([price * ratio])
        assert ceil_minor(product)[0] == floor_minor(product)[0] == whole
    assert (ceil_minor(np.array([2.000001, 1.999999])) == [3, 2]).all()
    assert (floor_minor(np.array([2.000001, 1.999999])) == [2, 1]).all()


@pytest.mark.parametrize("whole", [1e9, 1e12])
def test_float_error_of_large_amounts_is_forgiven(whole: float) -> None:
    above, below = np.nextafter([whole, whole], [np.inf, 0.0])
    assert ceil_minor(np.array([above]))[0] == floor_minor(np.array([below]))[0] == whole


@given(st.floats(0, 1e12))
def test_rounding_to_the_next_minor_unit(amount: float) -> None:
    up, down = ceil_minor(np.array([amount]))[0], floor_minor(np.array([amount]))[0]
    slack = 1e-10 + 1e-15 * amount
    assert up == int(up) and down == int(down)
    assert amount - slack <= up < amount + 1 and amount - 1 < down <= amount + slack


def test_infinite_bounds_stay() -> None:
    ends = np.array([-np.inf, np.inf, np.nan])
    assert np.array_equal(ceil_minor(ends), ends, equal_nan=True) and np.array_equal(floor_minor(ends), ends, equal_nan=True)


@pytest.mark.parametrize(
    ("value", "currency", "remainder", "modulus"),
    [
        (0.99, "EUR", 99, 100),
        (0.0, "EUR", 0, 100),
        (0.5, "EUR", 50, 100),
        (9.99, "EUR", 999, 1000),
        (1.0, "EUR", 100, 1000),
        (8, "CNY", 800, 1000),
        (99.0, "JPY", 99, 100),
        (980.0, "JPY", 980, 1000),
        (0.0, "JPY", 0, 10),
        (0.95, "KWD", 950, 1000),
        (0.995, "KWD", 995, 1000),
    ],
)
def test_endings(value: float, currency: str, remainder: int, modulus: int) -> None:
    assert ending(value, currency) == (remainder, modulus)


@pytest.mark.parametrize(("value", "currency"), [(0.995, "EUR"), (0.99, "JPY"), (-0.01, "EUR"), (math.nan, "EUR"), (math.inf, "EUR")])
def test_endings_that_no_price_has(value: float, currency: str) -> None:
    with pytest.raises(ValueError, match=r"no price ends in|finer than"):
        ending(value, currency)


@pytest.mark.parametrize(("value", "currency", "unit"), [(0.995, "EUR", "0.01"), (0.99, "JPY", "1"), (0.9999, "KWD", "0.001")])
def test_an_ending_that_is_too_fine_names_the_minor_unit(value: float, currency: str, unit: str) -> None:
    with pytest.raises(ValueError, match=rf"minor unit of {currency} \({unit}\)"):
        ending(value, currency)


@pytest.mark.parametrize(
    ("values", "currency", "pairs"),
    [
        ([9.0, 5.0, 0.0], "TWD", [(900, 1000), (500, 1000), (0, 1000)]),
        ([0.0, 99.0, 49.0], "EUR", [(0, 10000), (9900, 10000), (4900, 10000)]),
        ([0.0, 0.5], "EUR", [(0, 100), (50, 100)]),
        ([0.0], "EUR", [(0, 100)]),
        ([9.0, 0.5, 0.0], "EUR", [(900, 1000), (50, 100), (0, 100)]),
        ([9.0, 0.0], "JPY", [(9, 10), (0, 10)]),
    ],
)
def test_nought_beside_last_digits_is_one_of_them(values: list[float], currency: str, pairs: list[tuple[int, int]]) -> None:
    assert endings_of(values, currency) == pairs
