"""How a file writes its days is told only where one way alone fits, and what is read in which way is counted."""

from __future__ import annotations

from collections import Counter

import pytest

from pricesmith.flows.desk.imports import day_columns, last_days
from pricesmith.flows.desk.imports.days import DATES, OTHER, day, days_of, fitting, likely, reader


@pytest.mark.parametrize(
    ("values", "fits", "way"),
    [
        (["13-05-2026", "01-06-2026", ""], {"dmy-": 2, "mdy-": 1}, "dmy-"),
        (["05-03-2026", "01-06-2026"], {"dmy-": 2, "mdy-": 2}, ""),
        (["2026-05-13", "2026-06-01"], {"ymd-": 2}, "ymd-"),
        (["13-05-2026", "2026-05-14", "2026-05-15"], {"ymd-": 2, "dmy-": 1}, "dmy-"),
        (["20260513"], {"ymd": 1}, "ymd"),
        (["05.01.2026 09:30"], {"dmy.": 1}, "dmy."),
        (["14-JAN-09", "2-feb-09"], {"dby2": 2}, "dby2"),
        (["07/21/11", "07/01/11"], {"dmy2/": 1, "mdy2/": 2, "ymd2/": 1}, "mdy2/"),
        (["07/01/11"], {"dmy2/": 1, "mdy2/": 1, "ymd2/": 1}, ""),
        (["24.11.32", "24.11.33"], {"dmy2.": 2}, "dmy2."),
        (["99-11-24"], {"ymd2-": 1}, "ymd2-"),
        (["14/01/2009", "14/01/09"], {"dmy/": 1, "dmy2/": 1, "ymd2/": 1}, "dmy/"),
        (["14/01/2009", "14/01/99", "15/01/99"], {"dmy/": 1, "dmy2/": 2}, ""),
        (["soon", "later"], {}, ""),
        ([], {}, ""),
    ],
)
def test_a_way_is_told_where_no_other_reads_as_many(values: list[str], fits: dict[str, int], way: str) -> None:
    found = days_of("date", values)
    assert (found.fits, found.likely, found.cells) == (fits, way, sum(value != "" for value in values))
    assert found.example == (next(value for value in values if value and value != "2026-05-14") if way else "")


def test_columns_that_differ_leave_it_open() -> None:
    one, other, empty = days_of("start", ["13-05-2026"]), days_of("end", ["13/05/2026"]), days_of("end", [""])
    assert (likely([one, other]), likely([one, empty]), likely([])) == ("", "dmy-", "")


def test_days_are_counted_by_the_way_in_which_they_are_read() -> None:
    ways = Counter[str]()
    read = reader("dmy-", False, ways)
    assert [read(text) for text in ("13-05-2026", "2026-05-03", "13-05-2026", "", "05/03/2026")] == [
        "2026-05-13", "2026-05-03", "2026-05-13", "", "05/03/2026",
    ]  # fmt: skip
    assert ways == {"dmy-": 2, "ymd-": 1, OTHER: 1}


@pytest.mark.parametrize(
    ("values", "way", "first", "last"),
    [
        (["02.2024", "12.2025"], "my.", "2024-02-01", "2024-02-29"),
        (["2/2024", "12/2025"], "my/", "2024-02-01", "2024-02-29"),
        (["02-2024"], "my-", "2024-02-01", "2024-02-29"),
        (["022024", "122025"], "my", "2024-02-01", "2024-02-29"),
        (["2024-02", "2025-12"], "ym-", "2024-02-01", "2024-02-29"),
        (["2024/2"], "ym/", "2024-02-01", "2024-02-29"),
        (["2024.02"], "ym.", "2024-02-01", "2024-02-29"),
        (["202402", "202411"], "ym", "2024-02-01", "2024-02-29"),
        (["2024年2月"], "ym年", "2024-02-01", "2024-02-29"),
        (["Feb 2024", "December-2025"], "by", "2024-02-01", "2024-02-29"),
        (["2024 Feb"], "yb", "2024-02-01", "2024-02-29"),
        (["Feb-24", "DEC-25"], "by2", "2024-02-01", "2024-02-29"),
    ],
)
def test_a_month_is_its_first_day_and_as_an_end_its_last(values: list[str], way: str, first: str, last: str) -> None:
    start, end = days_of("start", values), days_of("end", values)
    assert (start.fits, start.likely, start.read, start.last) == ({way: len(values)}, way, first, False)
    assert (end.likely, end.read, end.last) == (way, last, True)
    assert day_columns.corrected("sales", {"date": "Month"}, ["Month"], [[value] for value in values]) == {"date": "Month"}


