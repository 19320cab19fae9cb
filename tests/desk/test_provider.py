"""Signing in through a provider: who comes in, as what, and whatever is wrong with it lets nobody in."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import httpx2
import polars as pl
import pytest
from starlette.testclient import TestClient

from tests.desk.place import Place, place, post
from tests.oidc_issuer import CLIENT, NAME, SECRET, Issuer, elliptic, shared, stranger

HTML = {"Accept": "text/html"}


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def desk(tmp_path: Path, issuer: Issuer) -> Place:
    found = place(tmp_path / "shop")
    found.desk = replace(found.desk, provider=issuer.provider())
    return found


def signs_in(client: TestClient, issuer: Issuer, to: str = "/prices", **changes: str) -> httpx2.Response:
    """There and back; the answer that the browser gets in the end."""
    away = client.get("/sign-in/provider", params={"to": to}, headers=HTML)
    assert away.status_code == 303, away.text
    return client.get("/sign-in/back", params={**issuer.agrees(away.headers["location"]), **changes}, headers=HTML)


def names(desk: Place) -> list[tuple[str, str]]:
    return list(desk.accounts.people.all().select("name", "role").iter_rows())


def acts(desk: Place) -> list[tuple[str, str, str]]:
    rows = desk.desk.reading.book.read("audit").filter(pl.col("act").is_in(["added_person", "changed_person"]))
    return list(rows.select("by", "act", "subject").iter_rows())


def test_the_first_time_makes_an_account_and_a_session(desk: Place, issuer: Issuer) -> None:
    client = desk.client()
    assert client.get("/", headers=HTML).headers["location"] == "/sign-in?to=/"
    assert 'href="/sign-in/provider?to=%2F"' in client.get("/sign-in", headers=HTML).text
    answer = signs_in(client, issuer)
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/prices">' in answer.text
    kept = {text.partition("=")[0]: text for text in answer.headers.get_list("set-cookie")}
    assert "SameSite=strict" in kept["ps_session"] and "HttpOnly" in kept["ps_session"]
    assert 'ps_errand=""' in kept["ps_errand"]
    assert client.get("/prices", headers=HTML).status_code == 200
    assert names(desk) == [("Clara", "approver")]
    assert acts(desk) == [("Clara", "added_person", f"Clara as approver, by {NAME}")]


def test_the_role_is_what_the_provider_says_each_time(desk: Place, issuer: Issuer) -> None:
    desk.person("admin", "Ida")
    first, second = desk.client(), desk.client()
    signs_in(first, issuer)
    issuer.person["groups"] = "pricing"
    assert signs_in(second, issuer).status_code == 200
    assert ("Clara", "analyst") in names(desk)
    assert first.get("/", headers=HTML).status_code == 303, "what the old role could do has ended"
    assert acts(desk)[-1] == ("Clara", "changed_person", f"Clara: role analyst, by {NAME}")
    issuer.person["groups"] = ["staff"]
    assert signs_in(second, issuer).status_code == 403
    assert len(acts(desk)) == 2


@pytest.mark.parametrize("groups", [["staff"], [], None, 7, {"heads": True}, [["heads"]]])
def test_nobody_has_a_role_by_default(desk: Place, issuer: Issuer, groups: object) -> None:
    issuer.person["groups"] = groups
    answer = signs_in(desk.client(), issuer)
    assert answer.status_code == 403
    assert "Clara has no role at this desk" in answer.text
    assert not names(desk)


LIES = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "over": {"exp": int(time.time()) - 120},
    "no end": {"exp": None},
    "for another": {"aud": "another"},
    "for several": {"aud": [CLIENT, "another"]},
    "for several, sent for another": {"aud": [CLIENT, "another"], "azp": "another"},
    "of another": {"iss": "https://elsewhere.example"},
    "nobody": {"sub": None},
    "not yet": {"iat": int(time.time()) + 3600},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_this_sign_in_is_refused(desk: Place, issuer: Issuer, lie: str) -> None:
    issuer.claims = LIES[lie]
    refused(desk, signs_in(desk.client(), issuer))


@pytest.mark.parametrize(("signer", "alg"), [(stranger(), "RS256"), (shared(), "HS256"), (elliptic(), "ES256")])
def test_a_token_that_somebody_else_signed_is_refused(desk: Place, issuer: Issuer, signer: object, alg: str) -> None:
    issuer.signer, issuer.alg = signer, alg
    refused(desk, signs_in(desk.client(), issuer))


def test_a_token_that_nobody_signed_is_refused(desk: Place, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = issuer.signed
    monkeypatch.setattr(issuer, "signed", lambda nonce: "eyJhbGciOiJub25lIn0." + signed(nonce).split(".")[1] + ".")
    refused(desk, signs_in(desk.client(), issuer))


def refused(desk: Place, answer: httpx2.Response) -> None:
    assert answer.status_code == 502, answer.text
    assert "not to be believed" in answer.text
    assert not names(desk)
    assert not any("ps_session" in text for text in answer.headers.get_list("set-cookie"))


def test_a_key_of_another_kind_signs_as_well(desk: Place) -> None:
    key = elliptic()
    issuer = Issuer(key=key, alg="ES256")
    desk.desk = replace(desk.desk, provider=issuer.provider())
    assert signs_in(desk.client(), issuer).status_code == 200


def test_only_the_browser_that_left_comes_back(desk: Place, issuer: Issuer) -> None:
    client = desk.client()
    for answer in (
        signs_in(client, issuer, state="another"),
        signs_in(client, issuer, state="\u00e9"),
        desk.client().get("/sign-in/back", params={"code": "code-0", "state": ""}, headers=HTML),
    ):
        assert answer.status_code == 403
        assert "was not begun in this browser" in answer.text
    away = client.get("/sign-in/provider", headers=HTML)
    brought = issuer.agrees(away.headers["location"])
    assert desk.client().get("/sign-in/back", params=brought, headers=HTML).status_code == 403
    assert client.get("/sign-in/back", params=brought, headers=HTML).status_code == 200
    assert client.get("/sign-in/back", params=brought, headers=HTML).status_code == 403, "once"


def test_a_refusal_of_the_provider_is_told(desk: Place, issuer: Issuer) -> None:
    client = desk.client()
    away = client.get("/sign-in/provider", headers=HTML)
    state = issuer.agrees(away.headers["location"])["state"]
    answer = client.get("/sign-in/back", params={"error": "access_denied<script>", "state": state}, headers=HTML)
    assert answer.status_code == 403
    assert "access_denied&lt;script&gt;" in answer.text
    assert signs_in(client, issuer, code="made-up").status_code == 502
    assert "another provider sent this answer" in signs_in(client, issuer, iss="https://elsewhere.example").text
    issuer.told = {"sub": "u-2"}
    issuer.claims = {"groups": None}
    assert "speaks of somebody else" in signs_in(client, issuer).text
    assert not names(desk)


def test_what_the_token_leaves_out_is_asked_for(desk: Place, issuer: Issuer) -> None:
    issuer.claims = {"groups": None, "preferred_username": None}
    assert signs_in(desk.client(), issuer).status_code == 200
    assert names(desk) == [("Clara", "approver")]


def test_an_account_of_another_is_not_taken_over(desk: Place, issuer: Issuer) -> None:
    desk.person("admin", "clara")
    for _ in range(2):
        answer = signs_in(desk.client(), issuer)
        assert answer.status_code == 422
        assert "has an account here that is not of this provider" in answer.text
    assert names(desk) == [("clara", "admin")]
    issuer.person = {"sub": "u-1", "preferred_username": "Cleo", "groups": "it"}
    assert signs_in(desk.client(), issuer).status_code == 200
    issuer.person = {"sub": "u-2", "preferred_username": "Cleo", "groups": "it"}
    assert signs_in(desk.client(), issuer).status_code == 422


def test_whoever_is_known_keeps_their_name_and_may_be_shut_out(desk: Place, issuer: Issuer) -> None:
    desk.person("admin", "Ida")
    client = desk.client()
    signs_in(client, issuer)
    issuer.person["preferred_username"] = "Ida"
    assert signs_in(client, issuer).status_code == 200
    assert client.get("/people?format=json").status_code == 403
    assert names(desk) == [("Clara", "approver"), ("Ida", "admin")]
    desk.accounts.people.change("Clara", active=False)
    assert "Clara is inactive" in signs_in(client, issuer).text
    assert client.get("/", headers=HTML).status_code == 303


def test_there_is_no_password_to_guess(desk: Place, issuer: Issuer) -> None:
    signs_in(desk.client(), issuer)
    for password in ("Clara", SECRET):
        assert post(desk.client(), "/sign-in", name="Clara", password=password).status_code == 401


def test_a_provider_that_is_gone_is_told_in_both_languages(desk: Place, issuer: Issuer) -> None:
    client = desk.client()
    issuer.answers["/token"] = httpx2.ReadTimeout("late")
    assert signs_in(client, issuer).status_code == 502
    for what in (httpx2.ConnectError("gone"), httpx2.Response(503)):
        issuer.answers["/.well-known/openid-configuration"] = what
        for language, text in (("en", "the provider cannot be reached"), ("zh", "无法连接身份提供方")):
            answer = client.get("/sign-in/provider", headers={**HTML, "Accept-Language": language})
            assert answer.status_code == 502
            assert text in answer.text
            assert "Traceback" not in answer.text
    desk.person("admin", "Ida")
    assert post(client, "/sign-in", name="Ida", password="correct horse battery staple").status_code == 303


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    client = place(tmp_path / "shop").client("viewer")
    assert "/sign-in/provider" not in client.get("/sign-in", headers=HTML).text
    for path in ("/sign-in/provider", "/sign-in/back"):
        assert client.get(path, headers=HTML).status_code == 404


@pytest.mark.parametrize("to", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"])
def test_it_leads_nowhere_else(desk: Place, issuer: Issuer, to: str) -> None:
    assert 'content="0;url=/"' in signs_in(desk.client(), issuer, to=to).text


def test_the_secret_stays_where_it_is(desk: Place, issuer: Issuer) -> None:
    client = desk.client()
    away = client.get("/sign-in/provider", headers=HTML)
    shown = [away.headers["location"], *away.headers.get_list("set-cookie"), signs_in(client, issuer).text]
    assert all(SECRET not in text for text in shown)
    assert not [path for path in desk.folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
