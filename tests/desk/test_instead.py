"""A price that is suggested in place of one that a guard would hold is accepted by every rule, and no guard is foreseen to hold it."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from .feed import feed, settings, state, told
from .place import csrf, place, post

pytestmark = pytest.mark.real  # long

USUAL = "max_step = 0.15 "
BOUNDED = '\n[[rule]]\nkind = "index_limit"\nmax_move = 0.004\n'
CASES = {
    "step": (USUAL, "max_step = 0.05 "),
    "above_ceiling": ("[guards]\n", "[guards]\nceiling = 1.03\n"),
    "below_floor": ("[guards]\n", "[guards]\nmin_margin = 0.8\n"),
}
"""Code -> the settings under which a guard holds some changes for it, and lets others through."""


def held(client: TestClient) -> list[dict[str, Any]]:
    return told(client, "/prices?outlook=held&size=200")["rows"]  # type: ignore[no-any-return]


def set_price(client: TestClient, row: dict[str, Any], run: str, price: int) -> httpx.Response:
    where = {"channel": row["channel"], "region": row["region"]}
    given = {"_csrf": csrf(client, "/sign-in"), "run": run, "price": f"{price / 100:.2f}", "why": "instead", **where}
    return client.post(f"/products/{row['sku']}", data=given, headers={"Accept": "application/json"})


def seen(client: TestClient, row: dict[str, Any]) -> dict[str, Any]:
    found = told(client, f"/products/{row['sku']}?channel={row['channel']}&region={row['region']}")
    return {**found["seen"], "held": found["held"]}


@pytest.mark.parametrize("code", CASES)
def test_each_suggested_price_is_accepted_and_not_foreseen_to_be_held(tmp_path: Path, code: str) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, *CASES[code])
    anna = desk.client("analyst", "anna")
    rows = [row for row in held(anna) if row["held"]["code"] == code]
    offers = [(row, price) for row in rows for price in seen(anna, row)["near"]]
    assert offers, "otherwise this shows nothing"
    for row, price in offers[:: max(len(offers) // 6, 1)]:
        made = set_price(anna, row, desk.run, price)
        assert made.status_code == 200, made.text
        run = made.json()["run"]
        assert state(anna, run)["foreseen"]["changes"] == 0
        assert told(anna, f"/prices?run={run}&reason=override")["rows"][0]["price"] == price


def test_prices_that_are_left_out_for_a_guard_are_held_once_they_are_set(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, *CASES["step"])
    anna = desk.client("analyst", "anna")
    found = [(row, one) for row in held(anna) for one in seen(anna, row)["guarded"]]
    assert found
    for row, one in found[:3]:
        made = set_price(anna, row, desk.run, one["prices"][0]).json()
        assert state(anna, made["run"])["foreseen"]["caught"] == [{"guard": one["guard"], "code": one["code"], "count": 1}]
        page = anna.get(f"/products/{row['sku']}", headers={"Accept": "text/html"}).text
        assert "would be held by a guard:" in page


@pytest.mark.parametrize(
    ("language", "none", "forbids"),
    [
        ("en", "No other price can be set now that every rule accepts and every guard lets through.", "what forbids it: price endings"),
        ("zh", "目前没有既符合全部规则、又能通过全部护栏的其他价格。", "限制来自：价格尾数"),
    ],
)
def test_where_nothing_passes_both_the_page_names_what_stands_in_the_way(tmp_path: Path, language: str, none: str, forbids: str) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, "[guards]\n", "[guards]\nceiling = 1.0001\n")
    settings(desk, USUAL, "max_step = 0.001 ")
    anna = desk.client("analyst", "anna")
    rows = [(row, seen(anna, row)) for row in held(anna)]
    stuck = [(row, one["blocked"]) for row, one in rows if not one["near"]]
    assert stuck and all(one["blocked"] is None for _, one in rows if one["near"])
    for row, one in stuck[:5]:
        page = anna.get(f"/products/{row['sku']}", headers={"Accept": "text/html", "Accept-Language": language}).text
        said = html.unescape(re.sub(r"<[^>]+>", "", page.split('id="instead">')[1].split("</p>")[0]))
        assert none in said
        assert (f"{one['low'] / 100:,.2f}" in said) if one["low"] else True
        if one["price"] is not None:
            assert f"{one['price'] / 100:,.2f}" in said and (one["names"] or one["held"] or one["same"])
            refused = set_price(anna, row, desk.run, one["price"])
            held_ = refused.status_code == 200 and state(anna, refused.json()["run"])["foreseen"]["changes"]
            assert refused.status_code == 422 or held_, "what is said to stand in the way does"


def test_a_rule_over_the_whole_shop_leaves_out_what_the_guards_would_let_through(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop", BOUNDED)
    settings(desk, USUAL, "max_step = 0.05 ")
    anna = desk.client("analyst", "anna")
    found = [(row, seen(anna, row)) for row in held(anna)]
    assert any(one["barred"] for _, one in found)
    made = 0
    for row, _ in found[:6]:
        for price in seen(anna, row)["near"][:1]:  # what is set takes up room of the others
            answer = set_price(anna, row, desk.run, price)
            assert answer.status_code == 200 and state(anna, answer.json()["run"])["foreseen"]["changes"] == 0
            made += 1
    assert made


def test_what_is_refused_names_only_prices_that_pass(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, *CASES["step"])
    anna, checked = desk.client("analyst", "anna"), 0
    for row in held(anna)[:4]:
        hint = set_price(anna, row, desk.run, row["current_price"] + 1).json()["hint"]
        if not hint.startswith("Publishable near it: "):
            continue
        for text in hint.partition(": ")[2].split(", ")[:2]:
            made = set_price(anna, row, desk.run, round(100 * float(text)))
            assert made.status_code == 200 and state(anna, made.json()["run"])["foreseen"]["changes"] == 0
            checked += 1
    assert checked


def test_no_list_offers_the_limit_of_one_guard_as_a_price_to_set(tmp_path: Path) -> None:
    desk = feed(tmp_path / "shop")
    settings(desk, *CASES["step"])
    anna = desk.client("approver", "anna")
    page = anna.get("/prices?outlook=held", headers={"Accept": "text/html"}).text
    assert "names the prices that pass all of them" in page
    post(anna, f"/runs/{desk.run}/accept", sure="1", held="1")
    post(anna, f"/runs/{desk.run}/dry-run", to="web")
    page = anna.get(f"/runs/{desk.run}/dry-run?to=web&verdict=held", headers={"Accept": "text/html"}).text
    assert "this guard lets through" in page and "names the prices that pass all of them" in page
