"""A file of one competitor's prices, through the guide: the name is typed once for the whole file."""

from __future__ import annotations

import csv
import html

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from tests.desk.test_start import HTML, failing, send, take

CHECKED = b"Item,Jewel Price,Checked\nA,2.87,05/11/1992\nB,4.52,05/11/1992\n"
COLUMNS = {"sku": "Item", "price": "Jewel Price", "observed_at": "Checked"}
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "mdy/"}


@pytest.fixture(autouse=True)
def goods(desk: Desk) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\nB\nC\n", encoding="utf-8")


def rows(desk: Desk) -> list[list[str]]:
    return list(csv.reader((desk.reading.folder / "data" / "competitor_prices.csv").open(encoding="utf-8", newline="")))


def test_the_name_of_the_price_column_is_proposed_and_written_into_every_row(desk: Desk, client: TestClient) -> None:
    place = send(client, "competitor_prices", CHECKED)
    page = html.unescape(client.get(place, headers=HTML).text)
    assert '<option value="price=Jewel Price" selected>' in page and '<option value="observed_at=Checked" selected>' in page
    assert 'name="competitor" value="Jewel"' in page and "From the header of the prices" in page
    assert 'aria-label="competitor">' in page and 'aria-label="price" required>' in page, "the name is enough"
    assert "取自价格列的表头" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]["rival"]
    assert twin == {"offered": True, "name": "Jewel", "source": "header"}
    take(client, place, COLUMNS, competitor=" Jewel-Osco ", **PLAINLY)
    assert "The competitor of every row is Jewel-Osco." in client.get("/start", headers=HTML).text
    header, *written = rows(desk)
    assert header == ["competitor", "sku", "price", "observed_at"]
    assert written == [["Jewel-Osco", "A", "2.87", "1992-05-11"], ["Jewel-Osco", "B", "4.52", "1992-05-11"]]
    again = client.get(send(client, "competitor_prices", CHECKED), headers=HTML).text
    assert 'name="competitor" value="Jewel-Osco"' in again and "As it was said last." in again


def test_without_a_name_and_a_column_nothing_is_taken_over(desk: Desk, client: TestClient) -> None:
    upload = send(client, "competitor_prices", CHECKED).partition("=")[2]
    told = html.unescape(failing(client, upload, COLUMNS, competitor="  ", **PLAINLY))
    assert "was chosen for competitor" in told and "name the competitor whose prices they are" in told
    assert not (desk.reading.folder / "data" / "competitor_prices.csv").exists()


def test_a_column_that_names_them_goes_before_the_name(desk: Desk, client: TestClient) -> None:
    data = b"Item,Jewel Price,Checked,Competitor\nA,2.87,05/11/1992,Cub\n"
    place = send(client, "competitor_prices", data)
    page = client.get(place, headers=HTML).text
    assert '<option value="competitor=Competitor" selected>' in page and 'name="competitor" value=""' in page
    take(client, place, COLUMNS | {"competitor": "Competitor"}, competitor="Jewel", **PLAINLY)
    assert rows(desk)[1] == ["A", "2.87", "1992-05-11", "Cub"]


def test_no_other_table_asks_for_a_competitor(desk: Desk, client: TestClient) -> None:
    place = send(client, "products", b"sku,name\nA,Juice\n")
    assert 'name="competitor"' not in client.get(place, headers=HTML).text
    take(client, place, {"sku": "sku", "name": "name"}, competitor="Jewel", standing="replace", **PLAINLY)
    header = (desk.reading.folder / "data" / "products.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "sku,name"


def test_a_file_with_a_column_for_each_is_sent_once_for_each(desk: Desk, client: TestClient) -> None:
    """One competitor's name above another one's prices is refused; what was taken over of the first stays."""
    data = b"Item,Checked,Loja Azul,Mega\nA,05/11/1992,2.87,3.10\nB,05/11/1992,4.52, \nC,05/11/1992,,1.10\n"
    columns = {"sku": "Item", "observed_at": "Checked"}
    place = send(client, "competitor_prices", data)
    page = html.unescape(client.get(place, headers=HTML).text)
    assert "send it once for each" in page and "逐一上传" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    take(client, place, columns | {"price": "Loja Azul"}, competitor="Loja Azul", **PLAINLY)
    upload = send(client, "competitor_prices", data).partition("=")[2]
    told = html.unescape(failing(client, upload, columns | {"price": "Mega"}, competitor="loja azul", standing="add", **PLAINLY))
    assert "the prices are those of column Mega, but Loja Azul is a column of its own" in told
    take(client, f"/start?upload={upload}", columns | {"price": "Mega"}, competitor="Mega", standing="add", **PLAINLY)
    told_ = [dict(zip(rows(desk)[0], row, strict=True)) for row in rows(desk)[1:]]
    assert sorted((row["competitor"], row["sku"], row["price"]) for row in told_) == [
        ("Loja Azul", "A", "2.87"), ("Loja Azul", "B", "4.52"), ("Mega", "A", "3.10"), ("Mega", "C", "1.10"),
    ], "a blank cell is no offer"  # fmt: skip
