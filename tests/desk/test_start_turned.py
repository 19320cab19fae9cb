"""A file that was turned to another table has a way back, and what speaks against a table falls silent where all of it was paired."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.desk.place import post
from tests.desk.test_start import HTML, send

FILE = b"Kod;Nazwa;Opis;Grupa;Marka\nA1;Mleko;3,2%;Nabial;Laciate\nA2;Ser;zolty;Nabial;Hej\n"
JSON = {"Accept": "application/json"}


def test_a_file_that_was_turned_can_be_turned_back(client: TestClient) -> None:
    place = send(client, "sales", FILE)
    assert 'id="sent"' not in client.get(place, headers=HTML).text
    upload = place.partition("=")[2]
    post(client, "/start/turn", upload=upload, table="products")
    page = client.get(place, headers=HTML).text
    assert "You sent this file as sales; it is imported as products now." in page and "Import it as sales" in page
    assert "现按“products”导入" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    post(client, "/start/turn", upload=upload, table="costs")
    assert client.get(place, headers=JSON).json()["match"]["sent"] == "sales", "it is the first that is remembered"
    post(client, "/start/turn", upload=upload, table="sales")
    told = client.get(place, headers=JSON).json()["match"]
    assert (told["table"], told["sent"]) == ("sales", "")
    assert 'id="sent"' not in client.get(place, headers=HTML).text


def test_nothing_is_said_against_a_table_whose_columns_were_all_paired(client: TestClient) -> None:
    rows = [f"0{day}.01.2026;A1;3;1,50" for day in range(1, 9)]
    place = send(client, "competitor_prices", "\r\n".join(["Datum;Artikelnummer;Menge;Preis", *rows]).encode())
    assert client.get(place, headers=JSON).json()["match"]["better"] == "sales"
    pairs = ["observed_at=Datum", "sku=Artikelnummer", "price=Preis"]
    some, all_ = ("".join(f"&columns={pair}" for pair in told) for told in (pairs, [*pairs, "competitor=Menge"]))
    assert client.get(place + some, headers=JSON).json()["match"]["better"] == "sales"
    page = client.get(place + all_, headers=HTML).text
    assert "This looks like" not in page and '<div id="fits" data-too></div>' in page
