"""Endings that are meant as the last digit of a price: `*9` in a field, and 9 where no price ends in whole amounts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import endings_of, exponent, format_minor

SPELLED = re.compile(r"(?<![\w.*])[.,]?\*(\d)(?![\d*])")
"""A last digit: `*9`, also as `.*9`."""
WHOLE = re.compile(r"(?<![\d.,*])\d+(?![\d*]|[.,]\d)")
"""An ending of digits alone."""


def spelled(text: str, currency: str) -> str:
    """The text with every last digit as the endings that have it: `*9` is 0.09 0.19 ... 0.99 where a price has two decimals.

    Raises UsageError, at the field, for `05` and `00` where the number that they are read as would allow more prices, and for `0` where it
    stands for more digits than one.
    """
    digits = exponent(currency)
    _kept(WHOLE.findall(text), digits)
    return SPELLED.sub(lambda found: " ".join(_ending(tens * 10 + int(found[1]), digits) for tens in range(10 ** max(digits - 1, 0))), text)


def _kept(typed: Sequence[str], digits: int) -> None:
    """Raises UsageError for a zero that is lost in reading. `00` is kept beside `80`, and by itself where prices have decimals; `0` is not
    beside `80`, where it stands for two digits."""
    others = [one for one in typed if not one.startswith("0")]
    beside = min(others, key=len, default="")
    for one in typed:
        if one == "0" and len(beside) > 1:
            full = "0" * len(beside)
            hint = f"write {full} if that is meant, or 0 by itself for every price whose last digit is 0"
            raise UsageError(f"0 beside {beside} means {full}", where="endings", hint=hint)
        whole = len(beside) == len(one) if beside else digits > 0
        if len(one) > 1 and one.startswith("0") and (int(one) or not whole):
            full = ", ".join(f"{before}{one}" for before in range(1 if int(one) else 0, 10))
            what = f"{one} would be read as {int(one)}, which allows more prices"
            raise UsageError(what, where="endings", hint=f"write one digit more: {full}")


def _ending(minor: int, digits: int) -> str:
    return f"{minor / 10**digits:.{digits}f}"


def endings_shown(endings: Sequence[float], currency: str) -> list[str]:
    """Endings as they are typed: 0 with as many digits as it stands for, `80, 00`; amounts as they are, 0.99."""
    sizes = [modulus // 10 ** exponent(currency) for _, modulus in endings_of(endings, currency)]
    return [f"{value:.12g}" if value else str(size)[1:] or "0" for value, size in zip(endings, sizes, strict=True)]


def sure(endings: Sequence[float], prices: pl.Series, currency: str) -> None:
    """Raises UsageError, at the field, for whole numbers in a currency with decimals where none of the prices (minor units) ends so."""
    scale = 10 ** exponent(currency)
    for value in endings:
        if scale == 1 or value < 1 or value != int(value) or prices.is_empty():
            continue
        shift = 10 ** len(str(int(value)))
        if not (prices % (scale * shift) == int(value) * scale).any():
            low, high = (format_minor(int(value) * scale + more * scale * shift, currency) for more in (0, 1))
            digit, point = int(value) % 10, f"{value / shift:g}"
            hint = f"write *{digit} for every price whose last digit is {digit}, or {point} for what follows the point"
            raise UsageError(f"{value:g} allows {low} and {high}, and no price of today ends so", where="endings", hint=hint)
