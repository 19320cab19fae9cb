"""Which columns of a file hold days: a header that says so is not enough where another one has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pricesmith.contracts.exports import plain, words
from pricesmith.contracts.tables import INPUT

from . import month_names
from .days import fitting

_MONTH, _DAY = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
DAY = re.compile(
    r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[./-]\d{1,2}[./-]\d{4}|(19|20)\d{6})([ T].*)?"
    rf"|(19|20)\d\d(-|/|\.|年){_MONTH}月?|{_MONTH}[./-](19|20)\d\d|(?:{_DAY}/{_DAY}/\d\d|\d\d/{_MONTH}/{_DAY})([ T].*)?"
)
BARE = re.compile(
    r"(19|20)\d\d(0[1-9]|1[0-2])|(0[1-9]|1[0-2])(19|20)\d\d|"
    rf"(?:{_DAY}(?P<mark>[.-]){_DAY}(?P=mark)\d\d|\d\d(?P<first>[.-]){_MONTH}(?P=first){_DAY})([ T].*)?"
)
"""Months without a mark, and years of two digits beside other marks than a slash: what may be anything where no header speaks of days."""
NAMED = tuple(way for way in month_names.WAYS if way != "by2")
"""Ways with the name of a month; Dec-26 may be anything too."""
PLACES = ("channel", "region")
"""Columns of ours that name places: no day does."""
_DATED = (
    "date dates day days week weeks month months year period time "
    "datum tag woche kw monat jahr zeitraum jour semaine mois annee fecha dia semana mes ano data giorno settimana mese anno "
    "dag maand jaar dzien tydzien miesiac rok "
    "yearmonth monthyear yearweek weekyear monthstart weekstart startmonth startweek"
)
DATED = frozenset(_DATED.split())
"""Words, as `exports.words` spells them, with which a header speaks of days."""
CHINESE = re.compile("[日月年周週]|时间|時間")


def days(place: int, rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column holds days and nothing else."""
    told = _told(place, rows)
    return bool(told) and all(map(_sure, told))


def corrected(table: str, found: Mapping[str, str], headers: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Our column -> header, after a look at what stands below: a place that holds days is none, and a needed day whose column holds none is
    that of another header that speaks of days and has them, if there is one.

    found  as the headers alone tell;  rows: the first ones
    """
    right = {column: header for column, header in found.items() if column not in PLACES or not days(headers.index(header), rows)}
    for column in INPUT[table].columns:
        told = _told(headers.index(right[column.name]), rows) if column.name in right else []
        if not told or not column.required or column.kind not in ("date", "moment") or any(map(_day, told)):
            continue
        others = [one for place, one in enumerate(headers) if one not in right.values() and dated(one) and _all(place, rows)]
        if others:
            right[column.name] = max(others, key=lambda one: len({*words(one)} & {*words(right[column.name])}))
    return right


def _day(value: str) -> bool:
    """Whether a cell is a day or a month, where its header says that it is one."""
    return _sure(value) or BARE.fullmatch(value) is not None or fitting(value, "by2")


def _sure(value: str) -> bool:
    """Whether a cell is a day or a month, whatever its header says."""
    return DAY.fullmatch(value) is not None or any(fitting(value, way) for way in NAMED)


def _all(place: int, rows: Sequence[Sequence[str]]) -> bool:
    return bool(told := _told(place, rows)) and all(map(_day, told))


def dated(header: str) -> bool:
    """Whether a header speaks of days, weeks or months."""
    return not DATED.isdisjoint(words(header)) or bool(CHINESE.search(plain(header)))


def _told(place: int, rows: Sequence[Sequence[str]]) -> list[str]:
    return [value for row in rows if place < len(row) and (value := row[place].strip())]
