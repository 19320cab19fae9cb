"""The API as a program uses it: resources, cursors, changes with a key and an Idempotency-Key."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.contracts.ledger import APPLIED, Act
from pricesmith.flows import wiring

from .place import Place, csrf, place
from .working import at_once


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return at_once(place(tmp_path / "shop"))


def program(desk: Place, *scopes: str, role: str = "approver") -> TestClient:
    """A program with a key; each change carries a fresh Idempotency-Key unless it names one."""
    client = desk.client()
    client.cookies.clear()
    client.headers.update({"Authorization": f"Bearer {desk.key(role, *scopes)}"})  # type: ignore[arg-type]
    return client


def change(client: TestClient, address: str, body: dict[str, Any], again: str = "") -> Any:
    return client.post(address, json=body, headers={"Idempotency-Key": again or secrets.token_hex(16)})


def test_a_list_goes_on_where_it_was(desk: Place) -> None:
    client = program(desk, "read", "draft")
    whole = client.get(f"/api/v1/runs/{desk.run}/decisions", params={"limit": 1000}).json()
    assert whole["next"] is None and whole["found"] == len(whole["decisions"]) > 3
    seen, cursor = [], ""
    while True:
        part = client.get(f"/api/v1/runs/{desk.run}/decisions", params={"limit": 3, "cursor": cursor}).json()
        seen += part["decisions"]
        cursor = part["next"]
        if cursor is None:
            break
    assert seen == whole["decisions"]
    assert all(isinstance(row["price"], int) for row in seen if row["action"] == "change") and whole["currency"] == "EUR"


def test_a_list_tells_of_a_price_what_the_page_does(desk: Place) -> None:
    reading, client = desk.desk.reading, program(desk, "read")
    key = reading.run(desk.run).changes.select("sku", "channel", "region").row(0, named=True)
    seen = {**key, "target": "web", "at": reading.now(), "price": 1234, "currency": "EUR", "cause": "drift", "intent": None}
    reading.book.append(Act(reading.now(), "w", "read", "web"), {"applied": pl.DataFrame([seen], schema=APPLIED.schema)})
    page = desk.client("viewer").get("/prices?size=200", headers={"Accept": "application/json"}).json()["rows"]
    listed = client.get(f"/api/v1/runs/{desk.run}/decisions", params={"limit": 1000}).json()["decisions"]
    told = [{row["sku"]: (row["because"], row["in_shop"]) for row in rows} for rows in (page, listed)]
    assert told[0].items() <= told[1].items() and sum(row["because"] is not None for row in listed) > 8
    (elsewhere,) = (row for row in listed if row["in_shop"])
    assert (elsewhere["sku"], elsewhere["in_shop"]["price"], elsewhere["in_shop"]["run"]) == (key["sku"], 1234, None)


def test_a_cursor_is_stable_while_people_answer_and_runs_come(desk: Place) -> None:
    client = program(desk, "read", "approve", "draft")
    address, filters = f"/api/v1/runs/{desk.run}/decisions", {"action": "change", "sort": "move", "order": "down", "limit": 2}
    whole = client.get(address, params={**filters, "limit": 1000}).json()["decisions"]
    first = client.get(address, params=filters).json()
    assert change(client, f"/api/v1/runs/{desk.run}/verdicts", {"answer": "accept"}).json()["count"] == len(whole)
    rest = client.get(address, params={**filters, "limit": 1000, "cursor": first["next"]}).json()["decisions"]
    assert [row["sku"] for row in first["decisions"] + rest] == [row["sku"] for row in whole]

    acts = client.get("/api/v1/audit", params={"limit": 1}).json()
    change(client, "/api/v1/views", {"name": "a", "query": "sort=move"})
    change(client, f"/api/v1/runs/{desk.run}/verdicts", {"answer": "withdraw"})
    rest = client.get("/api/v1/audit", params={"limit": 1000, "cursor": acts["next"]}).json()["acts"]
    assert [act["seq"] for act in rest] == list(range(acts["acts"][0]["seq"] - 1, 0, -1))


@pytest.mark.parametrize("cursor", ["x", "\x00", "e30", "WyJhIiwxXQ", "😀", "%%%", "W10", "A" * 3000])
def test_a_cursor_of_ones_own_making_is_refused(cursor: str, desk: Place) -> None:
    client = program(desk, "read")
    for address in ("/api/v1/runs", "/api/v1/audit", f"/api/v1/runs/{desk.run}/decisions"):
        answer = client.get(address, params={"cursor": cursor})
        assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json", answer.text


def test_a_cursor_is_good_for_its_list_alone(desk: Place) -> None:
    client = program(desk, "read")
    address = f"/api/v1/runs/{desk.run}/decisions"
    cursor = client.get(address, params={"limit": 1}).json()["next"]
    assert client.get(address, params={"limit": 5, "cursor": cursor}).status_code == 200
    assert client.get(address, params={"limit": 1, "cursor": cursor, "order": "down"}).json()["code"] == "bad_cursor"
    assert client.get("/api/v1/audit", params={"cursor": cursor}).json()["code"] == "bad_cursor"


def test_a_product_an_override_and_a_stop(desk: Place) -> None:
    client = program(desk, "read", "draft", "stop", "approve")
    row = client.get(f"/api/v1/runs/{desk.run}/decisions", params={"action": "change", "limit": 1}).json()["decisions"][0]
    one = client.get(f"/api/v1/products/{row['sku']}").json()
    assert one["decided"]["price"] == row["price"] and one["seen"]["curve"]["candidates"]
    body = {"sku": row["sku"], "price": one["seen"]["near"][0], "currency": "EUR", "why": "a test"}
    address = f"/api/v1/runs/{desk.run}/overrides"
    assert change(client, address, {**body, "currency": "USD"}).json()["code"] == "other_currency"
    assert change(client, address, {**body, "price": "1"}).status_code == 422
    made = change(client, address, body).json()["run"]
    runs = client.get("/api/v1/runs").json()["runs"]
    assert [run["run"] for run in runs] == [made, desk.run]
    assert change(client, "/api/v1/switches/stop", {"why": "a test"}).json()["stopped"][0]["by"] == "approver"
    assert change(client, "/api/v1/switches/resume", {}).json()["released"] is False
    assert client.get("/api/v1/switches").json()["stopped"][0]["asked_by"] == "approver"


def test_who_asked_for_prices_does_not_approve_them(desk: Place) -> None:
    client = program(desk, "read", "draft", "approve")
    row = client.get(f"/api/v1/runs/{desk.run}/decisions", params={"action": "change", "limit": 1}).json()["decisions"][0]
    near = client.get(f"/api/v1/products/{row['sku']}").json()["seen"]["near"][0]
    body = {"sku": row["sku"], "price": near, "currency": "EUR", "why": "a test"}
    made = change(client, f"/api/v1/runs/{desk.run}/overrides", body).json()["run"]
    assert change(client, f"/api/v1/runs/{made}/verdicts", {"answer": "accept"}).status_code == 422


def test_a_dry_run_is_a_job(desk: Place) -> None:
    client = program(desk, "read", "draft", "publish")
    begun = change(client, f"/api/v1/runs/{desk.run}/dry-runs", {"to": "web"}).json()
    assert client.get(f"/api/v1/jobs/{begun['job']}").json()["state"] == "done"
    assert client.get(f"/api/v1/runs/{desk.run}/dry-runs", params={"to": "web"}).json()["run"] == desk.run
    assert change(client, f"/api/v1/runs/{desk.run}/publications", {"to": "web", "sure": False}).status_code == 422
    assert change(client, f"/api/v1/runs/{desk.run}/publications", {"to": "web", "sure": True}).status_code == 422, "not attested"
    assert change(client, f"/api/v1/runs/{desk.run}/dry-runs", {"to": "nowhere"}).status_code in (404, 422)


def test_drafts_and_views_are_kept(desk: Place) -> None:
    client = program(desk, "read", "draft")
    kept = change(client, "/api/v1/drafts", {"text": "currency = 'EUR'\n", "name": "mine"}).json()
    assert client.get(f"/api/v1/drafts/{kept['draft']}").json()["current"] is True
    assert [one["name"] for one in client.get("/api/v1/drafts").json()["drafts"]] == ["mine"]
    view = change(client, "/api/v1/views", {"name": "big", "query": "sort=move"}).json()["view"]
    assert client.get(f"/api/v1/views/{view}").json()["query"] == "sort=move"
    for address in (f"/api/v1/views/{view}", f"/api/v1/drafts/{kept['draft']}"):
        assert client.delete(address, headers={"Idempotency-Key": secrets.token_hex(16)}).status_code == 200
        assert client.get(address).status_code == 404
        assert client.delete(address, headers={"Idempotency-Key": secrets.token_hex(16)}).status_code == 404


def test_keys_and_people_are_for_people_who_are_signed_in(desk: Place) -> None:
    admin = desk.client("admin")
    token = {"X-CSRF-Token": csrf(admin)}
    assert admin.post("/api/v1/people", json={"name": "Ben", "password": "a sentence of words", "role": "analyst"}, headers=token).json()
    assert admin.post("/api/v1/people/Ben", json={"role": "viewer"}, headers=token).json() == {"name": "Ben"}
    made = admin.post("/api/v1/keys", json={"label": "till", "scopes": ["read"]}, headers=token).json()
    with_key = {"Authorization": f"Bearer {made['key']}"}
    plain = TestClient(admin.app, base_url="http://localhost")
    assert plain.get("/api/v1/me", headers=with_key).json()["scopes"] == ["read"]
    assert plain.post("/api/v1/keys", json={}, headers={**with_key, "Idempotency-Key": "0" * 16}).status_code == 403
    assert admin.delete(f"/api/v1/keys/{made['handle']}", headers=token).status_code == 200
    assert plain.get("/api/v1/me", headers=with_key).status_code == 401


@pytest.mark.parametrize("again", ["", "short", "x" * 15, "x" * 101])
def test_a_change_with_a_key_needs_an_idempotency_key(again: str, desk: Place) -> None:
    client, before = program(desk, "read", "stop"), desk.desk.reading.book.read("audit").height
    answer = client.post("/api/v1/switches/stop", json={}, headers={"Idempotency-Key": again} if again else {})
    assert answer.status_code == 422 and answer.json()["code"] == "idempotency_key"
    assert desk.desk.reading.book.read("audit").height == before


def test_the_same_key_gets_the_same_bytes_and_another_body_is_refused(desk: Place) -> None:
    client, again = program(desk, "read", "stop"), "the same each time"
    first = change(client, "/api/v1/switches/stop", {"why": "one"}, again)
    height = desk.desk.reading.book.read("audit").height
    second = change(client, "/api/v1/switches/stop", {"why": "one"}, again)
    assert (first.status_code, first.content) == (second.status_code, second.content) and second.headers["idempotent-replay"] == "true"
    assert change(client, "/api/v1/switches/stop", {"why": "two"}, again).status_code == 422
    assert change(client, "/api/v1/switches/resume", {"why": "one"}, again).status_code in (403, 422)
    assert desk.desk.reading.book.read("audit").height == height


def test_fifty_at_once_do_it_once(desk: Place) -> None:
    """With the accounts of the ledger's own database, as `serve` has them."""
    desk.desk = replace(desk.desk, accounts=wiring.accounts_of(desk.folder, desk.desk.reading.policy))
    client, again = program(desk, "read", "draft"), secrets.token_hex(16)
    with ThreadPoolExecutor(50) as pool:
        asked = [pool.submit(change, client, "/api/v1/drafts", {"text": "x"}, again) for _ in range(50)]
        answers = [one.result() for one in asked]
    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}
    assert sum("idempotent-replay" not in one.headers for one in answers) == 1
    assert len(client.get("/api/v1/drafts").json()["drafts"]) == 1
