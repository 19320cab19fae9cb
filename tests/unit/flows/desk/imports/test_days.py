"""How a file writes its days is told only where one way alone fits, and what is read in which way is counted."""

from __future__ import annotations

from collections import Counter

import pytest

from pricesmith.flows.desk.imports.days import OTHER, days_of, likely, reader


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