@pytest.mark.parametrize(
    ("text", "way", "read"),
    [
        ("14 Jan 2009", "dby", "2009-01-14"), ("14. January 2009", "dby", "2009-01-14"), ("14JAN2009", "dby", "2009-01-14"),
        ("Wed, 14 Jan 2009", "dby", "2009-01-14"), ("14/sept/2009", "dby", "2009-09-14"), ("Jan 14, 2009", "bdy", "2009-01-14"),
        ("Wednesday, January 14, 2009", "bdy", "2009-01-14"), ("may 5 2010", "bdy", "2010-05-05"), ("2009-Jan-14", "ybd", "2009-01-14"),
        ("14JAN09", "dby2", "2009-01-14"), ("14-JAN-68", "dby2", "2068-01-14"), ("14-JAN-69", "dby2", "1969-01-14"),
        ("Jan 14, 09", "bdy2", "2009-01-14"), ("07/01/68", "mdy2/", "2068-07-01"), ("07/01/69", "mdy2/", "1969-07-01"),
    ],
)  # fmt: skip
def test_names_of_months_and_years_of_two_digits(text: str, way: str, read: str) -> None:
    assert fitting(text, way) and day(text, way) == read


@pytest.mark.parametrize(
    "text", ["31-FEB-09", "14-FOO-09", "26-Nov", "Jan 2009 10:30", "Jan 209", "2009", "1-2-3", "JAN1409", "14-Mai-2009"]
)
def test_what_is_no_day_fits_no_way(text: str) -> None:
    assert not any(fitting(text, way) for way in DATES)


def test_what_a_day_with_a_year_of_two_digits_is_read_as_is_told() -> None:
    assert days_of("date", ["14-JAN-09"]).read == "2009-01-14" and days_of("date", ["14-JAN-2009"]).read == ""


@pytest.mark.parametrize(
    ("text", "way", "read"),
    [
        ("14-JAN-09 03.30.00.000000000 PM", "dby2", "2009-01-14T15:30:00.000000000"), ("1/14/2009 12:05 AM", "mdy/", "2009-01-14T00:05:00"),
        ("1/14/2009 12:05 p.m.", "mdy/", "2009-01-14T12:05:00"), ("Jan 14, 2009 9:30", "bdy", "2009-01-14T09:30"),
        ("14/01/09 13.05.09", "dmy2/", "2009-01-14T13:05:09"), ("14/01/2009 13:30 PM", "dmy/", "2009-01-14T13:30 PM"),
    ],
)  # fmt: skip
def test_moments_are_read_with_their_time_of_day(text: str, way: str, read: str) -> None:
    assert day(text, way, time=True) == read and day(text, way) == read[:10]


def test_columns_of_such_days_are_found_where_that_is_sure() -> None:
    assert day_columns.days(0, [["14-JAN-09"], ["Jan 14, 2009"]]) and day_columns.days(0, [["07/01/11"], ["85/12/31 10:30"]])
    assert not any(day_columns.days(0, [[text]]) for text in ("10-12-05", "1.2.10", "07/41/11", "Dec-26"))
    for text in ("10-12-05", "24.11.26", "Dec-26"):
        assert day_columns.corrected("sales", {"date": "Day key"}, ["Day key", "Week"], [["x", text]]) == {"date": "Week"}


def test_a_text_is_never_two_days() -> None:
    assert [way for way in ("ymd", "ym", "my") if fitting("202611", way)] == ["ym"]
    assert not any(fitting(text, way) for way in ("ymd", "ym", "my") for text in ("010126", "132024", "202613", "2026111", "850164"))
    assert not fitting("12.2024 09:30", "my.") and day("12.2024 09:30", "my.") == "12.2024 09:30"


def test_codes_and_prices_are_no_months_where_no_header_says_so() -> None:
    assert not day_columns.days(0, [["202401"], ["202402"]]) and not day_columns.days(0, [["13.2024"], ["17.52"]])
    assert day_columns.days(0, [["12.2024"], ["01.2025"]])


def test_a_month_that_ends_says_nothing_of_its_days() -> None:
    told = last_days.closing("sales", "Month end", ["12.2024"], "my.", None)
    assert (told.offered, told.says) == ("first", "")
