"""An amount of money as a person types it -> minor units, where it can be read in one way only."""

from __future__ import annotations

import re

from .currency_signs import unsigned
from .money import MAX_MINOR, exponent, format_minor, to_minor

_PLAIN = re.compile(r"([0-9]+)(?:([.,])([0-9]+))?")
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<mark>[., \u00a0\u202f])[0-9]{3}(?:(?P=mark)[0-9]{3})*)(?:(?!(?P=mark))[.,](?P<part>[0-9]+))?"
)


def from_typed(text: str, currency: str) -> int:
    """An amount such as 12.99, 12,99, 1.199,90 or R$ 1,199.90 -> integer minor units, exactly: nothing is rounded.

    One mark before three digits could stand for thousands or for decimals: a comma is refused there, where the currency has decimals.

    Raises ValueError, which says what is wrong, for what is no amount in the currency, or has more digits after the point than that.
    """
    digits = exponent(currency)
    example = format_minor(499 * 10 ** max(digits - 2, 0), currency)
    parts = _parts(text, currency, digits)
    if parts is None:
        raise ValueError(f"{text!r} is no amount of money: write a plain number such as {example}")
    whole, fraction = parts
    if len(fraction) > digits:
        most = f"at most {digits} digits" if digits else "no digits"
        raise ValueError(f"{text} is finer than {currency}: {most} after the point, such as {example}")
    minor = int(whole + fraction.ljust(digits, "0"))
    if minor >= MAX_MINOR:
        raise ValueError(f"{text} is more than can be: less than {format_minor(MAX_MINOR, currency)}")
    return minor


def two_ways(text: str, currency: str) -> tuple[str, ...]:
    """The two prices that an amount with one mark before three digits can be, as plain numbers: 1.199 is 1199.00 or 1.20; else empty."""
    found = _PLAIN.fullmatch(unsigned(text)[0].strip())
    if found is None or found[3] is None or len(found[3]) != 3:
        return ()
    ways = (to_minor(float(found[1] + found[3]), currency), to_minor(float(f"{found[1]}.{found[3]}"), currency))
    return tuple(format_minor(way, currency) for way in ways if way is not None)


def _parts(text: str, currency: str, digits: int) -> tuple[str, str] | None:
    """Digits before and after the decimal mark; None where it is no amount of the currency, or may be another one."""
    amount, codes = unsigned(text)
    if codes is not None and currency not in codes:
        return None
    grouped = _GROUPED.fullmatch(amount.strip())
    if grouped and (grouped["part"] or grouped["mark"] not in ".," or amount.count(grouped["mark"]) > 1 or not digits):
        return re.sub(r"[^0-9]", "", grouped["whole"]), grouped["part"] or ""
    plain = _PLAIN.fullmatch(amount.strip())
    if plain is None or (plain[2] == "," and len(plain[3]) == 3):
        return None
    return plain[1], plain[3] or ""
