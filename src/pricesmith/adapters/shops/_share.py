"""Totals of an order line as a price of one unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from pricesmith.contracts.money import exponent


def per_unit(parts: Sequence[object], units: object, currency: str) -> str | None:
    """Sum of amounts in major units over a number of units, rounded half up to the minor unit; None where any is no number."""
    try:
        total = sum((Decimal(str(part)) for part in parts), Decimal(0))
        price = (total / Decimal(str(units))).quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP)
    except (InvalidOperation, ZeroDivisionError):
        return None
    return format(price, "f") if price.is_finite() else None
