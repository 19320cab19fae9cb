"""A product that is sold in several shops has a price in each: pages count prices and say in which shop."""

from __future__ import annotations

import datetime as dt
import html
import random
import re
from pathlib import Path
from typing import Any

import pytest

from pricesmith.apps.web.render import Placed
from pricesmith.flows.desk.prices.counts import several

from .place import Place, opened, place, priced

pytestmark = pytest.mark.real  # long

SHOPS, PRODUCTS, WEEKS = ("mokotow", "praga", "wola", "zoliborz"), 6, 30
APART = {"mokotow": 18.92, "praga": 18.51, "wola": 24.51, "zoliborz": 18.51}
TOML = """currency = "PLN"
tax = "net"
period = "week"

[[rule]]
kind = "max_change"
step = 0.05

[[rule]]
kind = "margin_floor"
of_price = 0.2

[[rule]]
kind = "same_price"
by = "sku"
everywhere = true
"""
END = dt.date(2026, 3, 30)


def _sales(end: dt.date) -> str:
    """Product 0 costs more than it is sold for and is priced apart in the shops, product 1 has no cost; its buyers are fickle."""
    chance, rows = random.Random(1), ["date,sku,units,price,region"]
    for week in range(WEEKS):
        for number in range(PRODUCTS):
            for shop in SHOPS:
                price = APART[shop] if number == 0 else 5.0 + number
                units = chance.randint(3, 12) * (12 if number == 2 and week > WEEKS - 5 else 1)
                rows.append(f"{end - dt.timedelta(weeks=WEEKS - week)},P{number},{units},{price},{shop}")
    return "\n".join([*rows, ""])


