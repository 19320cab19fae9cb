"""What to do about a row that was set aside, by the code of its reason and by what stands in the cell."""

from __future__ import annotations

import calendar
import re

from pricesmith.contracts.tables import INPUT
from pricesmith.flows.desk.imports import days as written
from pricesmith.flows.desk.imports.numerals import ANY, number
from pricesmith.preparation.parse import CHOICES

REMEDIES = {
    "ragged_row": "give the row as many cells as the header; put a cell that holds a comma in double quotes",
    "missing_value": "fill the cell in, or remove the row",
    "not_text": "write plain text",
    "not_a_number": "write a plain number with a decimal point, such as 12.50, without currency or thousands marks",
    "not_finite": "write the number, or leave the cell empty where it is not known",
    "negative": "write 0 or more",
    "out_of_range": "mend it to a value that can be: the data dictionary names the range",
    "bad_date": "write a day that exists as year-month-day, such as 2026-11-24",
    "not_a_choice": "write one of the values that the data dictionary lists",
    "unknown_currency": "write an ISO 4217 code such as EUR",
    "duplicate_key": "keep one of the rows that share this key, or add their units up, unless each has the same: then a total was repeated",
    "unknown_sku": "add this sku to products, or mend it: case, spaces and leading zeros count",
    "product_set_aside": "mend the row of this product in products first",
}
"""Code of the quarantine -> the general advice."""

DECIMALS = (
    "the guide put the ? there: the number has another decimal mark than was chosen (then read the file again with the other one), "
    "or its row has no units by which it could be divided"
)
PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
"""An amount as the guide writes it."""
UNDIVIDED = (
    "the guide put the ? there: its row has no number of units above 0 by which it could be divided; fill that in, or write what one costs "
    "or is sold for where nothing is divided"
)
WITH_COMMA = "write a plain number with the decimal comma that was chosen, such as 12,50; only a currency may stand beside it"
WITH_POINT = "write a plain number with the decimal point that was chosen, such as 12.50; only a currency may stand beside it"
OTHER_CURRENCY = "this amount is in another currency than the shop's: write it in that of the shop"
_DOTTED = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2([1-9]\d{3})")
_ISO = re.compile(r"([1-9]\d{3})-(\d{1,2})-(\d{1,2})")
_NUMBER = re.compile(r"\d{1,3}(\.\d+)?")
_COMMA = re.compile(r"(-?\d{1,3}(?:\.?\d{3})*|-?\d+),(\d+)")


def remedy(
    table: str, column: str, value: str | None, reason: str, place: str = "", decimal: str = "", dates: str = "", divided: bool = False
) -> str:
    """Advice on one row: the very words to write where the cell shows what was meant, else the general advice.

    table, column, value, reason  as in the quarantine; a code that is not known gets ""
    place                         of the product's own row, where that was set aside
    decimal                       key of `numerals.DECIMALS`: how the guide was told to read the file; "" where it did not read it
    dates                         key of `days.DATES`: how the guide was told that days are written; "" as for decimal
    divided                       the guide divides the column's amounts, and so has written each with a decimal point already
    """
    text = (value or "").strip()
    if reason == "bad_date":
        return _date(text) or _as_chosen(dates) or REMEDIES[reason]
    bare = text.rstrip("%％").strip().replace(",", ".")
    if reason == "not_a_number" and (share := _share(table, column, bare, signed=text.endswith(("%", "％")))):
        return share
    if reason == "not_a_number":
        return _number(text, decimal, divided)
    if reason == "negative" and table == "sales" and column == "units":
        return "write the units sold, 0 or more; give returns as lines of orders.csv in place of sales.csv"
    if reason == "product_set_aside" and place:
        return f"mend the row of this product first, which was set aside: {place}"
    if reason in ("out_of_range", "negative"):
        return _share(table, column, text) or _range(table, column) or REMEDIES[reason]
    if reason == "not_a_choice":
        return _choice(table, column) or REMEDIES[reason]
    return REMEDIES.get(reason, "")


def _number(text: str, decimal: str, divided: bool) -> str:
    bare = text.removeprefix("?")
    if text.startswith("?") and ((decimal == "point" and ANY.fullmatch(bare)) or (divided and PLAIN.fullmatch(bare))):
        return UNDIVIDED
    if decimal and ANY.fullmatch(number(bare, decimal)):
        return OTHER_CURRENCY
    if text.startswith("?"):
        return DECIMALS
    if decimal == "comma":
        return WITH_COMMA
    if comma := _COMMA.fullmatch(text):
        meant = f"{comma[1].replace('.', '')}.{comma[2]}"
        if decimal:
            return f"read the file with decimals written as 12,50 in the guide, where all are: this is {meant}; else write a decimal point"
        return f"write a decimal point: {meant}"
    return WITH_POINT if decimal else REMEDIES["not_a_number"]


