"""What the beginning of a foreign file makes doubtful before it is taken over: percent, amounts of whole rows, and prices of 0."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import polars as pl

from pricesmith.preparation.checks.totals import in_proportion

from .numerals import ANY, bare, each, number, percent

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

    That is where each number has a percent sign, or is 0 or from 1 to 100, and one at least has the sign or is above 1: 1 alone may be
    100 % as well. An empty cell says nothing.
    """
    told = [value for value in values if value]
    read = [_read(value) for value in told]
    usual = [n is not None and (_signed(value) or n == 0.0 or 1.0 <= n <= 100.0) for value, n in zip(told, read, strict=True)]
    if not all(usual):
        return None
    first = next((value for value, number in zip(told, read, strict=True) if number and (_signed(value) or number > 1.0)), None)
    return None if first is None else (first, percent(first, "comma" if "," in first else "point"))


def no_percent(values: Sequence[str]) -> str:
    """A value for which a column can hardly be percent: none has the sign, and each that is not 0 is at most 1; "" where it can be."""
    telling = [value for value in values if value and (number := _read(value)) != 0.0 and number is not None]
    return telling[0] if telling and not any(_signed(value) or (_read(value) or 0.0) > 1.0 for value in telling) else ""


def _signed(value: str) -> bool:
    return value.endswith(("%", "％"))


def _read(value: str) -> float | None:
    bare = value.rstrip("%％").strip()
    return float(bare.replace(",", ".")) if NUMBER.fullmatch(bare) else None


def free(column: str, values: Sequence[str], lines: Sequence[int]) -> Free | None:
    """Prices of 0 in a column of ours; None where there are none, or where 0 is usual in it. lines: where each value stands."""
    zero = [place for place, value in enumerate(values) if NOTHING.fullmatch(bare(value))] if column in PRICES else []
    return Free(column, len(zero), len(values), lines[zero[0]], values[zero[0]]) if zero else None


def as_amounts(skus: Sequence[str], units: Sequence[str], prices: Sequence[str], named: bool) -> tuple[str, str, str] | None:
    """An amount, its units and the price of one, where a column of prices looks like amounts of whole rows; None where it does not.

    named  its header says so; else the amounts must be in proportion to the units, product by product
    """
    for mark in ("point", "comma"):
        read = [(sku, number(u, mark), number(p, mark), p) for sku, u, p in zip(skus, units, prices, strict=True)]
        plain = [row for row in read if ANY.fullmatch(row[1]) and ANY.fullmatch(row[2])]
        telling = next((row for row in plain if float(row[1]) > 1), None)
        if telling is not None and 2 * len(plain) > len(read) and (named or _proportional(plain)):
            return telling[3], telling[1], each(telling[2], telling[1])
    return None


def _proportional(rows: Sequence[tuple[str, str, str, str]]) -> bool:
    """Whether prices are in proportion to units within products, all taken together."""
    table = pl.DataFrame({"own": [r[0] for r in rows], "units": [float(r[1]) for r in rows], "price": [float(r[2]) for r in rows]})
    sold = table.filter((pl.col("units") > 0) & (pl.col("price") > 0) & (pl.len().over("own") > 1))
    within = (pl.col(name).log() - pl.col(name).log().mean().over("own") for name in ("units", "price"))
    told = in_proportion(sold.select(pl.lit("all").alias("sku"), *(one.exp() for one in within)))
    return bool(told["doubted"].any())
