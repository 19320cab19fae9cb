"""What the guide says is still needed, and what it asks of a file that has just come."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from .guide import begun, visitor
from .test_start import HTML, send, take


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    return visitor(begun(tmp_path))


def plain(client: TestClient, place: str = "/start") -> str:
    return " ".join(re.sub("<[^>]*>", "", client.get(place, headers=HTML).text).split())


def test_orders_do_in_place_of_sales_and_that_is_said(client: TestClient) -> None:
    assert "Still needed: products, sales or orders. A file with a row for each line of an order is orders;" in plain(client)
    take(client, send(client, "products", b"sku;unit_cost\nA1;1,20\n"), {"sku": "sku", "unit_cost": "unit_cost"})
    assert "Still needed: sales or orders." in plain(client)


def test_a_file_whose_encoding_is_asked_is_not_said_to_be_paired_yet(client: TestClient) -> None:
    page = plain(client, send(client, "products", "Artikel;Größe\nA1;Weiß\n".encode("cp1252")))
    assert "products.csv is here. Look below how it is read, and confirm that." in page and "confirm with “Read it so”" in page
