"""A file of many columns in the guide: its preview stays low, and what is said of a column follows the choice."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import chrome
from tests.browser.walking import Person, Visit

pytestmark = pytest.mark.real
HEADERS = [
    "product_id", "product_category_name", "month_year", "qty", "unit_price", "product_description_lenght", "month", "year", "s",
    *(f"{name}_{place}" for place in range(1, 7) for name in ("comp", "ps", "fp")), "lag_price", "remark",
]  # fmt: skip
VALUES = [
    "bed1",
    "bed_bath_table",
    "2017-05-01",
    "3",
    "45.95",
    "161",
    "5",
    "2017",
    "10.26739356",
    *["15.01189655"] * 18,
    "45.95",
    "a b " * 200,
]
LINES = 2
"""Lines of a row of the preview at most."""
LOW = 60
"""Pixels of such a row, with its margins."""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    path = tmp_path / "wide.csv"
    path.write_text("\n".join([",".join(HEADERS), *[",".join(VALUES)] * 12, ""]), encoding="utf-8")
    return path


def sent(person: Person, file: Path, table: str) -> None:
    person.go("/start")
    form = person.find('form[action="/start/send"]')
    form.locator("select[name=table]").select_option(table)
    form.locator("input[name=file]").set_input_files(file)
    form.locator("button").click()
    expect(person.find('form[action="/start/match"]')).to_be_visible()


@pytest.mark.parametrize("width", chrome.WIDTHS)
def test_a_wide_file_scrolls_in_a_box_of_its_own(tmp_path: Path, visit: Visit, wide: Path, width: str) -> None:
    (tmp_path / "new").mkdir()
    with chrome.served(tmp_path / "new") as address:
        person = visit(address, "", "en", width)
        sent(person, wide, "sales")
        person.fits()
        rows = person.find(".preview tbody tr")
        assert rows.count() == 10
        assert max(row.bounding_box()["height"] for row in rows.all()) <= LOW  # type: ignore[index]
        narrow = person.find(".preview tbody tr").first.locator("td").nth(HEADERS.index("s"))
        assert narrow.evaluate(
            "(one) => one.firstElementChild.getClientRects()[0].height < 1.7 * parseFloat(getComputedStyle(one).fontSize)"
        )
        assert person.page.evaluate(
            "(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)(document.querySelector('.scroll:has(.preview)'))"
        )


def test_ways_of_writing_days_follow_the_column_that_is_chosen(tmp_path: Path, visit: Visit, wide: Path) -> None:
    (tmp_path / "new").mkdir()
    with chrome.served(tmp_path / "new") as address:
        person = visit(address)
        sent(person, wide, "sales")
        date, dates = person.find("select[aria-label=date]"), person.find("select[name=dates]")
        expect(date).to_have_value("date=month_year")
        expect(dates).to_have_value("ymd-")
        person.find("select[name=decimal]").select_option("point")
        date.select_option("date=month")
        expect(person.find("#days-date.bad")).to_be_visible()
        expect(dates).to_have_value("")
        date.select_option("date=month_year")
        expect(person.find("#days-date.bad")).to_have_count(0)
        expect(dates).to_have_value("ymd-")
        expect(person.find("select[name=decimal]")).to_have_value("point")
        date.select_option("date=year")
        expect(person.find("#again input[name=columns][value='date=year']")).to_have_count(1)
        person.find("#again button").click()
        expect(date).to_have_value("date=year")


def test_the_name_of_a_competitor_follows_the_column_of_the_price_until_somebody_types_one(
    tmp_path: Path, visit: Visit, wide: Path
) -> None:
    (tmp_path / "new").mkdir()
    with chrome.served(tmp_path / "new") as address:
        person = visit(address)
        sent(person, wide, "competitor_prices")
        price, name = person.find("select[aria-label=price]"), person.find("#rival input[name=competitor]")
        price.select_option("price=comp_1")
        expect(name).to_have_value("comp_1")
        name.fill("Mega")
        price.select_option("price=comp_2")
        expect(person.find("#again input[name=columns][value='price=comp_2']")).to_have_count(1)
        expect(name).to_have_value("Mega")


def test_the_units_in_a_case_follow_the_column_of_costs_until_somebody_chose_them(tmp_path: Path, visit: Visit) -> None:
    (tmp_path / "new").mkdir()
    file = tmp_path / "vendor.csv"
    file.write_text("UPC,Each,Case cost,Case pack,Inner pack\nA,1.55,9.32,6,2\n", encoding="utf-8")
    with chrome.served(tmp_path / "new") as address:
        person = visit(address)
        sent(person, file, "products")
        cost, pack = person.find('select[aria-label="unit_cost"]'), person.find("select[name=pack]")
        expect(pack).to_have_value("Case pack")
        cost.select_option("unit_cost=Each")
        expect(pack).to_have_value("")
        cost.select_option("unit_cost=Case cost")
        expect(pack).to_have_value("Case pack")
        pack.select_option("Inner pack")
        cost.select_option("unit_cost=Each")
        expect(person.find("#again input[name=columns][value='unit_cost=Each']")).to_have_count(1)
        expect(pack).to_have_value("Inner pack")
