"""Money: integer minor units with the exponent of ISO 4217, converted once at the edge.

Prices are Int64 minor units everywhere inside. Costs are Float64 minor units (a screw may cost 0.4 cent).
A value that is missing, NaN or infinite becomes null, and null never means permission.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .errors import UnknownChoice

_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_TWO = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE "
    "CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD "
    "KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
    "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU "
    "UZS VES WST XCD XCG YER ZAR ZMW ZWG"
)

EXPONENTS: dict[str, int] = dict.fromkeys(_TWO.split(), 2) | dict.fromkeys(_ZERO.split(), 0) | dict.fromkeys(_THREE.split(), 3)
"""ISO 4217 code -> number of decimals of the minor unit."""

MAX_MINOR = 10**15
"""Prices at or above this many minor units cannot be (and would lose digits as a float)."""


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit; an unknown code is refused."""
    if currency not in EXPONENTS:
        raise UnknownChoice("currency", currency, EXPONENTS, where="$.currency")
    return EXPONENTS[currency]


def to_minor(value: float, currency: str) -> int | None:
    """Major units -> integer minor units, half away from zero; None for what is no amount of money."""
    if not math.isfinite(value):
        return None
    scaled = value * 10.0 ** exponent(currency)
    return math.floor(abs(scaled) + 0.5 + 1e-9) * (1 if scaled >= 0 else -1) if abs(scaled) < MAX_MINOR else None


def to_major(minor: int, currency: str) -> float:
    """Integer minor units -> major units, the float nearest to the decimal value."""
    return minor / 10.0 ** exponent(currency)


def ceil_minor(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least whole minor amount that is not below `amount`, float error forgiven; infinities and NaN stay.

    An amount within 1e-10 minor units, and within the float error of a few operations (1e-15 of it), of a whole one is that whole one.
    """
    return np.where(_is_whole(amount), np.rint(amount), np.ceil(amount))


def floor_minor(amount: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest whole minor amount that is not above `amount`, float error forgiven as in `ceil_minor`."""
    return np.where(_is_whole(amount), np.rint(amount), np.floor(amount))


def _is_whole(amount: NDArray[np.float64]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        whole: NDArray[np.bool_] = np.abs(amount - np.rint(amount)) <= 1e-10 + 1e-15 * np.abs(amount)
    return whole


def ending(value: float, currency: str) -> tuple[int, int]:
    """Remainder and modulus, in minor units, of the prices that end in `value` (major units).

    Below 1 it is the part after the decimal point: 0.99 EUR -> prices with 99 left over by 100.
    From 1 on it is the last digits of the price: 9.99 EUR -> 999 by 1000; 99 JPY -> 99 by 100; 980 JPY -> 980 by 1000.
    In a currency without decimals, 0 is the last digit: 0 JPY -> 0 by 10.
    Raises ValueError where no price can end so: negative, not finite, or finer than the minor unit.
    """
    minor = to_minor(value, currency)
    if minor is None or value < 0:
        raise ValueError(f"no price ends in {value}")
    scale = 10.0 ** exponent(currency)
    if abs(minor - value * scale) > 1e-6:
        raise ValueError(f"{value} is finer than the minor unit of {currency} ({1 / scale:g})")
    digits = len(str(int(value))) if value >= 1 or scale == 1 else 0
    return minor, int(scale) * 10**digits


def endings_of(values: Sequence[float], currency: str) -> list[tuple[int, int]]:
    """The same of endings that are meant together: among those from 1 on, 0 is as many last digits as the shortest of them has
    (9, 5, 0: 79, 75 and 80; 80, 0: 180 and 200).

    By itself, or beside an ending below 1, 0 is what follows the decimal point, as `ending` has it.
    """
    pairs = [ending(value, currency) for value in values]
    others = [modulus for value, (_, modulus) in zip(values, pairs, strict=True) if value]
    whole = bool(others) and all(value >= 1 for value in values if value)
    return [(0, min(others)) if whole and not value else pair for value, pair in zip(values, pairs, strict=True)]


def minor_expr(column: pl.Expr, currency: str) -> pl.Expr:
    """Expression of major units -> Int64 minor units; null where not finite or too large."""
    scaled = column.cast(pl.Float64) * 10.0 ** exponent(currency)
    rounded = (scaled.abs() + (0.5 + 1e-9)).floor() * scaled.sign()
    return pl.when(scaled.is_finite() & (scaled.abs() < MAX_MINOR)).then(rounded).cast(pl.Int64)


def major_expr(column: pl.Expr, currency: str) -> pl.Expr:
    """Expression of minor units -> Float64 major units, the floats nearest to the decimal values.

    Polars divides by multiplying with the reciprocal (13107236 / 100 -> 131072.36000000002); rounding puts that right.
    """
    digits = exponent(currency)
    return (column.cast(pl.Float64) / 10.0**digits).round(digits)


def format_minor(minor: int, currency: str) -> str:
    """Minor units as plain decimal text without a currency sign: 1999, "EUR" -> "19.99"."""
    digits = exponent(currency)
    sign, amount = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{amount // 10**digits}" + (f".{amount % 10**digits:0{digits}d}" if digits else "")
