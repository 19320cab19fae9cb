"""What the guide says of the columns of a file is said of those that are chosen now."""

from __future__ import annotations

import html
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from tests.desk.test_start import HTML, failing, send, take

LINES = [f"bed{k},bed,2017-{month:02}-01,3,45.95,{month},2017,23,89.9" for k in range(3) for month in range(5, 11)]
WIDE = "\n".join(["product_id,product_category_name,month_year,qty,unit_price,month,year,weekday,comp_1", *LINES, ""]).encode()
COLUMNS = {"sku": "product_id", "date": "month_year", "units": "qty", "price": "unit_price"}
NONE_FITS = "no way to write days of those below fits any"


@pytest.fixture
def place(client: TestClient) -> str:
    return send(client, "sales", WIDE)


def chosen(place: str, **columns: str) -> str:
    return f"{place}&{urlencode([('columns', f'{ours}={theirs}') for ours, theirs in columns.items()])}"


def test_a_wide_file_is_paired_by_what_its_columns_hold(client: TestClient, place: str) -> None:
    found = client.get(f"{place}&format=json").json()["match"]
    assert {one["column"]: one["guess"] for one in found["columns"] if one["guess"]} == COLUMNS
    assert (found["apart"], found["dates"], found["repeats"]) == ("", "ymd-", [])


def test_ways_of_writing_days_are_judged_by_the_column_that_is_chosen(client: TestClient, place: str) -> None:
    wrong, right = chosen(place, **COLUMNS | {"date": "month"}), chosen(place, **COLUMNS)
    page = client.get(wrong, headers=HTML).text
    assert NONE_FITS in page and '<option value="date=month" selected>' in page and '<option value="ymd-" selected>' not in page
    page = client.get(right, headers=HTML).text
    assert NONE_FITS not in page and '<option value="ymd-" selected>' in page and 'id="days-date"' in page
    told = [client.get(f"{one}&format=json").json()["match"] for one in (wrong, right)]
    assert [(one["dates"], one["days"][0]["fits"]) for one in told] == [("", {}), ("ymd-", {"ymd-": len(LINES)})]


def test_the_file_is_read_again_with_the_columns_that_were_chosen(client: TestClient, place: str) -> None:
    page = html.unescape(client.get(chosen(place, date="year", sku="product_id"), headers=HTML).text)
    form = page[page.index('id="again"') :].partition("</form>")[0]
    assert '<input type="hidden" name="columns" value="date=year">' in form and 'value="sku=product_id">' in form
    assert 'name="columns"' not in client.get(place, headers=HTML).text.partition('id="again"')[2].partition("</form>")[0]


def test_what_is_chosen_now_goes_before_what_was_chosen_last(client: TestClient, place: str) -> None:
    take(client, place, COLUMNS, delimiter="comma", decimal="point", dates="ymd-")
    again = send(client, "sales", WIDE)
    asked = {"": "month_year", "month": "month"}
    for header, shown in asked.items():
        address = chosen(again, date=header, sku="product_id") if header else again
        found = client.get(f"{address}&format=json").json()["match"]
        assert {one["column"]: one["guess"] for one in found["columns"]}["date"] == shown


def test_a_column_that_there_is_not_is_not_chosen(client: TestClient, place: str) -> None:
    found = client.get(f"{chosen(place, date='week', colour='qty')}&columns=date&format=json").json()["match"]
    assert {one["column"]: one["guess"] for one in found["columns"] if one["guess"]} == COLUMNS


def test_a_competitor_is_called_as_the_column_that_is_chosen_for_the_price(client: TestClient) -> None:
    data = WIDE.replace(b"weekday", b"comp_2")
    columns = {"sku": "product_id", "observed_at": "month_year"}

    def proposed(place: str) -> dict[str, object]:
        found: dict[str, object] = client.get(f"{place}&format=json").json()["match"]["rival"]
        return found

    place = send(client, "competitor_prices", data, "retail_price.csv")
    assert proposed(place) == {"offered": True, "name": "", "source": ""}, "the file is called retail_price.csv"
    assert proposed(chosen(place, **columns, price="comp_1")) == {"offered": True, "name": "comp_1", "source": "header"}
    take(client, place, columns | {"price": "comp_1"}, competitor="Mega", delimiter="comma", decimal="point", dates="ymd-")
    again = send(client, "competitor_prices", data, "retail_price.csv")
    assert proposed(again) == {"offered": True, "name": "Mega", "source": "last"}
    assert proposed(chosen(again, **columns, price="comp_2")) == {"offered": True, "name": "comp_2", "source": "header"}


def test_another_table_is_named_until_such_a_file_was_taken_over_as_this_one(client: TestClient) -> None:
    data = WIDE.replace(b"weekday", b"comp_2")
    columns = {"sku": "product_id", "observed_at": "month_year", "price": "comp_1"}

    def better(data: bytes) -> tuple[str, str]:
        place = send(client, "competitor_prices", data)
        told = client.get(f"{place}&format=json").json()["match"]["better"]
        assert ('action="/start/turn"' in client.get(place, headers=HTML).text) == bool(told)
        return place, told

    place, told = better(data)
    assert told == "sales"
    failing(client, place.partition("=")[2], columns, competitor="Mega", delimiter="comma", decimal="comma", dates="dmy.")
    assert better(data)[1] == "sales", "it was not taken over"
    take(client, place, columns, competitor="Mega", delimiter="comma", decimal="point", dates="ymd-")
    assert better(data)[1] == ""
    assert better(data.replace(b"comp_2", b"comp_3"))[1] == "sales", "its headers are others"


WEEKS = b"STORE_NUM,UPC,Week,Units,Price\n367,A,2026-01-05,3,1.50\n387,A,2026-01-05,2,1.60\n"
SOLD = {"sku": "UPC", "date": "Week", "units": "Units", "price": "Price"}
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "ymd-"}


@pytest.mark.parametrize("column", ["region", "channel"])
def test_a_store_is_a_region_unless_files_of_the_shop_have_it_as_a_channel(client: TestClient, column: str) -> None:
    place = send(client, "sales", WEEKS)
    assert '<option value="region=STORE_NUM" selected>' in client.get(place, headers=HTML).text
    take(client, place, SOLD | {column: "STORE_NUM"}, **PLAINLY)
    costs = send(client, "costs", b"Store,UPC,Cost,Effective\n367,A,1.00,2026-01-05\n")
    found = client.get(f"{costs}&format=json").json()["match"]
    assert {one["column"]: one["guess"] for one in found["columns"] if one["guess"]} == {
        "sku": "UPC", "valid_from": "Effective", "unit_cost": "Cost", column: "Store",
    }  # fmt: skip
