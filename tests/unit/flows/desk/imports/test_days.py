"""How a file writes its days is told only where one way alone fits, and what is read in which way is counted."""

from __future__ import annotations

from collections import Counter

import pytest

from pricesmith.flows.desk.imports import day_columns, last_days
from pricesmith.flows.desk.imports.days import OTHER, day, days_of, fitting, likely, reader


@pytest.mark.parametrize(
    ("values", "fits", "way"),
    [
        (["13-05-2026", "01-06-2026", ""], {"dmy-": 2, "mdy-": 1}, "dmy-"),
        (["05-03-2026", "01-06-2026"], {"dmy-": 2, "mdy-": 2}, ""),
        (["2026-05-13", "2026-06-01"], {"ymd-": 2}, "ymd-"),
        (["13-05-2026", "2026-05-14", "2026-05-15"], {"ymd-": 2, "dmy-": 1}, "dmy-"),
        (["20260513"], {"ymd": 1}, "ymd"),
        (["05.01.2026 09:30"], {"dmy.": 1}, "dmy."),
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
    ],
)
def test_a_month_is_its_first_day_and_as_an_end_its_last(values: list[str], way: str, first: str, last: str) -> None:
    start, end = days_of("start", values), days_of("end", values)
    assert (start.fits, start.likely, start.read, start.last) == ({way: len(values)}, way, first, False)
    assert (end.likely, end.read, end.last) == (way, last, True)
    assert day_columns.corrected("sales", {"date": "Month"}, ["Month"], [[value] for value in values]) == {"date": "Month"}


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
