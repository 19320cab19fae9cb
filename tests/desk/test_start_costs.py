"""Costs that come after the products, through the guide: what becomes of rows that are there is said and done alike."""

from __future__ import annotations

import csv
import re

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from tests.desk.test_start import HTML, send, take

PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "ymd-"}


def products(desk: Desk) -> list[dict[str, str]]:
    return list(csv.DictReader((desk.reading.folder / "data" / "products.csv").open(encoding="utf-8", newline="")))


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        (
            "en",
            "its columns are taken over, empty cells too; columns that it does not have keep what stands there",
            "stood there: category.",
        ),
        ("zh", "采用文件各列的值（包括空单元格）；文件没有的列保留原值", "文件没有的列保留原值：category。"),
    ],
)
def test_costs_are_added_to_products_that_keep_the_rest(desk: Desk, client: TestClient, language: str, before: str, after: str) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku,name,category\nA,Pan,kitchen\nB,Pot,kitchen\n", encoding="utf-8")
    place = send(client, "products", b"Code,Title,Cost\nA,,2.5\n")
    client.headers["Accept-Language"] = language
    assert before in re.sub("<.*?>", "", client.get(place, headers=HTML).text)
    take(client, place, {"sku": "Code", "name": "Title", "unit_cost": "Cost"}, standing="add", **PLAINLY)
    assert after in re.sub("<.*?>", "", client.get("/start", headers=HTML).text)
    assert products(desk) == [
        {"sku": "B", "name": "Pot", "category": "kitchen", "unit_cost": ""},
        {"sku": "A", "name": "", "category": "kitchen", "unit_cost": "2.5"},
    ]


def test_orders_give_way_as_a_whole(desk: Desk, client: TestClient) -> None:
    text = "order_id,sku,at,price,units\n1,A,2026-01-05T10:00,9,1\n"
    (desk.reading.folder / "data" / "orders.csv").write_text(text, encoding="utf-8")
    page = client.get(send(client, "orders", text.encode()), headers=HTML).text
    assert "its lines take the place of all lines of that order" in page and "empty cells too" not in page
