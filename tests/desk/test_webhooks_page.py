"""The page Webhooks: one is added, tested and removed by an admin; the secret is shown once and stands nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.web.words import catalogue
from pricesmith.contracts.accounts import Role
from pricesmith.contracts.errors import ShopError
from pricesmith.flows.desk.webhooks import deliveries
from pricesmith.flows.desk.webhooks.endpoints import EVENTS, MOST, endpoints, secret_of
from pricesmith.flows.desk.webhooks.telling import Telling
from pricesmith.flows.publishing.sending import switch

from .place import Place, csrf, place, post
from .test_webhooks import SECOND, WEBHOOK, Other

URL = "https://hooks.example.com/services/T0/hidden-part"
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def made(client: TestClient, name: str = "erp", address: str = URL, **events: object) -> httpx.Response:
    return client.post("/webhooks", data={"_csrf": csrf(client, "/sign-in"), "name": name, "address": address, **events})  # type: ignore[return-value,dict-item]


def shown(client: TestClient) -> Any:
    return client.get("/webhooks", headers={"Accept": "application/json"}).json()


def telling(found: Place, other: Other) -> Telling:
    return Telling(found.desk.reading, found.accounts.kept, other, partial(secret_of, found.folder))


def secret_in(answer: httpx.Response) -> str:
    found = re.search(r"<pre[^>]*>(whsec_[^<]+)</pre>", answer.text)
    assert found is not None, answer.text
    return found[1]


def test_the_secret_is_shown_once_and_stands_nowhere(desk: Place) -> None:
    admin = desk.client("admin")
    answer = made(admin, events=["stopped", "accepted"])
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    secret = secret_in(answer)
    page = admin.get("/webhooks", headers={"Accept": "text/html"}).text
    assert secret not in page and URL in page
    (one,) = shown(admin)["webhooks"]
    assert (one["name"], one["acts"], one["by"], one["address"], one["state"]) == ("erp", ["accepted", "stopped"], "admin", URL, "works")
    acts = desk.desk.reading.rows("audit").tail(2)
    assert acts.select("by", "act").rows() == [("admin", "asked_webhook"), ("admin", "made_webhook")]
    assert acts["subject"].to_list() == ["erp at hooks.example.com: accepted, stopped"] * 2
    kept = [deliveries.texts(desk.accounts.kept, kind) for kind in ("webhook", "webhook made")]
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(raw) == 32 and secret not in str(kept) and raw.hex() not in str(kept)
    assert not [file for file in desk.folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_a_program_of_an_admin_adds_tests_and_removes_one(desk: Place) -> None:
    admin = desk.client("admin")
    token = {"X-CSRF-Token": csrf(admin)}
    fresh = {"name": "erp", "address": URL, "events": ["stopped"]}
    answer = admin.post("/api/v1/webhooks", json=fresh, headers=token)
    assert answer.json()["name"] == "erp" and answer.json()["secret"].startswith("whsec_")
    (one,) = admin.get("/api/v1/webhooks").json()["webhooks"]
    assert (one["webhook"], one["acts"], one["by"]) == ("erp", ["stopped"], "admin")
    assert admin.post("/api/v1/webhooks/erp/test", headers=token).json() == {"webhook": "erp"}
    assert shown(admin)["testing"]
    missing = admin.delete("/api/v1/webhooks/epr", headers=token)
    assert missing.status_code == 404 and "erp" in missing.json()["detail"] + missing.json()["hint"]
    assert admin.delete("/api/v1/webhooks/erp", headers=token).json() == {"webhook": "erp"}
    assert admin.get("/api/v1/webhooks").json()["webhooks"] == []
    assert desk.client("approver").post("/api/v1/webhooks", json=fresh).status_code == 403


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_others_see_without_the_address(desk: Place, role: Role) -> None:
    made(desk.client("admin"))
    client = desk.client(role)
    (one,) = shown(client)["webhooks"]
    assert (one["host"], one["address"]) == ("hooks.example.com", "")
    page = client.get("/webhooks", headers={"Accept": "text/html"}).text
    assert "hidden-part" not in page and 'action="/webhooks' not in page
    for address in ("/webhooks", "/webhooks/test", "/webhooks/remove"):
        assert post(client, address, webhook=one["webhook"]).status_code == 403


def test_it_is_told_of_what_comes_after_it_and_signs_with_what_was_shown(desk: Place) -> None:
    secret = secret_in(made(desk.client("admin"), events=["stopped"]))
    other, at = Other(), desk.desk.reading.now()
    switch.stop(desk.desk.reading.book, by="anna", at=at, why="one")
    assert telling(desk, other).round(at) == 1 and other.acts == ["stopped"]
    ((url, headers, body),) = other.got
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert url == URL
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert accepted(headers, body, secret, float(headers["webhook-timestamp"]))
    assert not accepted(headers, body + b" ", secret, float(headers["webhook-timestamp"]))
    assert not accepted(headers, body, secret, float(headers["webhook-timestamp"]) + 301)


def accepted(headers: Any, body: bytes, secret: str, now: float) -> bool:
    """What the lines in the docs say of a message."""
    (lines,) = re.findall(r"```python\n(import base64.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(lines, room)
    return bool(room["genuine"](headers, body, secret, now))


def test_a_test_goes_out_in_the_next_round_whatever_waits(desk: Place) -> None:
    admin, other, at = desk.client("admin"), Other([500, 401, 200]), desk.desk.reading.now()
    made(admin)
    now = telling(desk, other)
    assert now.round(at) == 0
    (one,) = shown(admin)["webhooks"]
    assert (one["state"], one["failures"], one["behind"]) == ("waits", 1, 1)
    for status, state, taken in ((401, "waits", 0), (200, "works", 3)):
        assert post(admin, "/webhooks/test", webhook=one["webhook"]).headers["location"] == "/webhooks"
        assert shown(admin)["testing"] and "data-again" in admin.get("/webhooks", headers={"Accept": "text/html"}).text
        at += SECOND
        assert now.round(at) == taken, "a test that is taken lets what waits follow"
        (seen,) = shown(admin)["webhooks"]
        tests = [(row["status"], row["tries"]) for row in seen["deliveries"] if row["act"] == "test"]
        assert (tests[0], seen["state"], seen["testing"]) == ((status, 1), state, False)
    sent = msgspec.json.decode(other.got[1][2])
    assert (sent["type"], sent["data"]) == ("test", {"by": "admin"})
    (seen,) = shown(admin)["webhooks"]
    assert (seen["state"], seen["failures"], seen["behind"]) == ("works", 0, 0)
    assert now.round(at + SECOND) == 0, "a test is sent once"


def test_deliveries_say_what_the_receiver_answered(desk: Place) -> None:
    admin, at = desk.client("admin"), desk.desk.reading.now()
    other = Other([ShopError("hooks.example.com cannot be reached: TimeoutError"), 503])
    made(admin)
    now = telling(desk, other)
    now.round(at)
    now.round(at + 10 * SECOND)
    (one,) = shown(admin)["webhooks"]
    (row,) = one["deliveries"]
    assert (row["act"], row["tries"], row["status"], row["error"]) == ("made_webhook", 2, 503, "it answered 503")
    chinese = admin.get("/webhooks", headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "未被接收" in chinese and "503" in chinese
    assert admin.get("/api/v1/webhooks").json()["webhooks"][0]["deliveries"] == one["deliveries"]
    for number in range(deliveries.KEPT + 3):
        switch.stop(desk.desk.reading.book, by="anna", at=at + number * SECOND, why=str(number))
    now.round(at + 60 * SECOND)
    assert len(shown(admin)["webhooks"][0]["deliveries"]) == deliveries.KEPT


def test_one_that_is_removed_is_told_nothing_more(desk: Place) -> None:
    admin, other, at = desk.client("admin"), Other(), desk.desk.reading.now()
    made(admin)
    now = telling(desk, other)
    now.round(at)
    (one,) = shown(admin)["webhooks"]
    post(admin, "/webhooks/test", webhook=one["webhook"])
    assert post(admin, "/webhooks/remove", webhook=one["webhook"]).status_code == 303
    count = len(other.got)
    switch.stop(desk.desk.reading.book, by="anna", at=at, why="one")
    assert now.round(at) == 0 and len(other.got) == count and shown(admin)["webhooks"] == []
    assert post(admin, "/webhooks/remove", webhook=one["webhook"]).status_code == 404
    assert not any(deliveries.texts(desk.accounts.kept, kind) for kind in ("webhook", "webhook made", "webhook test"))
    made(admin)
    assert now.round(at) == 1 and other.acts[count:] == ["made_webhook"], "the same name again begins anew"


def test_one_of_the_file_is_shown_and_tested_but_not_removed(desk: Place) -> None:
    with (desk.folder / "shop.toml").open("a", encoding="utf-8") as file:
        file.write(WEBHOOK)
    admin = desk.client("admin")
    (one,) = shown(admin)["webhooks"]
    assert (one["webhook"], one["by"], one["made_at"], one["state"]) == ("erp", "", None, "new")
    assert post(admin, "/webhooks/remove", webhook="erp").status_code == 422
    assert made(admin, "ERP").status_code == 422, "nor is there another of its name"
    assert post(admin, "/webhooks/test", webhook="erp").status_code == 303
    now = telling(desk, Other())
    now.round(desk.desk.reading.now())
    (row,) = shown(admin)["webhooks"][0]["deliveries"]
    assert (row["act"], row["status"], row["error"]) == ("test", None, "its secret is not there")


@pytest.mark.parametrize(
    ("name", "address", "events"),
    [("", URL, []), ("x" * 61, URL, []), ("a", "http://hooks.example.com/", []), ("a", "https://localhost/", []), ("a", URL, ["nothing"])],
)
def test_what_cannot_be_is_refused_at_once(desk: Place, name: str, address: str, events: list[str]) -> None:
    admin, before = desk.client("admin"), desk.desk.reading.rows("audit").height
    assert made(admin, name, address, events=events).status_code in (404, 422)
    assert shown(admin)["webhooks"] == [] and desk.desk.reading.rows("audit").height == before


def test_there_are_no_more_than_some(desk: Place) -> None:
    admin = desk.client("admin")
    assert {made(admin, f"erp {number}").status_code for number in range(MOST)} == {200}
    assert made(admin, "one more").status_code == 422


def test_another_ledger_key_signs_nothing_in_silence(desk: Place) -> None:
    admin, other, at = desk.client("admin"), Other(), desk.desk.reading.now()
    made(admin)
    (desk.folder / "ledger.key").unlink()
    (one,) = endpoints(desk.desk.reading.policy, desk.accounts.kept)
    assert telling(desk, other).round(at) == 0 and not other.got
    (seen,) = shown(admin)["webhooks"]
    assert (seen["webhook"], seen["error"]) == (one.mark, "its signing secret went with another ledger.key")


def test_every_event_has_its_words() -> None:
    assert not [name for name in EVENTS if f"act_{name}" not in catalogue()]


def test_the_empty_page_says_what_to_do(desk: Place) -> None:
    for role, key in (("admin", "wh_none_admin"), ("viewer", "wh_none_others")):
        text = desk.client(role).get("/webhooks", headers={"Accept": "text/html"}).text  # type: ignore[arg-type]
        assert catalogue()[key]["en"] in text and "HMAC-SHA256" in text
