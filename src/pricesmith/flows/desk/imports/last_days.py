"""Dates that are the last day of the week or month that their row totals, or any day of it: tables want the first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from pricesmith.contracts.exports import plain, words
from pricesmith.contracts.tables import SALES

from . import days

Ends = Literal["first", "week", "month", "within"]
"""What a date in a file is: the day itself or the first of what its row totals, the last day of its week or month, any day of its month."""
TABLES = (SALES.name,)
"""Tables whose rows may total weeks or months; in others a day is a day."""
COLUMN = "date"
_ENDS = (
    "end ending ended ends ende endet bis letzter to through thru until fin final finissant terminee dernier au hasta al ultimo fim ate "
    "fine fino einde eindigend tot tm koniec"
)
_SPANS = {
    "week": "week weeks wk wks woche kw kalenderwoche semaine sem semana settimana tydzien tygodnia",
    "month": "month mth mo monat monats mois mes mese maand miesiac miesiaca",
}
_WHOLE = {
    "week": "we wedate weekend weekending weekended weekenddate wkend wkending wkenddate wochenende weekeinde",
    "month": "eom monthend monthending monthended monthenddate monatsende monatsultimo maandeinde",
}
ENDS = frozenset(_ENDS.split())
SPANS = {span: frozenset(names.split()) for span, names in _SPANS.items()}
WHOLE = {span: frozenset(names.split()) for span, names in _WHOLE.items()}
"""Words, as `exports.words` spells them, that together say what a date is the last day of; and those that say it alone."""
CHINESE = {"week": re.compile("[周週].*(末|止|底|结束|結束)"), "month": re.compile("月.*(末|止|底|结束|結束)|月(末|底)")}
LETTERS = 10
WEEK = dt.timedelta(days=6)
LATE = 25
"""The day of the month from which on a date can be the last that a month totals: a shop's own months end on another day of the week."""


class Closing(msgspec.Struct, frozen=True):
    """What the dates of a file are.

    offered  one of `Ends`; "" where its table totals no weeks or months, or has no column of dates
    says     `week` or `month` where the header of its dates says that they are the last of one; else ""
    header   that header;  example: [a cell, the first day that is written for it], where it is known how days are written; else empty
    """

    offered: str = ""
    says: str = ""
    header: str = ""
    example: list[str] = []


def closing(table: str, header: str, values: Sequence[str], way: str, before: str | None) -> Closing:
    """values: cells below the header of the dates, "" where none is paired;  way: how days are written, a key of `days.DATES`, or "";
    before: what was said last, None where nothing was. Months are the last day of nothing."""
    if table not in TABLES or not header:
        return Closing()
    said = "" if way in days.MONTHS else says(header)
    cell = next((text for text in values if way and days.fitting(text.strip(), way)), "") if said else ""
    return Closing(before or said or "first", said, header, [cell, first(days.day(cell, way), said)] if cell else [])


def says(header: str) -> str:
    """`week` or `month` where a header says that its dates are the last day of one; else ""."""
    told, whole = set(words(header)), plain(header)
    for span, names in SPANS.items():
        if whole in WHOLE[span] or told & WHOLE[span] or (told & names and told & ENDS) or CHINESE[span].search(whole):
            return span
    return ""


def first(day: str, ends: str) -> str:
    """The first day of the week or month whose last is given, or within which a day lies, both year-month-day. What is no day stays as it
    stands; a day that can be the last of no month gets a `?` before it, so that it is not read."""
    if ends == "first" or len(day) != LETTERS or not days.fitting(day, days.OURS):
        return day
    last = dt.date.fromisoformat(day)
    if ends == "week":
        return (last - WEEK).isoformat() if last - dt.date.min > WEEK else day
    return last.replace(day=1).isoformat() if ends == "within" or last.day >= LATE else f"?{day}"
