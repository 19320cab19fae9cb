"""Money: integer minor units with the exponent of ISO 4217, converted once at the edge.

Prices are Int64 minor units everywhere inside. Costs are Float64 minor units (a screw may cost 0.4 cent).
A value that is missing, NaN or infinite becomes null, and null never means permission.
"""

from __future__ import annotations

import math

import polars as pl

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

EXPONENTS: dict[str, int] = {code: 2 for code in _TWO.split()} | {code: 0 for code in _ZERO.split()} | {code: 3 for code in _THREE.split()}
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


def minor_expr(column: pl.Expr, currency: str) -> pl.Expr:
    """Expression of major units -> Int64 minor units; null where not finite or too large."""
    scaled = column.cast(pl.Float64) * 10.0 ** exponent(currency)
    rounded = (scaled.abs() + (0.5 + 1e-9)).floor() * scaled.sign()
    return pl.when(scaled.is_finite() & (scaled.abs() < MAX_MINOR)).then(rounded).cast(pl.Int64)


def major_expr(column: pl.Expr, currency: str) -> pl.Expr:
    """Expression of minor units -> Float64 major units."""
    return column.cast(pl.Float64) / 10.0 ** exponent(currency)


def format_minor(minor: int, currency: str) -> str:
    """Minor units as plain decimal text without a currency sign: 1999, "EUR" -> "19.99"."""
    digits = exponent(currency)
    sign, amount = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{amount // 10**digits}" + (f".{amount % 10**digits:0{digits}d}" if digits else "")
