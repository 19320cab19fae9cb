"""What the beginning of a foreign file makes doubtful before it is taken over: shares that look like percent, and prices of 0."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from .foreign import MONEY, percent

PRICES = ("price", "list_price", "unit_cost", "map_price", "rrp", "max_price")
"""Columns of money in which 0 is rarely meant."""
NOTHING = re.compile(r"0+([.,]0+)?")
NUMBER = re.compile(r"\d{1,3}([.,]\d+)?")


class Free(msgspec.Struct, frozen=True):
    """A column of prices that holds 0: in how many of the rows looked at, and the line of the first one."""

    column: str
    count: int
    rows: int
    line: int
    value: str


def as_percent(values: Sequence[str]) -> tuple[str, str] | None:
    """A value of a column of shares and what it is as a share, where the column looks like percent; None where it does not.

    That is where each number has a percent sign, or each is above 1 and at most 100. A 0 and an empty cell say nothing.
    """
    telling = [value for value in values if value and not NOTHING.fullmatch(value.rstrip("%％").strip())]
    if not telling or not all(_like_percent(value) for value in telling):
        return None
    return telling[0], percent(telling[0], "comma" if "," in telling[0] else "point")


def _like_percent(value: str) -> bool:
    bare = value.rstrip("%％").strip()
    if not NUMBER.fullmatch(bare):
        return False
    return bare != value or 1.0 < float(bare.replace(",", ".")) <= 100.0


def free(column: str, values: Sequence[str]) -> Free | None:
    """Prices of 0 in a column of ours; None where there are none, or where 0 is usual in it."""
    zero = [place for place, value in enumerate(values) if NOTHING.fullmatch(value.strip(MONEY))] if column in PRICES else []
    return Free(column, len(zero), len(values), zero[0] + 2, values[zero[0]]) if zero else None
