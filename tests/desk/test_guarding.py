"""What keeps strangers out: other people's things, sessions without a token, too many requests, foreign names, bodies too large or deep."""

from __future__ import annotations

import logging
import re
import secrets
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.app import application
from pricesmith.apps.service.limits import Limits
from pricesmith.apps.service.route import Route
from pricesmith.apps.service.routes import every
from pricesmith.apps.service.serving import serve
from pricesmith.contracts.accounts import ROLES, Role
from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.ledger import LEDGER
from pricesmith.flows import wiring
from pricesmith.flows.desk.rules import drafts

from .place import PASSWORD, Place, csrf, place
from .working import at_once

API = [route for route in every() if route.api]
CHANGES = [route for route in API if route.changes]
OWNED = {"draft": "drafts", "view": "views", "handle": "keys"}
"""Part of an address -> what belongs to one person: everything else of the desk is shared by those who may see it."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    found = at_once(place(tmp_path_factory.mktemp("guarding") / "shop"))
    for role in ROLES:
        found.person(role, role)
    return found


@pytest.fixture(scope="module")
def things(desk: Place) -> dict[str, str]:
    """A draft, a view and a key of Victor, whom nobody else of the tests is."""
    desk.person("approver", "victor")
    accounts, at = desk.accounts, desk.desk.reading.now()
    draft = drafts.keep(accounts.kept, "victor", "secret plan", drafts.Draft("currency = 'EUR'  # canary", ""), at)
    view = accounts.kept.put("view", "victor", "secret view", "search=canary", at)
    return {"draft": draft, "view": view, "handle": accounts.keys.make("victor", "his", frozenset({"read"}), at, None)[0]}


def filled(route: Route, things: dict[str, str], desk: Place) -> str:
    known = {"run": desk.run, "sku": "none-such", "job": "none-such", "webhook": "none-such", "name": "victor", **things}
    return re.sub(r"\{(\w+)(?::path)?\}", lambda part: known[part[1]], route.path)


def people_of(route: Route) -> list[Role]:
    """Roles that are not told no by the scope alone, except the admin for keys, who may see and end everybody's."""
    return [role for role in ROLES if route.scope in ROLES[role] and not (role == "admin" and "{handle}" in route.path)]


FOREIGN = [(route, role) for route in API for role in people_of(route) if any(f"{{{part}}}" in route.path for part in OWNED)]


@pytest.mark.parametrize(("route", "role"), FOREIGN, ids=lambda one: getattr(one, "name", one))
def test_what_is_somebody_elses_is_not_there(route: Route, role: Role, desk: Place, things: dict[str, str]) -> None:
    """P30: whoever may use a route still meets only their own things."""
    client = desk.client(role)
    headers = {"X-CSRF-Token": csrf(client, "/sign-in")}
    answer = client.request(route.method, filled(route, things, desk), headers=headers)
    assert answer.status_code in (403, 404), answer.text
    assert "canary" not in answer.text and "secret" not in answer.text
    with_key = {"Authorization": f"Bearer {desk.key(role, 'read')}", "Idempotency-Key": secrets.token_hex(16)}
    answer = desk.client().request(route.method, filled(route, things, desk), headers=with_key)
    assert answer.status_code in (403, 404), answer.text


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
@pytest.mark.parametrize("part", OWNED.values())
def test_lists_hold_ones_own_things_alone(part: str, role: Role, desk: Place, things: dict[str, str]) -> None:
    text = desk.client(role).get(f"/api/v1/{part}").text
    assert "canary" not in text and "secret" not in text and "victor" not in text and things["handle"] not in text


def test_victors_things_are_still_there(desk: Place, things: dict[str, str]) -> None:
    client = desk.client("approver", "victor")
    assert "canary" in client.get(f"/api/v1/drafts/{things['draft']}").text
    assert "canary" in client.get(f"/api/v1/views/{things['view']}").text
    assert things["handle"] in client.get("/api/v1/keys").text


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "0" * 64},
        {"Origin": "http://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Idempotency-Key": "0" * 16},
    ],
    ids=["nothing", "wrong", "origin", "fetch", "again"],
)
def test_a_session_alone_changes_nothing(route: Route, headers: dict[str, str], desk: Place, things: dict[str, str]) -> None:
    """P31: a cookie is sent by any site's form; the token and the origin are not."""
    client, before = desk.client("admin"), desk.desk.reading.book.read("audit").height
    genuine = {"X-CSRF-Token": csrf(client, "/sign-in")} if headers.keys() & {"Origin", "Sec-Fetch-Site"} else {}
    answer = client.request(route.method, filled(route, things, desk), headers={**genuine, **headers}, json={})
    assert answer.status_code == 403 and answer.json()["code"] in ("old_page", "other_site"), answer.text
    form = client.request(route.method, filled(route, things, desk), headers=headers, data={"_csrf": genuine.get("X-CSRF-Token", "")})
    assert form.status_code in (403, 415), form.text
    assert desk.desk.reading.book.read("audit").height == before


@pytest.mark.parametrize("route", CHANGES, ids=lambda route: route.name)
def test_a_token_of_another_session_is_worthless(route: Route, desk: Place, things: dict[str, str]) -> None:
    other, client = desk.client("admin"), desk.client("admin")
    answer = client.request(route.method, filled(route, things, desk), headers={"X-CSRF-Token": csrf(other, "/sign-in")}, json={})
    assert answer.status_code == 403 and answer.json()["code"] == "old_page"


