"""Who did what, whether the ledger is as it was written, people and their keys, and signing in."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.app import application
from pricesmith.apps.service.routes import every
from pricesmith.apps.web.words import catalogue
from pricesmith.contracts.ledger import LEDGER, Act
from pricesmith.flows.desk.rules.drafts import digest
from pricesmith.flows.desk.rules.policy_file import put_into_force

from .place import PASSWORD, Place, overridden, place, post
from .working import at_once


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return at_once(place(tmp_path / "shop"))


def told(client: TestClient, address: str) -> dict:  # type: ignore[type-arg]
    answer = client.get(address, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def test_acts_are_filtered(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    post(ben, f"/runs/{desk.run}/reject", sure="1", why="too early")
    found = told(anna, "/audit")["all"]
    assert [row["act"] for row in found["acts"]] == ["rejected", "accepted", "recorded_run"]
    assert found["acts"][0]["rows"] == {"verdicts": 1}
    assert [row["by"] for row in told(anna, "/audit?by=anna")["all"]["acts"]] == ["anna"]
    assert [row["act"] for row in told(anna, "/audit?act=rejected")["all"]["acts"]] == ["rejected"]
    assert told(anna, f"/audit?about={desk.run}")["all"]["found"] == 3
    assert told(anna, "/audit?about=another")["all"]["acts"] == []
    today = desk.desk.reading.now().date()
    assert told(anna, f"/audit?since={today}&until={today}")["all"]["found"] == 3
    assert told(anna, "/audit?until=2020-01-01")["all"]["found"] == 0


def test_every_act_of_the_program_has_words() -> None:
    home = Path(pl.__file__).parent and Path(__file__).parents[2] / "src" / "pricesmith" / "flows"
    texts = [path.read_text(encoding="utf-8") for path in [*home.rglob("*.py"), home.parent / "adapters" / "ledgers" / "outbox.py"]]
    named = {act for text in texts for act in re.findall(r'Act\([^,()]+(?:\([^()]*\))?,[^,"]+, "([a-z_]+)"', text)}
    named |= {act for text in texts for act in re.findall(r'(?:_write|told)\(ledger, at, (?:by|name), "([a-z_]+)"', text)}
    assert {"recorded_run", "queued", "settled", "attested", "added_person"} <= named
    assert not [act for act in named if f"act_{act}" not in catalogue()]


def test_the_ledger_is_verified_on_demand(desk: Place) -> None:
    client = desk.client()
    assert told(client, "/audit")["all"]["verified"] is None
    post(client, "/audit/verify")
    found = told(client, "/audit")["all"]["verified"]
    assert (found["findings"], found["since"], found["holds"]) == ([], 0, True)
    post(client, f"/runs/{desk.run}/accept", sure="1")
    assert told(client, "/audit")["all"]["verified"]["since"] == 1


def test_an_edit_of_the_ledger_is_found(desk: Place) -> None:
    import sqlite3

    client = desk.client()
    with sqlite3.connect(desk.folder / "ledger.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE decided SET price = price + 1 WHERE rowid = 1")
    post(client, "/audit/verify")
    assert [row["code"] for row in told(client, "/audit")["all"]["verified"]["findings"]] == ["edited"]
    assert "1</data> place is not as it was written" in client.get("/audit", headers={"Accept": "text/html"}).text


def test_checkpoints_are_signed_and_handed_out(desk: Place) -> None:
    admin = desk.client("admin")
    assert post(desk.client("approver"), "/audit/checkpoint").status_code == 403
    post(admin, "/audit/checkpoint")
    found = told(admin, "/audit")["all"]["checkpoints"]
    lines = admin.get("/audit/checkpoints").text.splitlines()
    assert [json.loads(line)["key"] for line in lines] == [row["key"] for row in found]
    from pricesmith.flows.publishing.office import office

    assert office(desk.folder).book.verify("\n".join(lines).encode()).checkpoints == 1


def test_the_first_account_closes_the_desk(desk: Place) -> None:
    client = desk.client()
    assert post(client, "/people", name="anna", password=PASSWORD, role="viewer").status_code == 422
    assert post(client, "/people", name="anna", password=PASSWORD, role="admin").headers["location"] == "/sign-in"
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 303
    assert post(client, "/sign-in", name="anna", password=PASSWORD).status_code == 303
    assert told(client, "/people")["people"][0]["name"] == "anna"


def test_people_are_changed_by_admins(desk: Place) -> None:
    admin, viewer = desk.client("admin"), desk.client("viewer")
    assert viewer.get("/people").status_code == 403
    assert post(admin, "/people", name="clara", password="short").status_code == 422
    assert post(admin, "/people", name="clara", password=PASSWORD, role="analyst").status_code == 303
    assert post(admin, "/people/change", name="clara", role="approver", active="no").status_code == 303
    clara = next(row for row in told(admin, "/people")["people"] if row["name"] == "clara")
    assert (clara["role"], clara["active"]) == ("approver", False)
    acts = desk.desk.reading.rows("audit").filter(pl.col("act") == "changed_person")
    assert acts.select("by", "subject").rows() == [("admin", "clara: role approver, inactive")]
    assert PASSWORD not in str(desk.desk.reading.rows("audit")["subject"].to_list())


def test_a_key_is_shown_once(desk: Place) -> None:
    analyst = desk.client("analyst")
    made = post(analyst, "/keys", label="till", scopes="read", _once="twice")
    key = re.search(r"<pre[^>]*>(ps_[^<]+)</pre>", made.text)
    assert key is not None
    assert made.headers["cache-control"] == "no-store"
    again = post(analyst, "/keys", label="till", scopes="read", _once="twice")
    assert key[1] not in again.text
    page = analyst.get("/keys", headers={"Accept": "text/html"}).text
    assert key[1] not in page
    mine = told(analyst, "/keys")["keys"]
    assert [row["scopes"] for row in mine] == [["read"], ["read"]]
    program = desk.client()
    program.cookies.clear()
    assert program.get("/prices?format=json", headers={"Authorization": f"Bearer {key[1]}"}).status_code == 200
    handle = key[1].split("_")[1]
    assert post(desk.client("viewer"), "/keys/revoke", handle=handle).status_code == 404
    assert post(desk.client("admin"), "/keys/revoke", handle=handle).status_code == 303
    assert program.get("/prices?format=json", headers={"Authorization": f"Bearer {key[1]}"}).status_code == 401
    assert [row["works"] for row in told(desk.client("admin"), "/keys")["keys"] if row["handle"] == handle] == [False]


def test_a_key_has_no_more_than_its_owner(desk: Place) -> None:
    assert post(desk.client("viewer"), "/keys", scopes="publish").status_code == 422
    assert told(desk.client("viewer"), "/keys")["keys"] == []


def test_sign_in_tells_nothing_and_tires(desk: Place) -> None:
    desk.person("admin", "anna")
    client = desk.client()
    wrong = post(client, "/sign-in", name="anna", password="not the password")
    nobody = post(client, "/sign-in", name="nobody", password="not the password")
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    told_ = [re.sub(r'(value|content)="[0-9a-f]+"', "", answer.text) for answer in (wrong, nobody)]
    assert told_[0] == told_[1]
    answers = [post(client, "/sign-in", name=f"person {number}", password=PASSWORD).status_code for number in range(20)]
    assert answers[:5] == [401] * 5
    assert answers[-1] == 429


def test_the_session_cookie_is_guarded(desk: Place) -> None:
    desk.person("admin", "anna")
    client = TestClient(application(desk.desk, every()), base_url="https://localhost", follow_redirects=False)
    client.get("/sign-in")
    answer = post(client, "/sign-in", name="anna", password=PASSWORD, to="//elsewhere.example")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("ps_session="))
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Max-Age=43200", "Path=/"):
        assert part.lower() in cookie.lower()
    assert answer.headers["location"] == "/"
    first = client.cookies["ps_session"]
    post(client, "/sign-in", name="anna", password=PASSWORD)
    assert client.cookies["ps_session"] != first
    assert desk.accounts.sessions.of(first, desk.desk.reading.now()) is None


def test_an_act_names_its_products_and_no_table_by_its_raw_name(desk: Place) -> None:
    ben = desk.client("approver", "ben")
    keys = desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").head(4)
    post(ben, "/prices/accept", run=desk.run, products=["\x1f".join(row) for row in keys.iter_rows()])
    post(ben, f"/runs/{desk.run}/reject", sure="1", why="too early")
    overridden(desk, "anna")
    own, every, some = (row["meant"] for row in told(ben, "/audit")["all"]["acts"][:3])
    assert (some["count"], some["first"], some["every"]) == (4, keys["sku"].to_list()[:3], False)
    assert (every["every"], every["why"]) == (True, "too early")
    assert (own["count"], own["why"], len(own["first"])) == (1, "the manager says so", 1)
    for language, said in (("en", "every change of it"), ("zh", "其全部调价")):
        page = ben.get("/audit", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert said in page and keys["sku"][0] in page
        assert not re.search(r"\b(verdicts|intents|guard_hits|decided)\b", re.sub(r"<[^>]*>", " ", page))


def test_a_change_of_the_rules_is_told_in_words_and_not_by_its_digest(desk: Place) -> None:
    reading = desk.desk.reading
    text = (desk.folder / "shop.toml").read_text(encoding="utf-8")
    version = put_into_force(reading, text + "\n# looked at\n", digest(text), by="ana", why="a look", at=reading.now())
    for language, said in (("en", "the rules and the reason"), ("zh", "规则全文及理由")):
        page = desk.client("viewer").get("/audit?act=changed_policy", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert f'<code title="{version}">{version[:8]}</code>' in page and said in page and "a look" in page
        assert "kept" not in page.partition("<tbody>")[2]


def test_every_table_of_the_ledger_has_words() -> None:
    assert not [name for name in LEDGER if f"au_table_{name}" not in catalogue()]


def test_one_of_something_is_told_as_one(desk: Place) -> None:
    ben, came = desk.client("approver", "ben"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    overridden(desk, "anna")
    for prices, act in ((1, "settled"), (1000, "read_shop")):
        desk.desk.reading.book.append(Act(came, "worker", act, f"web: {prices} prices"), {})
    shown = {}
    for language in ("en", "zh"):
        page = ben.get("/audit", headers={"Accept": "text/html", "Accept-Language": language}).text
        shown[language] = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert all(said in shown["en"] for said in ("1 run", "1 product: ", "web: 1 price ", "web: 1,000 prices"))
    assert all(said in shown["zh"] for said in ("定价批次 1", "商品 1 ：", "web：1 个价格", "web：1,000 个价格"))
    assert not re.search(r"\b1 (runs|products|prices|answers|acts|rows|decisions)\b", shown["en"])


def test_who_sent_is_told_in_words_and_every_person_has_a_row(desk: Place) -> None:
    anna, ben, came = desk.client("approver", "anna"), desk.client("approver", "ben"), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for machine, act in (("vm-10378", "settled"), ("vm-10381", "read_shop"), ("G5", "stopped")):
        desk.desk.reading.book.append(Act(came, machine, act, "target web" if act == "stopped" else "web: 2 prices"), {})
    for client in (anna, ben):
        digest = told(client, "/approvals")["attestation"]["digest"]
        post(client, "/attest", digest=digest)
    for language, publisher, guard in (("en", "the publisher", "G5 batch breaker"), ("zh", "发布程序", "G5 批量熔断")):
        page = anna.get("/audit", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert f'<span title="vm-10378">{publisher}</span>' in page and f">{publisher} (2)</option>" in page
        assert f">{guard}</td>" in page and "vm-10378 (" not in page
    sent = told(anna, "/audit?by=*publisher")["all"]["acts"]
    assert [(row["by"], row["publisher"]) for row in sent] == [("vm-10381", True), ("vm-10378", True)]
    for name, act in (("anna", "asked_attest"), ("ben", "attested")):
        assert [row["act"] for row in told(anna, f"/audit?by={name}")["all"]["acts"]] == [act]
    assert f'<span title="{digest}">code and settings ' in anna.get("/audit", headers={"Accept": "text/html"}).text


def test_two_at_one_keyboard_have_a_row_each(desk: Place) -> None:
    from pricesmith.flows.publishing.answers.attest import attest_together

    book, at = desk.desk.reading.book, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert attest_together(book, "1/2", asked_by="anna", by="ben", at=at)
    assert not attest_together(book, "1/2", asked_by="anna", by="ben", at=at)
    acts = desk.desk.reading.rows("audit").filter(pl.col("subject") == "1/2")
    assert acts.select("by", "act").rows() == [("anna", "asked_attest"), ("ben", "attested")]
