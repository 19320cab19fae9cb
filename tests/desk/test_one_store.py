"""One store of a chain: its prices are found, filtered and grouped by, and every store of a product can be reached from its page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest

from pricesmith.flows.near import natural

from .place import Place, opened, priced
from .stores import STORES, chain

HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return chain(tmp_path / "shop")


def prices(desk: Place, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.client("viewer", "vera").get("/prices", params={"format": "json", "size": "200", **asked}).json()
    return found


def test_prices_of_one_store(desk: Place) -> None:
    whole = prices(desk)
    assert whole["choices"]["channel"] == dict.fromkeys(STORES, whole["of"] // len(STORES)) and whole["choices"]["region"] == {}
    one = prices(desk, channel="south")
    assert one["found"] == whole["of"] // len(STORES) and {row["channel"] for row in one["rows"]} == {"south"}
    assert prices(desk, channel="nor")["found"] == one["found"], "part of a name finds all that hold it"
    sku = one["rows"][0]["sku"]
    assert [(row["sku"], row["channel"]) for row in prices(desk, search=f"{sku} · south")["rows"]] == [(sku, "south")]
    groups = {group["name"]: group["products"] for group in prices(desk, group="channel")["groups"]}
    assert groups == {**dict.fromkeys(STORES, one["found"]), "*": whole["of"]}


def test_stores_stand_on_the_page(desk: Place) -> None:
    client = desk.client("viewer", "vera")
    page = client.get("/prices", headers=HTML).text
    assert '<select name="channel">' in page and '<select name="region">' not in page
    assert "group=channel" in page and "group=region" not in page
    chosen = html.unescape(client.get("/prices?channel=south&group=channel", headers=HTML).text)
    assert '<option value="south" selected>' in chosen


def test_every_store_of_a_product_can_be_reached(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n', encoding="utf-8")
    (data / "products.csv").write_text("sku,unit_cost\nA,5\n", encoding="utf-8")
    rows = [f"2026-02-{day:02},A,3,9.99,{store}" for day in range(1, 21) for store in range(1, 15)]
    (data / "sales.csv").write_text("\n".join(["date,sku,units,price,region", *rows, ""]), encoding="utf-8")
    desk = opened(tmp_path, priced(tmp_path).run)
    client = desk.client("viewer", "vera")
    assert [one["region"] for one in client.get("/products/A?format=json").json()["places"]] == [str(store) for store in range(1, 15)]
    page = html.unescape(client.get("/products/A?region=14", headers=HTML).text)
    shown = re.sub("</?data[^>]*>", "", page)
    assert "More places: 2" in shown and page.count('class="pill" href="/products/A?') >= 14


def test_names_sort_as_people_count() -> None:
    names = ["12", "9", "store 10", "store 9", "a", "9b", "9a"]
    assert sorted(names, key=natural) == ["a", "store 9", "store 10", "9", "9a", "9b", "12"]
