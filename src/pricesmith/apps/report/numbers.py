"""Numbers as the report shows them: grouped, signed where they are changes, with as many digits as carry meaning."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

from pricesmith.contracts.money import exponent

MINUS = "−"


def signed(text: str, value: float, plus: bool) -> str:
    seen = any(letter in "123456789" for letter in text)
    return (MINUS if value < 0 and seen else "+" if plus and value > 0 and seen else "") + text


def money(value: float | None, currency: str, *, plus: bool = False) -> str:
    """An amount without its currency: the decimals of the currency, one more below a tenth and none from 10,000 on."""
    if value is None or not math.isfinite(value):
        return "–"
    places = exponent(currency)
    places = 0 if abs(value) >= 10_000 else places + 1 if 0 < abs(value) < 0.1 else places
    return signed(f"{abs(value):,.{places}f}", value, plus)


def interval(low: float | None, high: float | None, currency: str, *, plus: bool = False) -> tuple[str, str]:
    """Two amounts with the same decimals, those of the larger one."""
    known = [value for value in (low, high) if value is not None and math.isfinite(value)]
    if len(known) < 2:
        return money(low, currency, plus=plus), money(high, currency, plus=plus)
    text = money(max(map(abs, known)), currency)
    places = len(text.partition(".")[2])
    return tuple(signed(f"{abs(value):,.{places}f}", value, plus) for value in known)  # type: ignore[return-value]


def price(value: float | None, currency: str) -> str:
    """A price with exactly the decimals of its currency."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{exponent(currency)}f}"


def percent(value: float | None, places: int = 1, *, plus: bool = False) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return signed(f"{abs(100 * value):,.{places}f} %", value, plus)


def at_most(share: float, places: int) -> str:
    """An upper bound of a share, rounded up: never shown as zero while it is more."""
    steps = 10.0 ** (places + 2)
    return percent(math.ceil(share * steps - 1e-9) / steps, places)


def amount(value: float, places: int, *, plus: bool = False) -> str:
    """A quantity with that many decimals, none from 10,000 on."""
    return signed(f"{abs(value):,.{0 if abs(value) >= 10_000 else places}f}", value, plus)


def adding_up(start: float, parts: Sequence[float], end: float, places: int) -> list[float]:
    """The parts that lead from `start` to `end`, rounded so that the rounded ends and they add up, as a reader who recounts expects.

    What plain rounding leaves over goes to the parts that it moved farthest the other way, one unit of the last digit each; a part that
    is shown as 0 stays so.
    """
    unit = 10.0**-places
    first, last, *steps = (round(float(f"{value:.{places}f}") / unit) for value in (start, end, *parts))
    over = last - first - sum(steps)
    sign = 1 if over > 0 else -1
    order = sorted((k for k in range(len(parts)) if steps[k]), key=lambda k: sign * (steps[k] - parts[k] / unit))
    for k in order[: abs(over)]:
        steps[k] += sign
    return [step * unit for step in steps]


def plain(value: float | None, places: int = 2) -> str:
    return "–" if value is None or not math.isfinite(value) else signed(f"{abs(value):,.{places}f}", value, False)


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines of a plain table: the first `left` columns to the left, the others to the right; wide letters count as two."""
    widths = [max(wide(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return ["  ".join(padded(cell, widths[i], i < left) for i, cell in enumerate(row)).rstrip() for row in rows]


def wide(text: str) -> int:
    """Columns that a text takes on a terminal; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int, left: bool) -> str:
    space = " " * (width - wide(text))
    return text + space if left else space + text