def test_no_secret_is_written_anywhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """P37: password, session token, key and idempotency key, through every way that they go, on the real tables."""
    caplog.set_level(logging.DEBUG)
    found = at_once(place(tmp_path / "shop"))
    found.desk = _real(found)
    client = found.client("admin")
    token = {"X-CSRF-Token": csrf(client, "/sign-in")}
    canary = "canary-" + secrets.token_hex(16)
    said = [client.post("/api/v1/people", json={"name": "ben", "password": canary, "role": "analyst"}, headers=token)]
    said += [client.post("/sign-in", data={"_csrf": token["X-CSRF-Token"], "name": "ben", "password": canary})]
    session = said[-1].cookies["ps_session"]
    client.cookies.set("ps_session", session)
    mine = {"X-CSRF-Token": csrf(client, "/sign-in")}
    made = client.post("/api/v1/keys", json={"label": "till", "scopes": ["read", "draft"]}, headers=mine).json()
    program = TestClient(client.app, base_url="http://localhost", headers={"Authorization": f"Bearer {made['key']}"})
    again = "canary-" + secrets.token_hex(16)
    said += [program.post("/api/v1/views", json={"name": "a", "query": "b"}, headers={"Idempotency-Key": again})]
    said += [program.get("/api/v1/me"), program.get("/api/v1/keys"), program.get("/api/v1/audit")]
    said += [program.post("/api/v1/keys", json={"label": made["key"]}, headers={"Idempotency-Key": again})]
    said += [client.get(address, headers={"Accept": "text/html"}) for address in ("/keys", "/audit", "/jobs", "/api")]
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    text = "".join(one.text for one in said) + caplog.text + "".join(_table(found, name) for name in LEDGER)
    for secret in (PASSWORD, canary, session, made["key"], made["key"].split("_", 2)[2], again):
        assert secret not in text and secret.encode() not in files, secret[:8]
    assert made["handle"] in text, "the public part of a key is looked for in the right places"


def _real(found: Place) -> Any:
    from dataclasses import replace

    return replace(found.desk, accounts=wiring.accounts_of(found.folder, found.desk.reading.policy))


def _table(found: Place, name: str) -> str:
    with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=100_000):
        return str(found.desk.reading.book.read(name).select(pl.selectors.string()).rows())


def test_who_asks_too_often_waits(desk: Place) -> None:
    client = TestClient(application(desk.desk, every(), Limits(1.0, 5.0)), base_url="http://localhost")
    client.headers["Authorization"] = f"Bearer {desk.key('viewer', 'read')}"
    answers = [client.get("/api/v1/me") for _ in range(12)]
    late = [one for one in answers if one.status_code == 429]
    assert len(late) >= 5 and all(int(one.headers["retry-after"]) >= 1 for one in late)
    assert late[0].headers["content-type"] == "application/problem+json"
    neighbour = {"Authorization": f"Bearer {desk.key('analyst', 'read')}"}
    assert client.get("/api/v1/me", headers=neighbour).status_code == 200


HOSTS = ("evil.example", "localhost.evil.example", "7f000001.nip.io", "", "localhost@evil.example", "[::ffff:7f00:1]")


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_name_of_this_machine_is_not_served(host: str, desk: Place) -> None:
    answer = desk.client().get("/api/v1/me", headers={"Host": host})
    assert answer.status_code == 421


def test_the_desk_is_not_shown_to_others_without_accounts(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    for host in ("::", "::ffff:0:1", "shop.example", ""):
        with pytest.raises(UsageError, match="nobody has an account"):
            serve(found.folder, host, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 200_000, 400),
        (b'{"why":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"why":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001, 400),
        (b'{"why": "' + b"x" * 1_000_001 + b'"}', 413),
        (b'{"why": "\xff\xfe"}', 400),
        (b"{", 400),
        (b"null", 400),
        (b'{"why": 1e999}', 400),
        (b'{"why": "' + b"x" * 3000 + b'"}', 422),
        (b'{"why": null}', 422),
        (b'{"other": 1}', 422),
        (b"", 400),
    ],
    ids=["brackets", "lists", "objects", "large", "bytes", "cut", "null", "number", "long", "none", "unknown", "empty"],
)
def test_a_body_that_cannot_be_is_refused(body: bytes, status: int, desk: Place) -> None:
    headers = {"Authorization": f"Bearer {desk.key('analyst', 'read', 'draft', 'stop')}", "Content-Type": "application/json"}
    address = "/api/v1/switches/stop" if body else "/api/v1/drafts"
    before = desk.desk.reading.book.read("audit").height
    answer = desk.client().post(address, content=body, headers={**headers, "Idempotency-Key": secrets.token_hex(16)})
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json", answer.text[:300]
    assert desk.desk.reading.book.read("audit").height == before


MEDIA = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "application/json5")


@pytest.mark.parametrize("media", MEDIA)
def test_the_api_takes_json_alone(media: str, desk: Place) -> None:
    headers = {"Authorization": f"Bearer {desk.key('analyst', 'read', 'draft')}", "Content-Type": media, "Idempotency-Key": "0" * 16}
    assert desk.client().post("/api/v1/views", content=b'{"name": "a", "query": ""}', headers=headers).status_code == 415
