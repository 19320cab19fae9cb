"""Shares as people type them in the forms of the desk: in per cent, with the sign or without it. shop.toml alone has fractions."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pricesmith.contracts.errors import UsageError

MANY = 5
"""So many times a reference and more, written without the sign, can only be per cents."""


def typed(text: str, where: str, unit: str = "share") -> float:
    """How many per cent a text says: 5 of `5`, `5 %` and `5,0`.

    unit  `multiple` where 110 % and the like are meant, so that 1.1 may mean them

    Raises UsageError for what is no number, and for a bare number that may be the share itself, as 0.05 might be.
    """
    plain = text.strip().replace("，", ",").replace("％", "%").replace(",", ".")
    bare = plain.removesuffix("%").strip()
    try:
        value = float(bare)
    except ValueError:
        raise UsageError(f"{text.strip()!r} is no number", where=where, hint="write 5 or 5 % for five per cent") from None
    if bare == plain and not sure(value, unit):
        times, said = shown(Decimal(bare)), f"{bare} %"
        raise UsageError(f"{text.strip()} may mean {times} or {said}", where=where, hint=f"write {times} or {said}, with the sign")
    return value


def sure(value: float, unit: str = "share") -> bool:
    """Whether a bare number can only be that many per cent."""
    return value == 0 or abs(value) >= (MANY if unit == "multiple" else 1)


def in_percent(text: str) -> str:
    """A share in per cent: 0.15 -> 15 %; what is no number as it is."""
    try:
        return shown(Decimal(text))
    except InvalidOperation:
        return text


def in_field(text: str, unit: str) -> str:
    """A share as it stands in a field that is labelled %: 0.15 -> 15; with the sign where the bare number would be asked about."""
    said = in_percent(text)
    bare = said.removesuffix(" %")
    return bare if bare == said or sure(float(bare), unit) else said


def shown(share: Decimal) -> str:
    """0.15 -> 15 %."""
    return f"{(share * 100).normalize():f} %"
