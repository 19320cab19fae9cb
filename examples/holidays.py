"""Holidays that move demand, by country, computed from their rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl


def easter(year: int) -> dt.date:
    """Western Easter Sunday (anonymous Gregorian computus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap, remainder = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * remainder + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


def nth(year: int, month: int, weekday: int, number: int) -> dt.date:
    """The number-th weekday (Monday is 0) of a month; -1 is the last."""
    if number < 0:
        last = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
        return last - dt.timedelta(days=(last.weekday() - weekday) % 7)
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


Rule = Callable[[int], dt.date]

COMMON: dict[str, Rule] = {"New Year": lambda y: dt.date(y, 1, 1), "Easter": easter, "Christmas": lambda y: dt.date(y, 12, 25)}
US: dict[str, Rule] = {
    **COMMON,
    "Super Bowl": lambda y: nth(y, 2, 6, 1),
    "Cinco de Mayo": lambda y: dt.date(y, 5, 5),
    "Memorial Day": lambda y: nth(y, 5, 0, -1),
    "Independence Day": lambda y: dt.date(y, 7, 4),
    "Labor Day": lambda y: nth(y, 9, 0, 1),
    "Halloween": lambda y: dt.date(y, 10, 31),
    "Thanksgiving": lambda y: nth(y, 11, 3, 4),
}
UK: dict[str, Rule] = {
    **COMMON,
    "Valentine's Day": lambda y: dt.date(y, 2, 14),
    "Mothering Sunday": lambda y: easter(y) - dt.timedelta(days=21),
    "Halloween": lambda y: dt.date(y, 10, 31),
}
MX: dict[str, Rule] = {
    **COMMON,
    "Labour Day": lambda y: dt.date(y, 5, 1),
    "Independence Day": lambda y: dt.date(y, 9, 16),
    "Revolution Day": lambda y: nth(y, 11, 0, 3),
}
LUNAR_NEW_YEAR = {2000: dt.date(2000, 2, 5), 2001: dt.date(2001, 1, 24), 2002: dt.date(2002, 2, 12)}
TW: dict[str, Rule] = {"New Year": COMMON["New Year"], "Christmas": COMMON["Christmas"]}


def calendar(rules: dict[str, Rule], first: dt.date, last: dt.date) -> pl.DataFrame:
    """Table `calendar`: the holidays from `first` to one year after `last` (plans are known ahead)."""
    until = last + dt.timedelta(days=366)
    rows = [(rule(year), event) for year in range(first.year, until.year + 1) for event, rule in rules.items()]
    kept = sorted((day, event) for day, event in rows if first <= day <= until)
    return pl.DataFrame(kept, schema={"date": pl.Date, "event": pl.String}, orient="row")
