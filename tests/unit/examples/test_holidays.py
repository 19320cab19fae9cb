"""Holidays by their rules."""

from __future__ import annotations

import datetime as dt

import pytest

from examples.holidays import US, calendar, easter, nth


@pytest.mark.parametrize("day", ["1990-04-15", "2000-04-23", "2011-04-24", "2017-04-16", "2024-03-31"])
def test_easter(day):
    assert easter(int(day[:4])) == dt.date.fromisoformat(day)


def test_weekdays_of_a_month():
    assert nth(2011, 11, 3, 4) == dt.date(2011, 11, 24)
    assert nth(2011, 5, 0, -1) == dt.date(2011, 5, 30)
    assert nth(2012, 12, 0, -1) == dt.date(2012, 12, 31)


def test_the_calendar_reaches_a_year_ahead():
    found = calendar(US, dt.date(2010, 6, 1), dt.date(2010, 12, 31))
    assert found["date"].is_sorted()
    assert found["date"].min() == dt.date(2010, 7, 4)
    assert dt.date(2011, 12, 25) in found["date"].to_list()
