"""Competitors' prices that no rule follows: said where they come in, and beside them on the page of a product."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.apps.service.ask import Desk

from .guide import begun, visitor
from .place import place, priced_anew
from .test_start import HTML, send, take

NAMES = {name: name for name in ("observed_at", "sku", "competitor", "price")}
OFFERS = b"observed_at;sku;competitor;price\n05.01.2026;A1;Mega;12,90\n05.01.2026;A2;Mega;8,90\n"
SAID = "No rule follows competitors, so these prices move none of yours"
BAND = '\n[[rule]]\nkind = "competitor_band"\nhigh = 1.2\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return begun(tmp_path)


def test_what_competitors_change_without_a_rule_is_told_when_they_come_in(desk: Desk) -> None:
    client, policy = visitor(desk), desk.reading.folder / "shop.toml"
    take(client, send(client, "competitor_prices", OFFERS), NAMES)
    assert SAID in client.get("/start", headers=HTML).text
    with policy.open("a", encoding="utf-8") as text:
        text.write(BAND)
    take(client, send(client, "competitor_prices", OFFERS), NAMES, standing="replace")
    assert SAID not in client.get("/start", headers=HTML).text


def test_the_page_of_a_product_says_it_beside_the_competitors(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client, policy = desk.client("viewer"), desk.folder / "shop.toml"
    sku = desk.desk.reading.run(desk.run).decided.filter(pl.col("competitor_price") > 0)["sku"][0]
    page = client.get(f"/products/{sku}", headers=HTML).text
    assert "what they ask does not move its price" in page.partition('id="unfollowed"')[2].partition("</p>")[0]
    assert 'href="/rules?add=competitor_band"' in page and client.get("/rules?add=competitor_band", headers=HTML).status_code == 200
    assert "竞品报价不会改变其价格" in client.get(f"/products/{sku}", headers={**HTML, "Accept-Language": "zh"}).text
    with policy.open("a", encoding="utf-8") as text:
        text.write(BAND)
    priced_anew(desk, "")
    page = client.get(f"/products/{sku}", headers=HTML).text
    assert 'id="followed"' in page and 'id="unfollowed"' not in page