def _choice(table: str, column: str) -> str:
    """The values that may stand there."""
    known = INPUT[table].by_name.get(column) if table in INPUT else None
    if known is not None and known.kind == "flag":
        return "write 1 for yes or 0 for no; true and false are read too"
    choices = CHOICES.get((table, column))
    return f"write one of: {', '.join(choices)}" if choices else ""


def _date(text: str) -> str:
    """The days that a text can mean, as they are to be written; that none of them exists, where it is so; "" where it is no day at all."""
    meant = [(year, month, day) for year, month, day in _meant(text) if 1 <= month <= 12 and 1 <= day <= 31]
    days = dict.fromkeys(f"{y}-{m:02d}-{d:02d}" for y, m, d in meant if d <= calendar.monthrange(y, m)[1])
    if not meant:
        return _otherwise(text)
    if days:
        return _written(text, list(days))
    year, month, _ = meant[0]
    last = calendar.monthrange(year, month)[1]
    return f"this day does not exist, {year}-{month:02d} has {last} days: write the day that is meant as year-month-day"


def _otherwise(text: str) -> str:
    """As `_date`, of a text with the name of a month or a year of two digits."""
    ways = written.ways(text)
    days = dict.fromkeys(written.day(text, way) for way in ways)
    return _choosing(" or ".join(days), " or ".join(map(written.example, ways))) if ways else ""


def _as_chosen(dates: str) -> str:
    """That a day is to be written as was chosen; "" where nothing was, or that is the way in which we write them."""
    if dates in ("", written.OURS):
        return ""
    return f"write a day that exists like {written.example(dates)}, as was chosen, or as year-month-day"


def _choosing(days: str, ways: str) -> str:
    return (
        f"write the day as year-month-day: {days}; where the whole column is written so, send its file again in the guide of the price "
        f"desk (`pricesmith serve`) and choose {ways} as the way in which days are written"
    )


def _written(text: str, days: list[str]) -> str:
    """The days as they are to be written; and how the guide reads a whole column of them, where they are written as it can be told."""
    if not (found := _DOTTED.fullmatch(text)):
        return f"write the day as year-month-day: {' or '.join(days)}"
    mark, first, second = found[2], int(found[1]), int(found[3])
    ways = [way for way, month in ((f"24{mark}11{mark}2026", second), (f"11{mark}24{mark}2026", first)) if month <= 12]
    ways = ways[:1] if mark == "." else ways
    return _choosing(" or ".join(days), " or ".join(ways))


def _meant(text: str) -> list[tuple[int, int, int]]:
    """(year, month, day): 11/24/2026 can only be one day; 5/3/2026 may be two; with dots the day comes first."""
    if iso := _ISO.fullmatch(text):
        return [(int(iso[1]), int(iso[2]), int(iso[3]))]
    if not (found := _DOTTED.fullmatch(text)):
        return []
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    return [(year, second, first)] if found[2] == "." and second <= 12 else [(year, second, first), (year, first, second)]


def _share(table: str, column: str, text: str, *, signed: bool = False) -> str:
    """What a number in percent is as a share; "" where it cannot be meant so. signed: it has the sign of percent."""
    known = INPUT[table].by_name.get(column) if table in INPUT else None
    if (
        known is None
        or known.kind != "fraction"
        or known.high is None
        or not _NUMBER.fullmatch(text)
        or not (0.0 if signed else known.high) < float(text) <= 100
    ):
        return ""
    share = float(text) / 100
    return (
        f"write a value from 0 to {known.high:g}: {float(text):g} % is {share:.12g}; where the whole column is in percent, send its file "
        "again in the guide of the price desk (`pricesmith serve`) and choose “percent: 19 is 19 %” beside this column, or divide it by 100"
    )


def _range(table: str, column: str) -> str:
    known = INPUT[table].by_name.get(column) if table in INPUT else None
    if known is not None and known.low is not None and known.kind in ("date", "moment"):
        return f"write the day that is meant, from {known.low:g}-01-01 to {known.high:g}-12-31"
    if known is None or known.low is None:
        return "write a promotion's end on or after its start" if (table, column) == ("promotions", "end") else ""
    return f"write {known.low:g} or more" if known.high is None else f"write a value from {known.low:g} to {known.high:g}"
