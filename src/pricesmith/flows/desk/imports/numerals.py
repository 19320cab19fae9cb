"""Numbers as foreign files write them -> as we do; what is not written as was said stays, or is marked so that it is not read."""

from __future__ import annotations

import re
from decimal import Decimal

from pricesmith.contracts.currency_signs import unsigned

DECIMALS = {"point": ".", "comma": ","}
PLAIN = {
    "point": re.compile(r"[+-]?(\d{1,3}([,\u00a0\u202f' ]\d{3})+|\d+)?(\.\d+)?"),
    "comma": re.compile(r"[+-]?(\d{1,3}([.\u00a0\u202f' ]\d{3})+|\d+)?(,\d+)?"),
}
WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
"""Digits and marks as wide as a Chinese character -> the usual ones."""
ANY = re.compile(r"[+-]?(\d+(\.\d+)?|\.\d+)")
"""A number as we write it."""


def each(amount: str, units: str) -> str:
    """The price of one unit, to a millionth. Both as `number` leaves them; an amount that cannot be divided gets a `?` before it, so
    that it is not read as a price."""
    if not (ANY.fullmatch(amount) and ANY.fullmatch(units)):
        return f"?{amount}" if amount else amount
    if not Decimal(units):
        return f"?{amount}" if Decimal(amount) else amount
    return f"{round(Decimal(amount) / Decimal(units), 6).normalize():f}"


def of_one(cost: str, units: str) -> str:
    """The cost of one unit of a case, to a millionth. Both as `number` leaves them; where a case holds no number of units above 0 the cost
    gets a `?` before it, so that it is not read as that of one."""
    if not ANY.fullmatch(cost):
        return cost
    return each(cost, units) if ANY.fullmatch(units) and Decimal(units) > 0 else f"?{cost}"


def bare(text: str) -> str:
    """A number without the sign or the code of a currency beside it."""
    return unsigned(text.translate(WIDE))[0].strip()


def percent(text: str, decimal: str) -> str:
    """A number in percent, with or without its sign, as a share: 19 and 19 % are 0.19; as `number` leaves it where it is none."""
    read = number(text.strip().rstrip("%％"), decimal)
    if not ANY.fullmatch(read):
        return number(text, decimal)
    share = f"{Decimal(read).scaleb(-2):f}"
    return share.rstrip("0").rstrip(".") if "." in share else share


def number(text: str, decimal: str, currency: str = "") -> str:
    """With a decimal point and without thousands marks or a currency beside it; as it stands where it is not written as was said.

    Where that could be taken for another number than was meant (12.50 among decimal commas), a `?` before it keeps it from being read.

    currency  code of the one that amounts are in: what names another stays as it stands; "": any may be named
    """
    amount, codes = unsigned(text.translate(WIDE))
    if not amount or (codes and currency and currency not in codes):
        return text
    if not PLAIN[decimal].fullmatch(amount):
        return f"?{text}" if re.fullmatch(r"[+-]?\d*\.\d+", amount) else text
    mark = DECIMALS[decimal]
    whole, _, part = amount.partition(mark)
    return re.sub(r"[^\d+-]", "", whole) + (f".{part}" if part else "")
