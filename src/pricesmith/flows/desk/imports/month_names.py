"""Days whose month is a name: English, short or long, in any case, with whatever mark between: 24-NOV-26, Nov 24, 2026, 24NOV2026."""

from __future__ import annotations

import datetime as dt
import re

NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
MONTHS = {short: number for number, name in enumerate(NAMES, 1) for short in (name, name[:3])} | {"sept": 9}
"""Name of a month in lower case -> its number."""
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]{0,2} ?)?"
_DAY, _NAME, _YEAR, _SHORT = r"(?P<day>\d\d?)", r"(?P<month>[a-z]{3,9})\.?", r"(?P<year>(?:19|20)\d\d)", r"(?P<short>\d\d)"
_ANY, _ONE = r",?[ /-]?", r"(?:, ?|[ /-])"
"""A mark between a name and digits, which may lack; and one between digits, which may not."""
WAYS = {
    way: re.compile(_WEEKDAY + parts, re.IGNORECASE)
    for way, parts in {
        "dby": rf"{_DAY}\.?{_ANY}{_NAME}{_ANY}{_YEAR}",
        "bdy": rf"{_NAME}{_ANY}{_DAY}{_ONE}{_YEAR}",
        "ybd": rf"{_YEAR}{_ANY}{_NAME}{_ANY}{_DAY}",
        "dby2": rf"{_DAY}\.?{_ANY}{_NAME}{_ANY}{_SHORT}",
        "bdy2": rf"{_NAME}{_ANY}{_DAY}{_ONE}{_SHORT}",
        "by": rf"{_NAME}{_ANY}{_YEAR}",
        "yb": rf"{_YEAR}{_ANY}{_NAME}",
        "by2": rf"{_NAME}{_ANY}{_SHORT}",
    }.items()
}
"""Code of `days.DATES` -> what is written so. A year of two digits never comes first: 14-JAN-09 is one day."""
PIVOT = 69
"""Years of two digits from this on are of the last century, as POSIX has it: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068."""


def read(text: str, way: str) -> dt.date | None:
    """The day that is written so, the first one of a month; None where it is none. way: a key of WAYS"""
    found = WAYS[way].fullmatch(text)
    told = found.groupdict() if found else {}
    month = MONTHS.get(told.get("month", "").casefold())
    if month is None:
        return None
    try:
        return dt.date(int(told["year"]) if "year" in told else _whole(int(told["short"])), month, int(told.get("day", 1)))
    except ValueError:
        return None


def _whole(year: int) -> int:
    return year + (1900 if year >= PIVOT else 2000)
