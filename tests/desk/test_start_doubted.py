"""Costs that cannot be meant so are named where the import that brought them is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk

from .guide import begun, visitor
from .test_start import HTML, send, take

GOODS = {"sku": "sku", "unit_cost": "cost", "price": "price"}
COSTS = {"sku": "sku", "valid_from": "from", "unit_cost": "cost"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return begun(tmp_path)


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return visitor(desk)


def goods(*costs: str) -> bytes:
    rows = [f"100{place};{cost};148,00" for place, cost in enumerate(costs, 1)]
    return "\n".join(["sku;cost;price", *rows, ""]).encode()


def banner(client: TestClient) -> str:
    """What the last act did, which is told once."""
    return client.get("/start", headers=HTML).text.partition('<p class="banner ')[2].partition("</p>")[0]


def test_a_cost_a_hundred_times_too_large_is_named_with_a_way_to_the_data(client: TestClient) -> None:
    take(client, send(client, "products", goods("117,44", "90,00")), GOODS)
    assert "Look at these costs" not in banner(client)
    take(client, send(client, "products", goods("11744,00", "91,00")), GOODS, standing="add")
    said = banner(client)
    assert ": 1, such as 1001 (cost 11,744.00; before 117.44; price 148.00)." in said and '<a href="/data">Check the data</a>' in said
    assert said.startswith("bad"), "it is to be looked at"
    take(client, send(client, "products", goods("11744,00", "92,00")), GOODS, standing="add")
    assert "Look at these costs" not in banner(client), "only what the file brought anew"


def test_a_cost_far_below_that_of_before_is_named_too(client: TestClient) -> None:
    take(client, send(client, "products", goods("117,44", "90,00")), GOODS)
    take(client, send(client, "products", goods("1,17", "90,00")), GOODS, standing="replace")
    assert "1001 (cost 1.17; before 117.44; price 148.00)" in banner(client)


def test_dated_costs_are_held_against_those_that_they_follow(client: TestClient) -> None:
    take(client, send(client, "products", goods("117,44", "90,00")), GOODS)
    first = b"sku;from;cost\n1001;05.01.2026;117,44\n1002;05.01.2026;90,00\n"
    take(client, send(client, "costs", first), COSTS)
    assert "Look at these costs" not in banner(client)
    take(client, send(client, "costs", b"sku;from;cost\n1001;05.02.2026;1174,4\n1002;05.02.2026;95,00\n"), COSTS, standing="add")
    assert ": 1, such as 1001 (cost 1,174.40; before 117.44" in banner(client)
