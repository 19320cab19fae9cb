"""Dates that are the last of their week or month: which headers say so, and what is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.imports import foreign, headers
from pricesmith.flows.desk.imports.last_days import Closing, closing, first, says


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("Week Ending", "week"), ("week_end_date", "week"), ("WE", "week"), ("W/E", "week"), ("Week Ended", "week"), ("Wk Ending", "week"),
        ("WEEK_END", "week"), ("Week Ending (Sat)", "week"), ("Fiscal week end", "week"), ("Woche bis", "week"), ("Wochenende", "week"),
        ("KW bis", "week"), ("fin de semaine", "week"), ("Semaine au", "week"), ("Fin de semana", "week"), ("Semana até", "week"),
        ("Fine settimana", "week"), ("Week tot", "week"), ("Koniec tygodnia", "week"), ("周末日期", "week"), ("週結束日", "week"),
        ("Month End", "month"), ("month_ending", "month"), ("EOM", "month"), ("Monatsende", "month"), ("Monat bis", "month"),
        ("Fin de mois", "month"), ("Fim do mês", "month"), ("月末", "month"), ("月结束日期", "month"),
        ("Week", ""), ("Date", ""), ("Week beginning", ""), ("Week commencing", ""), ("Woche", ""), ("Wochenbeginn", ""), ("Monat", ""),
        ("Mês", ""), ("Semana do ano", ""), ("Weekday", ""), ("Month", ""), ("Ende", ""), ("周", ""), ("月份", ""), ("日期", ""),
    ],
)  # fmt: skip
def test_headers_say_what_a_date_is_the_last_of(header: str, span: str) -> None:
    assert says(header) == span


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))


@given(DAYS)
def test_a_week_has_seven_days_and_ends_on_its_last(day: dt.date) -> None:
    told = dt.date.fromisoformat(first(day.isoformat(), "week"))
    assert [told + dt.timedelta(k) for k in range(7)][-1] == day


@given(DAYS)
def test_the_last_day_of_a_month_becomes_its_first_and_no_other_month_is_meant(day: dt.date) -> None:
    told = first(day.isoformat(), "month")
    if (day + dt.timedelta(1)).day == 1:
        assert told == f"{day:%Y-%m}-01"
    assert told in (f"{day:%Y-%m}-01", f"?{day.isoformat()}") and (told.startswith("?") or day.day >= 25)


@given(DAYS)
def test_any_day_of_a_month_becomes_its_first(day: dt.date) -> None:
    assert first(day.isoformat(), "within") == f"{day:%Y-%m}-01"


@pytest.mark.parametrize("ends", ["first", "week", "month", "within"])
@pytest.mark.parametrize("text", ["", "soon", "31.01.2026", "2026-02-31", "2026-13-01", "0001-01-03", "2026-01-31T09:30"])
def test_what_is_no_day_stays(text: str, ends: str) -> None:
    told = first(text, ends)
    assert (
        told in (text, f"?{text}", "0001-01-01" if ends == "within" and text == "0001-01-03" else text)
        and first("2026-01-31", "first") == "2026-01-31"
    )


def test_what_is_offered() -> None:
    cells = ["", "01/14/2009"]
    assert closing("sales", "Week Ending", cells, "mdy/", None) == Closing("week", "week", "Week Ending", ["01/14/2009", "2009-01-08"])
    assert closing("sales", "Week Ending", cells, "", None) == Closing("week", "week", "Week Ending", []), "ways to write days are open"
    assert closing("sales", "Week Ending", cells, "mdy/", "first").offered == "first", "as was said last"
    assert closing("sales", "Week", cells, "mdy/", None) == Closing("first", "", "Week", [])
    assert closing("sales", "Week", cells, "mdy/", "month").offered == "month"
    assert closing("stock", "Week Ending", cells, "mdy/", None) == Closing(), "stock is counted at the end of a day"
    assert closing("sales", "", [], "mdy/", None) == Closing()


def test_of_several_columns_of_days_the_one_that_says_so_is_the_date() -> None:
    rows = [["2009-01-20", "2009-01-14", "A"]]
    assert headers.guess("sales", ["Loaded", "Week Ending", "UPC"], rows) == {"date": "Week Ending", "sku": "UPC"}
    assert headers.guess("sales", ["Loaded", "Sent", "UPC"], [["2009-01-20", "2009-01-14", "A"]]) == {"sku": "UPC"}


def test_only_the_date_is_moved(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("Week Ending,UPC,Units,Price,Loaded\n01/14/2009,A,1,2,01/14/2009\n2009-01-21,A,1,2,\nsoon,A,1,2,\n", encoding="utf-8")
    columns = {"date": "Week Ending", "sku": "UPC", "units": "Units", "price": "Price"}
    rows = list(foreign.written(path, "sales", foreign.Reading("utf-8", "comma", "point", "mdy/", columns, ends="week")))
    assert [row[0] for row in rows] == ["date", "2009-01-08", "2009-01-15", "soon"] and rows[1][4] == "01/14/2009"
