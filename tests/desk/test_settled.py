"""An answer says what it does not reach: what this run sends no more, and what is in a shop or on its way already."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main

from .feed import QUIET, attested, feed, state, told
from .place import Place, csrf, post

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}
GONE, THERE = "sends what is meant no more", "in a shop or on its way already"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop", QUIET.replace("canary_minutes = 0", "canary_minutes = 30\ncanary_least = 1"))


def keys(desk: Place) -> list[str]:
    return ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").iter_rows()]


def said_by(client: TestClient, run: str, name: str) -> list[int]:
    return [row["products"] for row in told(client, f"/runs/{run}")["one"]["verdicts"] if row["approver"] == name]


def states(client: TestClient) -> dict[str, str]:
    return {row["sku"]: row["state"] for row in told(client, "/prices?action=change&size=100")["rows"]}


@pytest.mark.parametrize("word", ["accept", "reject"])
def test_what_was_taken_back_takes_no_answer_any_more(desk: Place, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    anna, ben, (first, second, *_) = desk.client("approver", "anna"), desk.client("approver", "ben"), keys(desk)
    attested(desk, anna, ben)
    assert post(anna, "/prices/accept", run=desk.run, products=first).status_code == 303
    for act in ("publish", "undo"):
        assert post(anna, f"/runs/{desk.run}/{act}", to="web", sure="1").status_code == 303
    answers = desk.desk.reading.rows("verdicts").height
    refused = post(ben, f"/prices/{word}", run=desk.run, products=first, why="flyer")
    assert refused.status_code == 422 and GONE in refused.text and "price the shop again" in refused.text
    assert desk.desk.reading.rows("verdicts").height == answers
    sku = first.split("\x1f")[0]
    call = [{"accept": "approve", "reject": "reject"}[word], str(desk.folder), desk.run, "--by", "ben", "--sku", sku]
    with pytest.raises(SystemExit) as stop:
        main.main([*call, *(["--why", "flyer"] if word == "reject" else [])])
    assert stop.value.code and GONE in capsys.readouterr().err

    both = ben.post(
        f"/prices/{word}",
        data={"_csrf": csrf(ben, "/sign-in"), "run": desk.run, "products": [first, second], "why": "flyer"},
        headers=HTML,
    )
    assert both.status_code == 303
    page = ben.get("/prices", headers=HTML).text
    assert f"{word}ed: 1." in page and "somebody rejected it: 1." in page
    assert said_by(anna, desk.run, "ben") == [1]
    assert states(anna)[sku] != "rejected" and states(anna)[second.split("\x1f")[0]] in ("ready", "open", "rejected")


@pytest.mark.parametrize("whole", [True, False])
def test_what_came_on_the_answer_of_another_is_not_answered_again(desk: Place, whole: bool) -> None:
    anna, ben, (first, *rest) = desk.client("approver", "anna"), desk.client("approver", "ben"), keys(desk)
    attested(desk, anna, ben)
    assert post(anna, "/prices/accept", run=desk.run, products=first).status_code == 303
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 303
    assert state(anna, desk.run)["shops"][0]["now"] == 1
    found = told(ben, "/prices/every")
    fields = {"sure": "1"} if whole else {"run": desk.run, "filter": found["filter"], "count": str(found["changes"])}
    done = post(ben, f"/runs/{desk.run}/accept" if whole else "/prices/accept", **fields)
    assert done.status_code == 303, done.text
    assert said_by(anna, desk.run, "ben") == [len(rest)] == [found["accept"]["changes"]]
    assert f"accepted: {len(rest)}." in ben.get(f"/runs/{desk.run}", headers=HTML).text
    mine = told(ben, f"/runs/{desk.run}")["mine"]
    assert (mine["accepted"], mine["sent"]) == (len(rest), 0)
    again = post(ben, "/prices/accept", run=desk.run, products=first)
    assert again.status_code == 422 and THERE in again.text


def test_what_waits_for_its_wave_can_be_rejected_and_accepted_after_a_withdrawal(desk: Place) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    attested(desk, anna, ben)
    assert post(anna, f"/runs/{desk.run}/accept", sure="1").status_code == 303
    assert post(anna, f"/runs/{desk.run}/publish", to="web", sure="1").status_code == 303
    waits = [row for row in told(anna, f"/runs/{desk.run}/receipts")["rows"] if row["fate"] == "waiting"]
    key = "\x1f".join(waits[0][name] for name in ("sku", "channel", "region"))
    refused = post(ben, "/prices/accept", run=desk.run, products=key)
    assert refused.status_code == 422 and THERE in refused.text, "enough people agreed with it"
    assert post(anna, "/prices/withdraw", run=desk.run, products=key).status_code == 303
    assert post(ben, "/prices/accept", run=desk.run, products=key).status_code == 303
    assert said_by(anna, desk.run, "ben") == [1]
    assert post(ben, "/prices/reject", run=desk.run, products=key, why="flyer").status_code == 303
    assert said_by(anna, desk.run, "ben") == [1, 1]
