"""Costs of cases come through the guide as those of one unit: proposed, shown, said, and kept; in the page and in its JSON twin."""

from __future__ import annotations

import csv
import re

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from tests.desk.test_start import HTML, failing, send, take

VENDOR = b"UPC,CASE_PACK,CASE_COST,EFFECTIVE\nA,10,$9.32,07/01/11\nB,6,$6.68,07/01/11\nC,6,$6.15,07/01/11\n"
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "mdy2/"}
COSTS = {"sku": "UPC", "unit_cost": "CASE_COST", "valid_from": "EFFECTIVE"}


def costs(desk: Desk, table: str) -> list[str]:
    with (desk.reading.folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row["unit_cost"] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("language", "each", "said"),
    [
        ("en", "$9.32 for a case of 10 → 0.932 each", "Costs of cases were divided by `CASE_PACK`"),
        ("zh", "每箱 10 件共 $9.32 → 单件 0.932", "整箱成本已除以 `CASE_PACK`"),
    ],
)
def test_costs_of_cases_become_those_of_one(desk: Desk, client: TestClient, language: str, each: str, said: str) -> None:
    client.headers["Accept-Language"] = language
    place = send(client, "costs", VENDOR)
    page = client.get(place, headers=HTML).text
    assert each in re.sub("<.*?>", "", page) and "<option selected>CASE_PACK</option>" in page
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]
    assert twin["pack"] == {"header": "CASE_PACK", "offered": ["CASE_PACK"], "example": ["$9.32", "10", "0.932"], "undivided": ""}
    assert {one["column"]: one["guess"] for one in twin["columns"] if one["guess"]} == COSTS and twin["dates"] == ""
    assert twin["unmatched"] == [], "what costs are divided by is paired"
    take(client, place, COSTS, pack="CASE_PACK", **PLAINLY)
    assert costs(desk, "costs") == ["0.932", "1.113333", "1.025"]
    assert said in re.sub("</?code>", "`", client.get("/start", headers=HTML).text)
    again = client.get(send(client, "costs", VENDOR), headers={"Accept": "application/json"}).json()["match"]
    assert again["last"]["pack"] == again["pack"]["header"] == "CASE_PACK"


def test_a_row_without_the_units_of_its_case_is_set_aside_and_told(desk: Desk, client: TestClient) -> None:
    lines = ["UPC,CASE_PACK,CASE_COST", *(f"A{number},6,6.60" for number in range(60)), "B,0,6.68"]
    place = send(client, "products", "\n".join(lines).encode())
    take(client, place, {"sku": "UPC", "unit_cost": "CASE_COST"}, pack="CASE_PACK", **PLAINLY | {"dates": ""})
    page = client.get("/start", headers=HTML).text
    assert "such as line 62 (unit_cost: ?6.68; what to do: the guide put the ? there: its row has no number of units above 0" in page
    assert costs(desk, "products")[-2:] == ["1.1", "?6.68"]


def test_it_is_offered_only_where_it_can_be(client: TestClient) -> None:
    assert 'name="pack"' not in client.get(send(client, "products", b"sku,cost\nA,2.5\n"), headers=HTML).text
    assert (
        'name="pack"' not in client.get(send(client, "sales", b"sku,date,units,price,case pack\nA,2026-01-05,1,2,6\n"), headers=HTML).text
    )
    page = client.get(send(client, "products", b"sku,cost,size\nA,2.5,6\n"), headers=HTML).text
    assert "<option>size</option></select>" in page.partition('name="pack"')[2] and "each" not in page.partition('name="pack"')[2][:200]


@pytest.mark.parametrize(("language", "said"), [("en", "“Case cost” speaks of a case"), ("zh", "“Case cost”表示按箱计")])
def test_costs_of_cases_that_nothing_divides_are_told(client: TestClient, language: str, said: str) -> None:
    client.headers["Accept-Language"] = language
    place = send(client, "products", b"sku,Case cost,Case pack\nA,2.5,many\n")
    assert said not in client.get(place, headers=HTML).text
    assert said in client.get(f"{place}&columns=sku%3Dsku&columns=unit_cost%3DCase+cost", headers=HTML).text


def test_dividing_without_costs_is_refused(client: TestClient) -> None:
    place = send(client, "products", b"UPC,CASE_PACK\nA,6\n")
    page = failing(client, place.partition("=")[2], {"sku": "UPC"}, pack="CASE_PACK", **PLAINLY | {"dates": ""})
    assert "only costs are divided by the units in a case" in page and "or divide by nothing" in page
