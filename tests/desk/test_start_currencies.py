"""Files whose amounts have a currency beside them, as a spreadsheet shows them: read, and refused where it is another one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk

from .guide import WANTED, begun, visitor
from .place import post
from .test_start import HTML, failing, send, take

COLUMNS = {"sku": "Código", "price": "Preço", "unit_cost": "Custo"}
BRAZIL = "Código;Preço;Custo\nA1;R$ 12,90;R$\u00a05,00\nA2;R$ 1.600,92;700,10\nA3;R$ 9,90;R$ 4,00\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return begun(tmp_path)


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return visitor(desk)


def settled(client: TestClient, currency: str) -> None:
    take(client, send(client, "sales", b"date;sku;units;price\n05.01.2026;A1;3;12,90\n"), {n: n for n in ("date", "sku", "units", "price")})
    assert post(client, "/start/choose", **WANTED | {"currency": currency}).status_code == 303


def test_a_price_list_of_brazil_is_read_and_its_currency_said(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "products", BRAZIL.encode()), COLUMNS)
    page = client.get("/start", headers=HTML).text
    assert "products now: 3." in page and "Its amounts name BRL: choose that as the currency of the shop." in page
    found = pl.read_csv(desk.reading.folder / "data" / "products.csv")
    assert (found["price"].to_list(), found["unit_cost"].to_list()) == ([12.90, 1600.92, 9.90], [5.00, 700.10, 4.00])


def test_rows_in_another_currency_than_most_of_the_file_are_set_aside(client: TestClient) -> None:
    take(client, send(client, "products", (BRAZIL + "A4;US$ 3,50;1,00\n").encode()), COLUMNS)
    page = client.get("/start", headers=HTML).text
    assert "line 5 (price: US$ 3,50; what to do: this amount is in another currency than the shop" in page


def test_a_file_in_another_currency_than_that_of_the_shop_is_refused(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "products", BRAZIL.encode()), COLUMNS)
    settled(client, "BRL")
    kept = (desk.reading.folder / "data" / "products.csv").read_text(encoding="utf-8")
    upload = send(client, "products", BRAZIL.replace("R$", "US$").encode()).partition("=")[2]
    page = failing(client, upload, COLUMNS, standing="replace")
    assert "3 of its 3 rows cannot be used" in page and "this amount is in another currency than the shop" in page
    assert (desk.reading.folder / "data" / "products.csv").read_text(encoding="utf-8") == kept
    take(client, send(client, "products", BRAZIL.encode()), COLUMNS, standing="replace")


def test_what_to_write_instead_is_told_in_the_decimals_that_were_chosen(desk: Desk, client: TestClient) -> None:
    text = "Código;Preço;Custo\nA1;12 kg;5\nA2;12 EUR/kg;5\n"
    page = failing(client, send(client, "products", text.encode()).partition("=")[2], COLUMNS)
    assert "with the decimal comma that was chosen, such as 12,50" in page and "2 of its 2 rows" in page
    page = failing(client, send(client, "products", text.encode()).partition("=")[2], COLUMNS, decimal="point")
    assert "with the decimal point that was chosen, such as 12.50" in page
    assert not (desk.reading.folder / "data" / "products.csv").exists()
