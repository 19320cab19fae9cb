"""How a foreign file writes its days or months: which ways fit what stands in a column, and reading them in the way that was said."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from . import month_names

MONTHS = {
    "my.": "%m.%Y", "my/": "%m/%Y", "my-": "%m-%Y", "my": "%m%Y",
    "ym-": "%Y-%m", "ym/": "%Y/%m", "ym.": "%Y.%m", "ym": "%Y%m", "ym年": "%Y年%m月",
    "by": "%b %Y", "yb": "%Y %b", "by2": "%b-%y",
}  # fmt: skip
"""How months are written: code -> format."""
SHORT = {
    "dmy2.": "%d.%m.%y", "dmy2/": "%d/%m/%y", "dmy2-": "%d-%m-%y", "mdy2.": "%m.%d.%y", "mdy2/": "%m/%d/%y", "mdy2-": "%m-%d-%y",
    "ymd2.": "%y.%m.%d", "ymd2/": "%y/%m/%d", "ymd2-": "%y-%m-%d", "dby2": "%d-%b-%y", "bdy2": "%b %d, %y", "by2": MONTHS["by2"],
}  # fmt: skip
"""Ways whose years have two digits, see `month_names.PIVOT`: code -> format."""
DATES = {
    "ymd-": "%Y-%m-%d", "ymd/": "%Y/%m/%d", "ymd.": "%Y.%m.%d", "ymd": "%Y%m%d", "ymd年": "%Y年%m月%d日",
    "dmy.": "%d.%m.%Y", "dmy/": "%d/%m/%Y", "dmy-": "%d-%m-%Y", "mdy/": "%m/%d/%Y", "mdy-": "%m-%d-%Y",
    "dby": "%d %b %Y", "bdy": "%b %d, %Y", "ybd": "%Y-%b-%d",
    **{way: written for way, written in SHORT.items() if way not in MONTHS}, **MONTHS,
}  # fmt: skip
"""How days are written, and months that stand for one: code -> format. Those with %b are read by `month_names`, with any mark between."""
BARE = {"ymd": re.compile(r"\d{8}"), "ym": re.compile(r"(19|20)\d{4}"), "my": re.compile(r"\d\d(19|20)\d\d")}
"""Ways without marks -> what is written so, that no text is two days: 202611 is no 1 January."""
LASTS = ("end",)
"""Columns that hold a last day: of a month its last one is meant there, in all others its first."""
OURS, OTHER = "ymd-", "other"
"""The way in which we write them, which is read whatever was said; and that a value is in neither."""


class Days(msgspec.Struct, frozen=True):
    """A column of days in the beginning of a file.

    cells   those that hold something;  fits: key of DATES -> cells that are a day in that way, where there is one
    likely  the only way in which the most of them can be read beside our own; "" where several ways read as many, or none does. One whose
            years have two digits is never likely where another but our own reads some of them
    example the first cell in that way;  read: the day that it is read as, where it is a month or its year has two digits, else ""
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
    beside = {way: count for way, count in fits.items() if way != OURS}
    others = [way for way, count in beside.items() if count == max(beside.values())]
    others = [way for way in others if way not in SHORT] or others
    mixed = others and others[0] in SHORT and beside.keys() - SHORT.keys()
    best = [OURS] if fits.get(OURS) == most and most and not others else others
    likely = best[0] if len(best) == 1 and not mixed else ""
    example = next((text for text in told if likely and fitting(text, likely)), "")
    read = day(example, likely, last=column in LASTS) if likely in (*MONTHS, *SHORT) else ""
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
    return f"{read}T{_time(found[2].strip())}" if time and found[2] else read.isoformat()


def example(way: str) -> str:
    """24 November 2026, or its month, as it is written in that way."""
    text = DATES[way]
    for mark, part in {"%Y": "2026", "%y": "26", "%m": "11", "%d": "24", "%b": "Nov"}.items():
        text = text.replace(mark, part)
    return text


def ways(text: str) -> list[str]:
    """Ways with years of two digits or names of months in which a text is one day."""
    return [way for way in dict.fromkeys([*SHORT, *month_names.WAYS]) if way not in MONTHS and fitting(text, way)]


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


_PARTS = re.compile(r"(\S.*?)(?:[ T](\d{1,2}:\d{2}.*|\d{1,2}\.\d{2}\.\d{2}.*))?")
_CLOCK = re.compile(r"(\d{1,2})([:.])(\d{2})(?:\2(\d{2}))?(\.\d+)?(?:\s*([ap])\.?m\.?)?", re.IGNORECASE)


def _time(text: str) -> str:
    """A time of day in 24 hours apart by colons, of one with am or pm or with dots (03.30.00 PM); any other as it stands."""
    found = _CLOCK.fullmatch(text)
    if found is None or not (found[6] or found[2] == ".") or (found[6] and not 1 <= int(found[1]) <= 12):
        return text.zfill(5)
    hour = int(found[1]) % 12 + (12 if found[6] in ("p", "P") else 0) if found[6] else int(found[1])
    return f"{hour:02}:{found[3]}:{found[4] or '00'}{found[5] or ''}"


@lru_cache(100_000)
def _read(text: str, dates: str) -> dt.date | None:
    if dates in BARE and not BARE[dates].fullmatch(text):
        return None
    if dates in month_names.WAYS:
        return month_names.read(text, dates)
    try:
        return dt.datetime.strptime(text, DATES[dates]).date()
    except ValueError:
        return None
