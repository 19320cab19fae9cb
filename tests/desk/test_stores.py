"""A chain: one act gives every store its price file and shop, and one act publishes a run to all of them, each with its own intents."""

from __future__ import annotations

import csv
import html
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from .feed import QUIET, attested, settings, state, told
from .place import Place, post
from .stores import STORES, chain
from .working import at_once

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = at_once(chain(tmp_path / "shop"))
    settings(found, "[guards]\n", QUIET)
    return found


def made(desk: Place, **fields: Any) -> TestClient:
    admin = desk.client("admin", "ada")
    assert post(admin, "/shops/make-feeds", count=len(STORES), **fields).status_code == 303
    return admin


def prices(desk: Place, store: str) -> dict[str, str]:
    with (desk.folder / f"{store}.csv").open(encoding="utf-8", newline="") as file:
        return {row["sku"]: row["price"] for row in csv.DictReader(file)}


def now(desk: Place, store: str, column: str = "current_price") -> dict[str, str]:
    rows = desk.desk.reading.run(desk.run).decided.filter((pl.col("channel") == store) & (pl.col("current_price") > 0))
    return {sku: f"{price / 100:.2f}" for sku, price in rows.select("sku", column).iter_rows()}


def test_one_act_gives_every_store_a_file_and_a_shop_named_after_it(desk: Place) -> None:
    admin = desk.client("admin", "ada")
    lacking = told(admin, "/shops")["lacking"]
    assert [(one["channel"], one["name"], one["file"]) for one in lacking] == [(name, name, f"{name}.csv") for name in STORES]
    assert 'action="/shops/make-feeds"' in admin.get("/shops", headers=HTML).text
    assert post(admin, "/shops/make-feeds", count=2).status_code == 409
    assert post(desk.client("approver", "ann"), "/shops/make-feeds", count=3).status_code == 403
    assert desk.desk.reading.policy.shops == {}
    admin = made(desk)
    page = html.unescape(admin.get("/shops", headers=HTML).text)
    assert f"Files made and connected: {len(STORES)}" in page and 'action="/shops/make-feeds"' not in page
    assert {name: (one.channel, one.url) for name, one in desk.desk.reading.policy.shops.items()} == {
        name: (name, f"{name}.csv") for name in STORES
    }
    assert all(prices(desk, name) == now(desk, name) for name in STORES)
    assert told(admin, "/shops")["lacking"] == [] and post(admin, "/shops/make-feeds").status_code == 422


def test_what_is_there_already_is_neither_taken_nor_written_over(desk: Place) -> None:
    admin = desk.client("admin", "ada")
    (desk.folder / "south.csv").write_text("mine", encoding="utf-8")
    asked = {"platform": "csv_feed", "name": "west", "url": "n.csv", "channel": "north", "region": "default"}
    assert post(admin, "/shops/make-feed", **asked).status_code == 303
    assert [(one["channel"], one["name"]) for one in told(admin, "/shops")["lacking"]] == [("south", "south-2"), ("west", "west-2")]
    assert post(admin, "/shops/make-feeds", options=["delimiter"], _values=[";"]).status_code == 303
    assert (desk.folder / "south.csv").read_text(encoding="utf-8") == "mine"
    assert (desk.folder / "west-2.csv").read_text(encoding="utf-8").startswith("sku;price")


def test_one_act_publishes_to_all_of_them(desk: Place) -> None:
    admin = made(desk)
    anna, ben, run = desk.client("approver", "anna"), desk.client("admin", "ben"), f"/runs/{desk.run}"
    assert post(admin, f"{run}/publish-all", sure="1").status_code == 422, "nothing is accepted"
    for who in (anna, ben):
        post(who, f"{run}/accept", sure="1")
    attested(desk, anna, ben)
    everywhere = told(admin, run)["everywhere"]
    assert set(everywhere) == set(STORES) and sum(everywhere.values()) == state(admin, desk.run)["states"]["ready"]
    page = admin.get(run, headers=HTML).text
    assert 'id="everywhere"' in page and f"shops: {len(STORES)})" in page
    asked = {"count": sum(everywhere.values()), "shops": len(STORES)}
    assert post(admin, f"{run}/publish-all", **asked).status_code == 422, "nobody ticked that it is meant"
    assert post(admin, f"{run}/publish-all", **{**asked, "count": 1}, sure="1").status_code == 409
    answer = post(admin, f"{run}/publish-all", **asked, sure="1")
    assert answer.status_code == 303, answer.text
    receipts = desk.desk.reading.rows("intents").group_by("target").len()
    assert dict(receipts.iter_rows()) == everywhere
    asked_for = desk.desk.reading.rows("audit").filter(pl.col("act") == "asked_publish")
    assert asked_for.height == len(STORES) and set(asked_for["by"]) == {"ada"}
    assert told(admin, run)["everywhere"] == {} and 'id="everywhere"' not in admin.get(run, headers=HTML).text


def test_a_store_that_is_stopped_is_left_out_and_the_others_are_not(desk: Place) -> None:
    admin = made(desk)
    anna, ben, run = desk.client("approver", "anna"), desk.client("admin", "ben"), f"/runs/{desk.run}"
    for who in (anna, ben):
        post(who, f"{run}/accept", sure="1")
    attested(desk, anna, ben)
    assert post(admin, "/stop", scope="target", name="south", why="till is down").status_code == 303
    assert set(told(admin, run)["everywhere"]) == {"north", "west"}
    assert post(admin, f"{run}/publish-all", sure="1").status_code == 303
    assert set(desk.desk.reading.rows("intents")["target"]) == {"north", "west"}
    post(admin, "/stop", scope="all", name="", why="all")
    assert told(admin, run)["everywhere"] == {}


def test_nothing_leaves_to_any_of_them_while_a_guard_would_hold_prices_of_one_and_nobody_says_that_it_is_meant(desk: Place) -> None:
    admin = made(desk)
    settings(desk, "max_step = 0.15 ", "max_step = 0.0001 ")
    anna, ben, run = desk.client("approver", "anna"), desk.client("admin", "ben"), f"/runs/{desk.run}"
    for who in (anna, ben):
        post(who, f"{run}/accept", sure="1", held="1")
    attested(desk, anna, ben)
    form = admin.get(run, headers=HTML).text.split('id="everywhere"')[1].split("</form>")[0]
    assert "Guards would hold prices of these shops, or stop them: north, south, west" in form and 'name="anyway"' in form
    refused = post(admin, f"{run}/publish-all", sure="1")
    assert refused.status_code == 422 and desk.desk.reading.rows("intents").is_empty()
    assert post(admin, f"{run}/publish-all", sure="1", anyway="1").status_code == 303
