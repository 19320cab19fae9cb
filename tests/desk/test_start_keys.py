"""The product key of a file in the guide: offered by header, and by the keys of tables that are there."""

from __future__ import annotations

import csv

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.flows import batch
from tests.desk.test_start import HTML, send, take

PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "ymd-"}
SALES = "Day,UPC,Units,Price\n" + "".join(f"2026-01-0{day},{sku},3,1.50\n" for sku in range(10, 15) for day in range(5, 9))


def master(key: str, name: str) -> bytes:
    return "\n".join([f"{key},{name},Unit Cost", *(f"{sku},Pretzels no {sku},0.80" for sku in range(10, 15)), ""]).encode()


def test_products_are_keyed_as_the_sales_are(desk: Desk, client: TestClient) -> None:
    sold = {"date": "Day", "sku": "UPC", "units": "Units", "price": "Price"}
    take(client, send(client, "sales", SALES.encode()), sold, **PLAINLY)
    place = send(client, "products", master("UPC", "Item"))
    page = client.get(place, headers=HTML).text
    assert '<option value="sku=UPC" selected>' in page and '<option value="name=Item" selected>' in page
    assert "Of the 5 different values of “UPC” in the first rows, 5 are products (sku) of the tables that are there already." in page
    take(client, place, {"sku": "UPC", "name": "Item", "unit_cost": "Unit Cost"}, **PLAINLY)
    with (desk.reading.folder / "data" / "products.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file)) == {"sku": "10", "name": "Pretzels no 10", "unit_cost": "0.80"}
    assert batch.load(desk.reading.folder).prepared.counts["sales"].accepted == 20


@pytest.mark.parametrize(
    ("language", "said", "none"),
    [
        ("en", "So “Kürzel” is chosen as sku, not “Item”.", "None of the 5 different values of “Item” in the first rows is a product"),
        ("zh", "因此选“Kürzel”而非“Item”作为 sku。", "“Item”列有 5 个不同的值，没有一个是现有数据表中的商品"),
    ],
)
def test_a_column_with_a_strange_header_is_found_by_its_values(desk: Desk, client: TestClient, language: str, said: str, none: str) -> None:
    (desk.reading.folder / "data" / "sales.csv").write_text(SALES.replace("Day,UPC,Units,Price", "date,sku,units,price"), encoding="utf-8")
    asked = {**HTML, "Accept-Language": language}
    page = client.get(place := send(client, "products", master("Kürzel", "Item")), headers=asked).text
    assert '<option value="sku=Kürzel" selected>' in page and '<option value="name=Item" selected>' in page and said in page
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]["agrees"]
    assert twin == {"header": "Kürzel", "different": 5, "agree": 5, "instead": "Item"}
    other = master("Kürzel", "Item").replace(b"\n1", b"\nX1")
    page = client.get(send(client, "products", other), headers=asked).text
    assert '<option value="sku=Item" selected>' in page and none in page


def test_what_was_chosen_is_kept_and_told(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "products", master("UPC", "Item")), {"sku": "Item", "unit_cost": "Unit Cost"}, **PLAINLY)
    (desk.reading.folder / "data" / "sales.csv").write_text(SALES.replace("Day,UPC,Units,Price", "date,sku,units,price"), encoding="utf-8")
    page = client.get(send(client, "products", master("UPC", "Item")), headers=HTML).text
    assert '<option value="sku=Item" selected>' in page and "None of the 5 different values of “Item”" in page
