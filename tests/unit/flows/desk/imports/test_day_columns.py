"""Columns are paired as dates by what stands below them: a number of the month is no day where another column has days."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.flows.desk.imports import foreign, headers
from pricesmith.flows.desk.imports.day_columns import dated
from pricesmith.flows.desk.imports.telling import tells_apart

WIDE = ["product_id", "month_year", "qty", "unit_price", "weekday", "month", "year", "comp_1"]
ROWS = [[f"bed{k}", f"2017-{month:02}-01", "3", "45.95", "23", str(month), "2017", "89.9"] for k in range(4) for month in range(5, 11)]


@pytest.mark.parametrize("table", ["sales", "calendar", "stock"])
def test_a_number_of_the_month_gives_way_to_days(table: str) -> None:
    assert headers.guess(table, WIDE, ROWS)["date"] == "month_year"


def test_the_header_stays_where_no_other_speaks_of_days_and_has_them() -> None:
    names = ["product_id", "qty", "unit_price", "month"]
    assert headers.guess("sales", [*names, "year"], [["a", "3", "5", "7", "2017"]])["date"] == "month"
    assert headers.guess("sales", [*names, "launched"], [["a", "3", "5", "7", "2017-01-02"]])["date"] == "month"
    assert headers.guess("sales", [*names, "month_year"], [["a", "3", "5", "", "2017-07-01"]])["date"] == "month", "nothing is below it"
    mixed = [["a", "3", "5", "2017-07-09", "2017-07-01"], ["a", "3", "5", "?", "2017-07-01"]]
    assert headers.guess("sales", [*names, "month_year"], mixed)["date"] == "month", "it has a day"


def test_of_several_columns_of_days_the_one_that_is_called_most_alike() -> None:
    names = ["product_id", "qty", "unit_price", "week", "delivery date", "week start"]
    assert headers.guess("sales", names, [["a", "3", "5", "7", "2017-02-20", "2017-02-13"]])["date"] == "week start"


@pytest.mark.parametrize("header", ["Market", "Region"])
def test_days_are_no_place(header: str) -> None:
    names, row = ["product_id", "date", "qty", "unit_price", header], ["a", "2017-02-13", "3", "5"]
    assert header not in headers.guess("sales", names, [[*row, "2017-02-13"]]).values()
    assert header in headers.guess("sales", names, [[*row, "North"]]).values()


@pytest.mark.parametrize(
    ("header", "told"), [("month_year", True), ("销售日期", True), ("Año", True), ("weekday", False), ("launched", False)]
)
def test_headers_that_speak_of_days(header: str, told: bool) -> None:
    assert dated(header) is told


@pytest.mark.parametrize("last", ["month_year", "taken", "year", "store"])
def test_rows_are_told_apart_by_no_column_of_days(tmp_path: Path, last: str) -> None:
    cells = {"month_year": "{}-{:02}-01", "taken": "{}-{:02}-01", "year": "{}", "store": "S{}"}[last]
    rows = [f"bed{k},{month},3,{cells.format(year, month)}" for k in range(4) for year in (2017, 2018) for month in range(1, 13)]
    path = tmp_path / "s.csv"
    path.write_text("\n".join([f"product_id,month,qty,{last}", *rows, ""]), encoding="utf-8")
    found = tells_apart(path, "sales", foreign.look(path), {"sku": "product_id", "date": "month", "units": "qty"})
    assert found == (("channel", "store") if last == "store" else None)
