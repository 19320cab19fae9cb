"""One price for many products at once: exactly as it is typed, for whoever may have it, also where a rule binds them to one price."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from pricesmith.contracts.money import format_minor
from pricesmith.flows.desk.reading.ledger import KEY

from .place import Place, place, post
from .stores import STORES, chain

pytestmark = pytest.mark.real  # long

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


@pytest.fixture
def bound(tmp_path: Path) -> Place:
    return chain(tmp_path / "bound")


def keys(rows: list[dict[str, Any]]) -> list[str]:
    return ["\x1f".join(row[name] for name in KEY) for row in rows]


def shown(client: TestClient, query: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/prices?{query}", headers=JSON).json()
    return found


def said(answer: httpx.Response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def settable(desk: Place, client: TestClient) -> tuple[list[dict[str, Any]], int]:
    """Two products of the run that may have one price between them, and that price in minor units."""
    rows = [row for row in shown(client, "size=200")["rows"] if row["action"] != "hold"]
    near: dict[int, list[dict[str, Any]]] = {}
    for row in rows[:14]:
        seen = client.get(f"/products/{row['sku']}", headers=JSON).json()["seen"]
        for price in seen["near"]:
            near.setdefault(price, []).append(row)
    price, found = max(near.items(), key=lambda one: len(one[1]))
    return found[:2], price


@pytest.mark.parametrize("mark", [".", ","])
def test_the_chosen_products_get_the_price_that_was_typed(desk: Place, mark: str) -> None:
    client = desk.client("analyst", "anna")
    rows, price = settable(desk, client)
    typed = format_minor(price, "EUR").replace(".", mark)
    answer = post(client, "/prices/override", run=desk.run, products=keys(rows), price=typed, why="flyer")
    assert answer.status_code == 303, answer.text
    made = shown(client, urlsplit(answer.headers["location"]).query)
    assert {row["sku"]: row["price"] for row in made["rows"]} == {row["sku"]: price for row in rows}


def test_nothing_is_set_without_a_plain_price_or_with_a_percentage_beside_it(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    rows, price = settable(desk, client)
    asked = {"run": desk.run, "products": keys(rows), "why": "flyer"}
    for fields, told in (
        ({"price": "about 3"}, "is not a price"),
        ({"price": "0"}, "is not a price"),
        ({"price": format_minor(price, "EUR"), "percent": "5 %"}, "a percentage and a price are given"),
        ({}, "neither a percentage nor a price is given"),
    ):
        refused = post(client, "/prices/override", **asked, **fields)
        assert refused.status_code == 422 and told in said(refused), said(refused)
    assert post(client, "/prices/accept", run=desk.run, products=keys(rows), price="5").status_code in (403, 422)
    ben = desk.client("approver", "ben")
    refused = post(ben, "/prices/accept", run=desk.run, products=keys(rows), price="5")
    assert refused.status_code == 422 and "a price was given, but answers take the proposed prices" in said(refused)
    assert desk.desk.reading.rows("runs").height == 1 and desk.desk.reading.rows("verdicts").is_empty()


def test_who_cannot_have_it_stays_and_is_named(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    rows, price = settable(desk, client)
    dear = max(shown(client, "size=200&action=change")["rows"], key=lambda row: row["current_price"])
    typed = format_minor(price, "EUR")
    answer = post(client, "/prices/override", run=desk.run, products=keys([*rows, dear]), price=typed, why="flyer")
    assert answer.status_code == 303, said(answer)
    page = client.get(answer.headers["location"], headers=HTML)
    assert "Left as they are:" in said(page) and dear["sku"] in said(page) and "what forbids it:" in said(page)
    made = shown(client, urlsplit(answer.headers["location"]).query)
    assert {row["sku"] for row in made["rows"]} == {row["sku"] for row in rows}
    refused = post(client, "/prices/override", run=desk.run, products=keys([dear]), price=typed, why="flyer")
    assert refused.status_code == 422 and f"none of these products may be set to {typed} EUR" in said(refused)


def test_all_that_a_filter_finds_are_meant_also_those_that_the_run_does_not_change(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    rows, price = settable(desk, client)
    sku, typed = rows[0]["sku"], format_minor(price, "EUR")
    every = client.get(f"/prices/every?search={sku}", headers=JSON).json()
    assert 'name="price"' in client.get(f"/prices/every?search={sku}", headers=HTML).text
    asked = {"run": desk.run, "filter": f"search={sku}", "price": typed, "why": "flyer", "count": every["changes"]}
    assert post(client, "/prices/override", **asked).status_code == 422, "how many products were found has to be said"
    refused = post(client, "/prices/override", **asked, found=every["found"] + 1)
    assert refused.status_code == 409 and "products now, not" in said(refused)
    answer = post(client, "/prices/override", **asked, found=every["found"])
    assert answer.status_code == 303, said(answer)
    kept = shown(client, "action=keep")
    if kept["found"]:
        page = client.get("/prices/every?action=keep", headers=HTML).text
        assert 'formaction="/prices/override"' in page and 'formaction="/prices/accept"' not in page


def test_one_price_is_set_for_all_that_a_rule_binds_together(bound: Place) -> None:
    client = bound.client("analyst", "anna")
    sku, price = tied(bound, client)
    typed, at = format_minor(price, "EUR"), {"channel": "south", "region": "default"}
    assert f"Rules bind it to one price with other products: {len(STORES) - 1}" in said(client.get(f"/products/{sku}", headers=HTML))
    refused = post(client, f"/products/{sku}", run=bound.run, price=typed, why="as next door", **at)
    assert refused.status_code == 422 and "set it for all products that the rule binds to one price" in said(refused)
    to = re.search(r'href="(/prices/bound[^"]*)"', refused.text)
    assert to is not None
    address = html.unescape(to[1])
    page, told = client.get(address, headers=HTML).text, client.get(address, headers=JSON).json()
    assert [row["channel"] for row in told["rows"]] == ["south", "north", "west"] and {row["sku"] for row in told["rows"]} == {sku}
    assert f'required size="9" value="{typed}"' in page and 'value="as next door"' in page
    products = [html.unescape(one.replace("&#31;", "\x1f")) for one in re.findall(r'name="products" value="([^"]*)"', page)]
    some = post(client, "/prices/override", run=bound.run, products=products[:2], price=typed, why="x")
    assert some.status_code == 422, said(some)
    assert "2 prices together would break a rule over several products:" in said(some) and "same price" in said(some), said(some)
    answer = post(client, "/prices/override", run=bound.run, products=products, price=typed, why="as next door")
    assert answer.status_code == 303, said(answer)
    made = shown(client, urlsplit(answer.headers["location"]).query)
    assert [(row["sku"], row["price"]) for row in made["rows"]] == [(sku, price)] * len(STORES)


def tied(bound: Place, client: TestClient) -> tuple[str, int]:
    """A product of every store and another price in minor units that only the rule forbids it in one of them."""
    for row in shown(client, "size=200&action=change")["rows"]:
        seen = client.get(f"/products/{row['sku']}?channel=south", headers=JSON).json()["seen"]
        assert seen["tied"] == len(STORES) - 1
        for one in seen["barred"]:
            if not one["whole"] and one["prices"][0] != row["current_price"]:
                return row["sku"], one["prices"][0]
    raise AssertionError("the rule forbids nothing")


def test_a_product_that_is_bound_to_none_is_set_alone(desk: Place) -> None:
    client = desk.client("analyst", "anna")
    sku = shown(client, "action=change")["rows"][0]["sku"]
    assert client.get(f"/products/{sku}", headers=JSON).json()["seen"]["tied"] == 0
    assert 'id="tied"' not in client.get(f"/products/{sku}", headers=HTML).text
    assert "No rule binds this product to one price with others" in said(client.get(f"/prices/bound/{sku}", headers=HTML))
    assert client.get("/prices/bound/nothing", headers=JSON).status_code == 404
