"""Numbers in fields of forms, as people type them: with either decimal mark; several separated by spaces, commas or semicolons, perhaps in
brackets as shop.toml has them."""

from __future__ import annotations

import re

from pricesmith.contracts.errors import UsageError

HINT = "write them with a point and separate them by commas and spaces: 0.99, 0.49"
COMMA = re.compile(r"[+-]?\d*,\d+")
"""A number with a decimal comma."""
BELOW_ONE = re.compile(r"0?,\d+")
"""What can only be one: no price ends in nothing or 0 and then in another number."""
BETWEEN = re.compile(r"[\s;；，、]+|,(?=\s)")


def typed(text: str, where: str) -> list[int | float]:
    """The numbers of `0.95 0.99`, `0.95, 0.99`, `0.95,0.99`, `0.95; 0.99`, `0,95 ,99` and `[0.95, 0.99]`.

    Raises UsageError for what is no number, and for a comma that may stand for the decimal point or between two numbers, as in `9,99`.
    """
    bare = text.strip()
    bare = bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare
    return [number(part, where) for place in BETWEEN.split(bare) if place for part in _parts(place, where)]


def number(text: str, where: str, hint: str = HINT) -> int | float:
    """One number, with a decimal point or a decimal comma. Raises UsageError."""
    plain = text.replace(",", ".") if COMMA.fullmatch(text) else text
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        raise UsageError(f"{text!r} is no number", where=where, hint=hint) from None


def _parts(text: str, where: str) -> list[str]:
    """What commas without a space separate."""
    bare = text.rstrip(",")
    if BELOW_ONE.fullmatch(bare):
        return [bare]
    if "," in bare and "." not in bare:
        raise UsageError(f"the comma of {bare!r} may be a decimal point", where=where, hint=HINT)
    return [part for part in bare.split(",") if part]
