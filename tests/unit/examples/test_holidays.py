"""Holidays by their rules."""

from __future__ import annotations

import datetime as dt

import pytest
from examples.holidays import US, calendar, easter, nth


@pytest.mark.parametrize("day", [dt.date(1990, 4, 15), dt.date(2000, 4, 23), dt.date(2011, 4, 24), dt.date(2017, 4, 16), dt.date(2024, 3, 31)])
def test_easter(day):
    assert easter(day.year) == day


def test_weekdays_of_a_month():
    assert nth(2011, 11, 3, 4) == dt.date(2011, 11, 24)
    assert nth(2011, 5, 0, -1) == dt.date(2011, 5, 30)
    assert nth(2012, 12, 0, -1) == dt.date(2012, 12, 31)


def test_the_calendar_reaches_a_year_ahead():
    found = calendar(US, dt.date(2010, 6, 1), dt.date(2010, 12, 31))
    assert found["date"].is_sorted()
    assert found["date"].min() == dt.date(2010, 7, 4)
    assert dt.date(2011, 12, 25) in found["date"].to_list()
