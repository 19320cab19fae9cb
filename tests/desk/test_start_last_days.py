"""Sales whose dates are the last day of a week, through the guide: offered, moved, told and remembered."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.flows import batch
from tests.desk.test_start import HTML, failing, send, take

SALES = {"date": "Week Ending", "sku": "UPC", "units": "Units", "price": "Price"}
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "mdy/"}
ENDING = [dt.date(2009, 1, 14) + dt.timedelta(7 * week) for week in range(6)]


def weeks(head: str = "Week Ending") -> bytes:
    return "\n".join([f"{head},UPC,Units,Price", *(f"{day:%m/%d/%Y},A1,{day.day},1.50" for day in ENDING), ""]).encode()


def chosen(page: str) -> str:
    """What a date is said to be in the form."""
    found = re.search(r'<select name="ends".*?<option value="(\w+)" selected>', page)
    assert found is not None
    return found[1]


def dates(desk: Desk) -> list[dt.date]:
    found: list[dt.date] = batch.load(desk.reading.folder).prepared.tables["sales"]["date"].to_list()
    return found


def test_weeks_that_are_named_by_their_last_day(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA1\n", encoding="utf-8")
    place = send(client, "sales", weeks())
    page = client.get(place, headers=HTML).text
    assert chosen(page) == "week" and "“Week Ending” says that a date is the last day of its week. So it is chosen below" in page
    assert "01/14/2009 → 2009-01-08" in page
    assert "“Week Ending”表示日期是所在周的最后一天" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]["closing"]
    assert twin == {"offered": "week", "says": "week", "header": "Week Ending", "example": ["01/14/2009", "2009-01-08"]}
    take(client, place, SALES, ends="week", **PLAINLY)
    assert "read as the last day of a week and written as the first, six days earlier." in client.get("/start", headers=HTML).text
    assert dates(desk) == [day - dt.timedelta(6) for day in ENDING]
    again = client.get(send(client, "sales", weeks()), headers=HTML).text
    assert chosen(again) == "week"
    assert client.get("/start?format=json").json()["dated"] == "week"


def test_another_answer_is_taken_and_the_header_is_held_against_it_next_time(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA1\n", encoding="utf-8")
    take(client, send(client, "sales", weeks()), SALES, ends="first", **PLAINLY)
    page = client.get("/start", headers=HTML).text
    assert "written as the first" not in page and dates(desk) == ENDING
    page = client.get(send(client, "sales", weeks()), headers=HTML).text
    assert chosen(page) == "first" and "Last time it was taken for the day itself or the first." in page


def test_a_header_that_says_nothing_is_not_held_to_say_anything(client: TestClient) -> None:
    page = client.get(send(client, "sales", weeks("Week")), headers=HTML).text
    assert chosen(page) == "first" and 'id="closing"' not in page


def test_months_that_are_named_by_their_last_day(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA1\n", encoding="utf-8")
    text = "Month End,UPC,Units,Price\n" + "".join(f"{day}/2009,A1,1,1.50\n" for day in ("01/31", "02/28", "03/31", "04/30"))
    place = send(client, "sales", text.encode())
    assert chosen(client.get(place, headers=HTML).text) == "month"
    take(client, place, SALES | {"date": "Month End"}, ends="month", **PLAINLY)
    assert dates(desk) == [dt.date(2009, month, 1) for month in range(1, 5)]


def test_months_that_are_named_by_some_day_of_theirs(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA1\n", encoding="utf-8")
    text = "Day,UPC,Units,Price\n" + "".join(f"{day}/2009,A1,1,1.50\n" for day in ("01/21", "02/21", "03/20", "04/21"))
    place = send(client, "sales", text.encode())
    assert "any day of its month" in client.get(place, headers=HTML).text
    take(client, place, SALES | {"date": "Day"}, ends="within", **PLAINLY)
    assert "read as any day of a month and written as the first." in client.get("/start", headers=HTML).text
    assert dates(desk) == [dt.date(2009, month, 1) for month in range(1, 5)]


@pytest.mark.parametrize("table", ["stock", "costs"])
def test_in_other_tables_a_day_is_a_day(client: TestClient, table: str) -> None:
    own = {"stock": ("date", "on_hand"), "costs": ("valid_from", "unit_cost")}[table]
    place = send(client, table, f"Week Ending,UPC,{own[1]}\n01/14/2009,A1,3\n".encode())
    assert '<select name="ends"' not in client.get(place, headers=HTML).text
    names = {own[0]: "Week Ending", "sku": "UPC", own[1]: own[1]}
    assert "only rows of sales total weeks or months" in failing(client, place.partition("=")[2], names, ends="week", **PLAINLY)
    take(client, place, names, **PLAINLY)