def _shop(folder: Path) -> None:
    data = folder / "data"
    data.mkdir(parents=True)
    (folder / "shop.toml").write_text(TOML, encoding="utf-8")
    costs = [f"P{number},Milk {number},{'' if number == 1 else 90 if number == 0 else 3},Dairy" for number in range(PRODUCTS)]
    (data / "products.csv").write_text("\n".join(["sku,name,unit_cost,category", *costs, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Four shops of one grocer, priced with all weeks but four, and again with all."""
    folder = tmp_path_factory.mktemp("places") / "shop"
    _shop(folder)
    whole, sales = _sales(END), folder / "data" / "sales.csv"
    last = str(END - dt.timedelta(weeks=4))
    sales.write_text("\n".join(row for row in whole.splitlines() if row < last or row.startswith("date")) + "\n", encoding="utf-8")
    first = priced(folder).run
    sales.write_text(whole, encoding="utf-8")
    found = priced(folder)
    assert found.run != first
    return opened(folder, found.run)


def told(desk: Place, address: str) -> Any:
    return desk.client("viewer", "vera").get(address, headers={"Accept": "application/json"}).json()


def text(desk: Place, address: str, language: str = "en", part: str = "") -> str:
    """Words of a page, or of its element with the id `part`."""
    page = desk.client("viewer", "vera").get(address, headers={"Accept": "text/html", "Accept-Language": language})
    assert page.status_code == 200
    shown = page.text[page.text.index(f'id="{part}"') :].partition("</p>")[0].partition(">")[2] if part else page.text
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", shown)))


def test_words_of_prices_are_taken_where_a_product_has_several(desk: Place, tmp_path: Path) -> None:
    assert several(desk.desk.reading) and not several(place(tmp_path / "one").desk.reading)
    many, one = Placed("en", several=lambda: True), Placed("en")
    assert (one.priced("products_counted"), many.priced("products_counted")) == ("products:", "prices:")
    assert many.priced("columns") == one.priced("columns"), "where it has no other word"


def test_today_counts_prices_and_names_the_shops(desk: Place) -> None:
    found = told(desk, "/")
    assert (found["of"]["products"], found["of"]["places"], found["of"]["prices"]) == (PRODUCTS, 4, 24)
    assert found["at_a_loss"]["count"] == 4 and "Prices that lie below cost and stay: 4" in text(desk, "/", part="at-a-loss")
    assert "低于成本且保持不变的价格数：4" in text(desk, "/", "zh", "at-a-loss")
    assert found["worth"]["uncosted"] == 4 and "prices: 4" in text(desk, "/", part="uncosted")
    far = text(desk, "/", part="far")
    assert found["far"]["count"] == 4 and far.startswith("Prices of products")
    assert all(f"P0 · {one['region']}" in far for one in found["far"]["first"])
    assert [one["examples"] for one in found["held"] if one["reason"] == "missing_cost"] == [[f"P1 · {shop}" for shop in SHOPS[:3]]]


@pytest.mark.parametrize(("language", "counted"), [("en", "Of 24 prices"), ("zh", "24 个价格")])
def test_what_was_foretold_says_prices_and_their_shops(desk: Place, language: str, counted: str) -> None:
    found, said = told(desk, "/")["hindsight"], text(desk, "/", language, "hindsight")
    assert found["products"] == 24 and counted in said
    assert found["furthest"] and all(f"Milk {one['sku'][1:]} {one['sku']} · {one['region']} " in said for one in found["furthest"])


def test_one_price_that_stays_broken_is_shown_by_the_two_furthest_apart(desk: Place) -> None:
    (rule,) = [one for one in told(desk, "/")["apart"] if one["rule"] == "same_price"]
    (pair,) = [one for one in rule["examples"] if one["one"]["sku"] == "P0"]
    ends = {one["price"]: one["region"] for one in (pair["one"], pair["other"])}
    assert ends == {1851: "praga", 2451: "wola"}
    page = text(desk, "/")
    assert "P0 · praga" in page and "P0 · wola" in page


@pytest.mark.parametrize(("address", "said"), [
    ("/what-if", "prices: 24"),
    ("/what-if", "Dairy (prices: 24; "),
    ("/what-if?add=move_limit&percent=1", "Prices that change"),
    ("/models", "Four in five prices between"),
    ("/data", "Prices in both"),
    ("/data", "prices new: 0, prices gone: 0"),
    ("/prices?group=region", "Prices"),
])  # fmt: skip
def test_other_pages_count_prices(desk: Place, address: str, said: str) -> None:
    assert said in text(desk, address)


def test_a_shop_with_one_place_counts_products(tmp_path: Path) -> None:
    one = place(tmp_path / "one")
    page = text(one, "/what-if")
    assert "products: " in page and "Products whose price changes" in page and "prices: " not in page


def test_a_price_for_a_product_of_several_shops_can_be_asked_of_one_or_of_all(desk: Place) -> None:
    asked = "/what-if?add=set_price&product=P3&price=8.20"
    found = told(desk, asked)
    assert found["trouble"]["what"] == "'P3' is 4 products"
    assert [one["product"] for one in found["meant"]] == [*(f"P3 · {shop}" for shop in SHOPS), ""]
    page = desk.client("viewer", "vera").get(asked, headers={"Accept": "text/html"}).text
    part = page[page.index('id="meant"') :].partition("</p>")[0]
    links = [html.unescape(one) for one in re.findall('href="([^"]*)"', part)]
    for link, shops in zip(links, [*([shop] for shop in SHOPS), list(SHOPS)], strict=True):
        answer = told(desk, link)
        assert answer["trouble"] is None and answer["meant"] == []
        assert [one["fields"]["product"] for one in answer["changes"]] == [f"P3 · {shop}" for shop in shops]
        assert all(one["fields"]["price"] == 8.2 for one in answer["changes"])


def test_one_shop_of_a_product_can_be_looked_at(desk: Place) -> None:
    found = told(desk, "/what-if?of_product=P3")
    assert [one["of_product"] for one in found["meant"]] == [f"P3 · {shop}" for shop in SHOPS]
    assert told(desk, "/what-if?of_product=P3 · wola")["products"] == 1
    assert told(desk, "/what-if?add=set_cost&product=P3&cost=2")["meant"] == [], "a SKU alone is its cost everywhere"
