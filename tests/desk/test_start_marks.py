"""Marks of promotions in several columns of a file, as the guide offers and takes them."""

from __future__ import annotations

import csv
import re

from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.flows import batch
from tests.desk.place import post
from tests.desk.test_start import HTML, failing, send, take

SALES = {"date": "Day", "sku": "UPC", "units": "Units", "price": "Price"}
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "ymd-"}
MARKED = ("000", "010", "001", "100", "000", "011")
"""Feature, Display, TPR of each day."""


def scanned(head: str = "Feature,Display,TPR", marks: tuple[str, ...] = MARKED) -> bytes:
    rows = [f"2026-01-{day:02},A1,{day},1.50,{','.join(said)}" for day, said in enumerate(marks, 5)]
    return "\n".join([f"Day,UPC,Units,Price,{head}", *rows, ""]).encode()


def boxes(page: str) -> dict[str, bool]:
    """The boxes under `promo`, and whether each is checked."""
    found = re.findall(r'<input type="checkbox" name="promos" value="(.*?)"( checked)?>', page)
    return {name: bool(checked) for name, checked in found}


def promos(desk: Desk) -> list[str]:
    path = desk.reading.folder / "data" / "sales.csv"
    return [row["promo"] for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]


def test_all_marks_of_a_file_are_offered_taken_and_remembered(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA1\n", encoding="utf-8")
    place = send(client, "sales", scanned())
    page = client.get(place, headers=HTML).text
    assert '<option value="promo=Feature" selected>' in page and boxes(page) == {"Display": True, "TPR": True}
    assert "marks of promotions are chosen for promo below: Feature, Display, TPR." in page and 'id="unmarked"' not in page
    assert "not paired yet" not in page, "what is ticked takes part"
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]["marks"]
    assert twin == {"promo": "Feature", "beside": ["Display", "TPR"], "others": [], "left": []}
    assert "已在下方选作 promo：Feature、Display、TPR" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    take(client, place, SALES | {"promo": "Feature"}, promos=["Display", "TPR"], **PLAINLY)
    assert "where any of these says so: Feature, Display, TPR." in client.get("/start", headers=HTML).text
    assert promos(desk) == ["0", "1", "1", "1", "0", "1"]
    assert batch.load(desk.reading.folder).prepared.tables["sales"]["promo"].to_list() == [0, 1, 1, 1, 0, 1]
    again = client.get(send(client, "sales", scanned()), headers=HTML).text
    assert boxes(again) == {"Display": True, "TPR": True} and '<option value="promo=Feature" selected>' in again


def test_what_is_not_chosen_counts_as_no_mark_and_is_named(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "sales", scanned()), SALES | {"promo": "Display"}, **PLAINLY)
    assert promos(desk) == ["0", "1", "0", "0", "0", "1"]
    page = client.get(send(client, "sales", scanned()), headers=HTML).text
    assert boxes(page) == {"Feature": False, "TPR": False} and '<option value="promo=Display" selected>' in page
    assert "marks of promotions and are not chosen for promo: Feature, TPR. Without them, promotions count as regular prices" in page


def test_boxes_alone_are_enough(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "sales", scanned()), SALES, promos=["TPR", "Feature"], **PLAINLY)
    assert promos(desk) == ["0", "0", "1", "1", "0", "1"]


def test_marks_that_say_other_things_than_yes_and_no_are_told_and_not_offered(client: TestClient) -> None:
    page = client.get(send(client, "sales", scanned("Feature,Returned,TPR", ("A0-", "B1-", "A0-"))), headers=HTML).text
    assert "promo=Feature" in page and '<option value="promo=Feature" selected>' not in page
    assert "are not chosen for promo: Feature, TPR." in page and boxes(page) == {"Returned": False}


def test_a_table_without_promotions_has_no_marks(client: TestClient) -> None:
    place = send(client, "products", b"sku,Feature\nA1,1\nA2,0\n")
    page = client.get(place, headers=HTML).text
    assert not boxes(page) and 'id="unmarked"' not in page
    upload = place.partition("=")[2]
    assert "promo" in failing(client, upload, {"sku": "sku"}, promos=["Feature"], **PLAINLY)


def test_a_column_is_one_of_ours_or_a_mark(client: TestClient) -> None:
    upload = send(client, "sales", scanned()).partition("=")[2]
    told = failing(client, upload, SALES | {"promo": "TPR", "views": "Display"}, promos=["Display"], **PLAINLY)
    assert "column Display was chosen twice" in told
    assert post(client, "/start/forget", upload=upload).status_code == 303


def test_every_column_that_speaks_of_a_promotion_is_ticked(client: TestClient) -> None:
    page = client.get(send(client, "sales", scanned("Ad Feature,Coupon,Organic,Deal units", ("NYN1", "YNY0"))), headers=HTML).text
    assert '<option value="promo=Ad Feature" selected>' in page
    assert boxes(page) == {"Coupon": True, "Organic": False, "Deal units": False}
    assert "chosen for promo below: Ad Feature, Coupon." in page
