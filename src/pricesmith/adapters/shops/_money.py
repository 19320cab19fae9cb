"""Money on the wire: one converter a unit, exact, from integer minor units and back. No amount is ever a float.

What is no amount, is finer than the minor unit, or is too large gives None: a price that cannot be read is not a price.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pricesmith.contracts.money import EXPONENTS, MAX_MINOR, exponent, format_minor

_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_FEN = "CNY"


def is_price(price: object, currency: str) -> bool:
    """Can this be sent: a whole number of minor units above zero, in a currency that exists?"""
    return type(price) is int and 0 < price < MAX_MINOR and currency in EXPONENTS


def to_text(minor: int, currency: str) -> str:
    """1999, "EUR" -> "19.99"; 1999, "JPY" -> "1999"."""
    return format_minor(minor, currency)


def from_text(text: object, currency: str) -> int | None:
    """Decimal text of major units -> minor units: "19.99", "EUR" -> 1999; "19.990" is the same, "19.995" is nothing."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        return None
    return _whole(Decimal(text).scaleb(exponent(currency)))


def to_number(minor: int, currency: str) -> Decimal:
    """Minor units -> the JSON number of major units (written digit for digit, see `_json.py`)."""
    return Decimal(format_minor(minor, currency))


def from_number(value: object) -> Decimal | None:
    """A JSON number, read digit for digit -> that number; None for what is none, or below zero."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() and number >= 0 else None


def number_to_minor(value: object, currency: str) -> int | None:
    """A JSON number of major units -> minor units: 19.99, "EUR" -> 1999."""
    number = from_number(value)
    return None if number is None or number >= MAX_MINOR else _whole(number.scaleb(exponent(currency)))


def from_minor(value: object) -> int | None:
    """A JSON number of minor units -> minor units."""
    number = from_number(value)
    return None if number is None or number >= MAX_MINOR else _whole(number)


def yuan_text(minor: int) -> str:
    """Fen -> yuan with exactly two decimals, as TOP and JD write it: 1900 -> "19.00"."""
    return format_minor(minor, _FEN)


def from_yuan(text: object) -> int | None:
    """Yuan as text -> fen: "19.00" -> 1900."""
    return from_text(text, _FEN)


def _whole(number: Decimal) -> int | None:
    return int(number) if number == number.to_integral_value() and abs(number) < MAX_MINOR else None
