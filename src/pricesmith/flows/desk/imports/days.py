"""How a foreign file writes its days or months: which ways fit what stands in a column, and reading them in the way that was said."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

MONTHS = {
    "my.": "%m.%Y", "my/": "%m/%Y", "my-": "%m-%Y", "my": "%m%Y",
    "ym-": "%Y-%m", "ym/": "%Y/%m", "ym.": "%Y.%m", "ym": "%Y%m", "ym年": "%Y年%m月",
}  # fmt: skip
"""How months are written: code -> format."""
DATES = {
    "ymd-": "%Y-%m-%d", "ymd/": "%Y/%m/%d", "ymd.": "%Y.%m.%d", "ymd": "%Y%m%d", "ymd年": "%Y年%m月%d日",
    "dmy.": "%d.%m.%Y", "dmy/": "%d/%m/%Y", "dmy-": "%d-%m-%Y", "mdy/": "%m/%d/%Y", "mdy-": "%m-%d-%Y",
    **MONTHS,
}  # fmt: skip
"""How days are written, and months that stand for one: code -> format."""
BARE = {"ymd": re.compile(r"\d{8}"), "ym": re.compile(r"(19|20)\d{4}"), "my": re.compile(r"\d\d(19|20)\d\d")}
"""Ways without marks -> what is written so, that no text is two days: 202611 is no 1 January."""
LASTS = ("end",)
"""Columns that hold a last day: of a month its last one is meant there, in all others its first."""
OURS, OTHER = "ymd-", "other"
"""The way in which we write them, which is read whatever was said; and that a value is in neither."""


class Days(msgspec.Struct, frozen=True):
    """A column of days in the beginning of a file.

    cells   those that hold something;  fits: key of DATES -> cells that are a day in that way, where there is one
    likely  the only way in which the most of them can be read beside our own; "" where several ways read as many, or none does
    example the first cell in that way;  read: the day that it is read as, where it is a month, else ""
    last    of a month the last day is meant, not the first
    """

    column: str
    cells: int
    fits: dict[str, int]
    likely: str
    example: str
    read: str = ""
    last: bool = False


def days_of(column: str, values: Sequence[str]) -> Days:
    """values: cells as they stand"""
    told = Counter(text for value in values if (text := value.strip()))
    fits = {way: sum(count for text, count in told.items() if fitting(text, way)) for way in DATES}
    fits = {way: count for way, count in fits.items() if count}
    most = max(fits.values(), default=0)
    others = [way for way, count in fits.items() if way != OURS and count == max(fits[one] for one in fits if one != OURS)]
    best = [OURS] if fits.get(OURS) == most and most and not others else others
    likely = best[0] if len(best) == 1 else ""
    example = next((text for text in told if likely and fitting(text, likely)), "")
    read = day(example, likely, last=column in LASTS) if likely in MONTHS else ""
    return Days(column, sum(told.values()), fits, likely, example, read, column in LASTS)


def likely(found: Sequence[Days]) -> str:
    """The way that all columns of a file are likely written in; "" where they differ or one of them leaves it open."""
    ways = {one.likely for one in found if one.cells}
    return ways.pop() if len(ways) == 1 else ""


def fitting(text: str, dates: str) -> bool:
    """Whether a cell is a day that is written so, with or without a time of day, or a month."""
    found = _PARTS.fullmatch(text)
    return found is not None and not (found[2] and dates in MONTHS) and _read(found[1], dates) is not None


def day(text: str, dates: str, time: bool = False, last: bool = False) -> str:
    """Year-month-day, with the time of day where it is asked for; as it stands where it is not written as was said.

    last  of a month the last day is meant, not the first
    """
    found = _PARTS.fullmatch(text.strip())
    read = _read(found[1], dates) if found and fitting(text.strip(), dates) else None
    if found is None or read is None:
        return text
    if dates in MONTHS:
        return read.replace(day=calendar.monthrange(read.year, read.month)[1] if last else 1).isoformat()
    return f"{read}T{found[2].strip().zfill(5)}" if time and found[2] else read.isoformat()


def reader(dates: str, time: bool, ways: Counter[str], last: bool = False) -> Callable[[str], str]:
    """What `day` makes of a cell, counted in `ways`: by the way in which it is read, or OTHER."""

    @lru_cache(100_000)
    def known(text: str) -> tuple[str, str]:
        bare = text.strip()
        way = next((one for one in (dates, OURS) if fitting(bare, one)), OTHER) if bare else ""
        return day(text, dates, time, last), way

    def read(text: str) -> str:
        value, way = known(text)
        if way:
            ways[way] += 1
        return value

    return read


_PARTS = re.compile(r"(\S+?)(?:[ T](\d{1,2}:\d{2}.*))?")


def _read(text: str, dates: str) -> dt.date | None:
    if dates in BARE and not BARE[dates].fullmatch(text):
        return None
    try:
        return dt.datetime.strptime(text, DATES[dates]).date()
    except ValueError:
        return None
