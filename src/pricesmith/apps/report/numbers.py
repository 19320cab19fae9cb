"""Numbers as the report shows them: grouped, signed where they are changes, with as many digits as carry meaning."""

from __future__ import annotations

import math

from pricesmith.contracts.money import exponent

MINUS = "−"


def signed(text: str, value: float, plus: bool) -> str:
    return (MINUS if value < 0 and any(letter in "123456789" for letter in text) else "+" if plus and value > 0 else "") + text


def money(value: float | None, currency: str, *, plus: bool = False) -> str:
    """An amount without its currency: the decimals of the currency, one more below 1 and none from 10,000 on."""
    if value is None or not math.isfinite(value):
        return "–"
    places = exponent(currency)
    places = 0 if abs(value) >= 10_000 else places + 1 if 0 < abs(value) < 1 else places
    return signed(f"{abs(value):,.{places}f}", value, plus)


def price(value: float | None, currency: str) -> str:
    """A price with exactly the decimals of its currency."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{exponent(currency)}f}"


def percent(value: float | None, places: int = 1, *, plus: bool = False) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return signed(f"{abs(100 * value):,.{places}f} %", value, plus)


def plain(value: float | None, places: int = 2) -> str:
    return "–" if value is None or not math.isfinite(value) else signed(f"{abs(value):,.{places}f}", value, False)
