"""Costs that come after the products, through the guide: what becomes of rows that are there is said and done alike."""

from __future__ import annotations

import csv
import re

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from tests.desk.place import post
from tests.desk.test_start import HTML, failing, send, take

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


COSTS = b"Produto;Custo (R$)\nA;2,50\nB;3,00\n"


@pytest.mark.parametrize(
    ("language", "said", "there", "first"),
    [
        ("en", "No column of this file tells from which day on a cost holds", "keep all the rest", "may be added later"),
        ("zh", "此文件没有说明成本从哪一天起生效的列", "其余内容不变", "可以日后补充"),
    ],
)
def test_costs_without_days_become_products(desk: Desk, client: TestClient, language: str, said: str, there: str, first: str) -> None:
    client.headers["Accept-Language"] = language
    place = send(client, "costs", COSTS)
    page = client.get(place, headers=HTML).text
    assert said in page and first in page and there not in page
    (desk.reading.folder / "data" / "products.csv").write_text("sku,name\nA,Pan\nB,Pot\n", encoding="utf-8")
    page = client.get(place, headers=HTML).text
    assert said in page and there in page and first not in page
    assert client.get(place, headers={"Accept": "application/json"}).json()["match"]["undated"] is True
    part = page.partition('id="undated"')[2].partition("</div>")[0]
    assert 'action="/start/turn"' in part and '<input type="hidden" name="table" value="products">' in part
    assert post(client, "/start/turn", upload=place.partition("=")[2], table="products").status_code == 303
    page = client.get(place, headers=HTML).text
    assert 'id="undated"' not in page and '<option value="unit_cost=Custo (R$)" selected>' in page
    assert client.get(place, headers={"Accept": "application/json"}).json()["match"]["undated"] is False
    take(client, place, {"sku": "Produto", "unit_cost": "Custo (R$)"}, standing="add", dates="")
    assert products(desk) == [{"sku": "A", "name": "Pan", "unit_cost": "2.50"}, {"sku": "B", "name": "Pot", "unit_cost": "3.00"}]
    assert client.get("/start?format=json").json()["uncosted"] == 0


@pytest.mark.parametrize(
    "lines",
    [
        "Produto;Custo;Desde\nA;2,50;05.01.2026",
        "Produto;Custo;Stand\nA;2,50;05.01.2026",
        "Produto;Custo;Stand;Geprüft\nA;2,50;05.01.2026;06.01.2026",
        "Produto;Stand;Preis\nA;x;2,50",
    ],
)
def test_costs_with_a_day_or_without_a_cost_are_not_told_so(client: TestClient, lines: str) -> None:
    assert 'id="undated"' not in client.get(send(client, "costs", f"{lines}\n".encode()), headers=HTML).text


def test_costs_without_days_are_refused_with_what_to_do(client: TestClient) -> None:
    upload = send(client, "costs", COSTS).partition("=")[2]
    page = failing(client, upload, {"sku": "Produto", "unit_cost": "Custo (R$)"})
    assert "no column of the file was chosen for valid_from" in page and "belong in the table products, as unit_cost" in page
