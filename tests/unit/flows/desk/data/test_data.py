"""The page Data: tables, coverage, rows set aside with their lines, and what moved between runs."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import polars as pl
import pytest

from pricesmith.adapters.sources.raw_lines import raw_lines
from pricesmith.apps.cli import main
from pricesmith.flows import batch
from pricesmith.flows.coverage import coverage
from pricesmith.flows.desk.data.page import Wanted, data, state
from pricesmith.flows.desk.imports.imported import note
from pricesmith.flows.desk.reading import kept
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.shifts import last_two, window
from pricesmith.flows.publishing.office import office, record_run
from tests.desk.place import place


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop with one bad row in its sales."""
    folder = place(tmp_path / "shop").folder
    with (folder / "data" / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2026-02-30,K000,1,<b>9</b>,0,9.99\n")
    return folder


def check(folder: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(["check", str(folder), f"--out={kept.check_file(folder)}"])
    assert ended.value.code == 0


def now(reading: Reading) -> dt.datetime:
    return reading.now()


def test_before_a_check_the_files_are_known(shop: Path) -> None:
    reading = Reading(office(shop))
    found = data(reading, Wanted(), now(reading))
    assert found.checked_at is None and not found.changed and found.coverage is None
    assert {one.table for one in found.tables} >= {"products", "sales", "stock"}
    assert {one.table for one in found.missing} == {"events", "reviews"}
    assert all(one.rows is None and one.bytes > 0 for one in found.tables)


def test_rows_set_aside_stand_with_their_line_until_the_file_changes(shop: Path) -> None:
    check(shop)
    reading = Reading(office(shop))
    found = data(reading, Wanted(), now(reading))
    assert found.of == found.found == 1 and not found.blocked
    (row,) = found.rows
    lines = (shop / "data" / "sales.csv").read_text(encoding="utf-8").splitlines()
    assert row.raw == lines[row.line - 1] == lines[-1]
    assert (row.table, row.reason, row.value) == ("sales", "bad_date", "2026-02-30")
    assert row.remedy
    assert data(reading, Wanted(reason="negative"), now(reading)).found == 0
    os.utime(shop / "data" / "sales.csv", (1, 1))
    later = data(reading, Wanted(), now(reading))
    assert later.changed and later.rows[0].raw is None
    check(shop)
    assert not state(reading).changed


def test_lines_that_the_guide_wrote_are_not_taken_for_those_that_were_sent(shop: Path) -> None:
    note(shop, "data/sales.csv", "umsatz.csv")
    check(shop)
    reading = Reading(office(shop))
    assert [row.sent for row in data(reading, Wanted(), now(reading)).rows] == ["umsatz.csv"]
    os.utime(shop / "data" / "sales.csv", (1, 1))
    check(shop)
    assert [row.sent for row in data(reading, Wanted(), now(reading)).rows] == [""]


def test_age_is_judged_by_the_guards(shop: Path) -> None:
    reading = Reading(office(shop))
    at = now(reading)
    found = {one.table: one for one in data(reading, Wanted(), at).tables}
    assert found["costs"].limit == 24.0 and not found["costs"].old
    assert found["products"].limit is None and found["sales"].limit is None
    later = {one.table: one for one in data(reading, Wanted(), at + dt.timedelta(hours=25)).tables}
    assert later["costs"].old and later["stock"].old and not later["sales"].old


def test_coverage_counts_what_products_lack(shop: Path) -> None:
    products = shop / "data" / "products.csv"
    products.write_text(products.read_text(encoding="utf-8") + "NEW1,New thing,,,,,,,\n", encoding="utf-8")
    prepared = batch.load(shop).prepared
    found = coverage(prepared)
    assert found["products"] == 25
    assert (found["without_cost"], found["without_sales"], found["without_category"]) == (1, 1, 1)
    sales = prepared.tables["sales"]
    assert found["days"] == 210 and found["days_with_sales"] == sales["date"].n_unique() == 210
    assert found["stock_out_days"] == 3 * 8 and found["stock_products"] == 3
    assert found["reach"]["sales"] == {"first": sales["date"].min(), "last": sales["date"].max()}


def test_days_of_sales_reach_to_the_end_of_the_last_month_or_as_far_of_it_as_is_over(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\nperiod = "month"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\na,1\n", encoding="utf-8")
    rows = "date,sku,units,price\n2026-01-01,a,30,5\n2026-02-01,a,31,5\n2026-03-01,a,29,6\n"
    (folder / "data" / "sales.csv").write_text(rows, encoding="utf-8")
    check(folder)
    reading = Reading(office(folder))
    found = data(reading, Wanted(), now(reading)).coverage
    assert found is not None and (found.days, found.days_with_sales) == (31 + 28 + 31, 3)
    prepared = batch.load(folder).prepared
    told = [coverage(prepared, period, dt.date(2026, 3, 11))["days"] for period in ("day", "week", "month")]
    assert told == [31 + 28 + 1, 31 + 28 + 7, 31 + 28 + 10]


@pytest.mark.parametrize(
    ("as_of", "period", "since", "days"),
    [
        (dt.date(2026, 3, 1), "day", dt.date(2026, 2, 1), 28),
        (dt.date(2026, 3, 2), "week", dt.date(2026, 2, 2), 28),
        (dt.date(2026, 1, 1), "month", dt.date(2025, 12, 1), 31),
        (dt.date(2026, 3, 11), "month", dt.date(2026, 2, 1), 28),
    ],
)
def test_units_a_day_are_those_of_four_weeks_or_of_the_last_whole_month(as_of: dt.date, period: str, since: dt.date, days: int) -> None:
    assert window(as_of, period) == (since, days)


def test_what_moved_between_two_runs(shop: Path) -> None:
    reading = Reading(office(shop))
    assert last_two(reading) is None
    loaded = batch.load(shop)
    costs = loaded.prepared.tables["costs"]
    loaded.prepared.tables["costs"] = costs.with_columns(unit_cost=pl.col("unit_cost") * 1.2)
    run = record_run(shop, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "ana")
    found = last_two(reading)
    assert found is not None and found.after == run.run and (found.new, found.gone) == (0, 0)
    shifts = {one.measure: one for one in found.shifts}
    assert shifts["price"].moved == 0 and shifts["price"].products == 24
    assert shifts["cost"].moved == 24
    assert shifts["cost"].median == pytest.approx(0.2, abs=0.02)
    assert len(shifts["cost"].furthest) == 5
    assert shifts["units"].moved == 0 and shifts["units"].products > 15
    loaded.prepared.tables["costs"] = costs
    first = record_run(shop, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "ana").run
    again = last_two(Reading(office(shop)))
    assert again is not None and (again.before, again.after) == (run.run, first), "a run that is made again is the newest"


def test_lines_of_every_kind_of_file(tmp_path: Path) -> None:
    text = tmp_path / "a.csv"
    text.write_bytes("\ufeffsku,name\r\nA,ü\r\nB,\xff\r\n".encode("latin-1", "replace"))
    assert raw_lines(text, [2, 3, 9]) == {2: "A,�", 3: "B,�"}
    table = tmp_path / "a.parquet"
    pl.DataFrame({"sku": ["A", "B"], "units": [1.0, -2.0]}).write_parquet(table)
    assert raw_lines(table, [2]) == {2: "sku = B, units = -2.0"}
    assert raw_lines(tmp_path / "none.csv", [1]) == {}
