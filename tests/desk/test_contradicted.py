"""Where a person set another price, an answer to many leaves the run's own proposal aside, and of two accepted prices the later holds."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.approval.elsewhere import elsewhere
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.answers.answering import answer
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.sending.plan import plan

from .feed import feed, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}


class Set(NamedTuple):
    """A run of own prices with one price, minor units; price: what the run beside it proposes."""

    run: str
    key: Key
    own: int
    price: int

    @property
    def text(self) -> str:
        return "\x1f".join(self.key)


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


@pytest.fixture
def own(desk: Place) -> Set:
    return set_another(desk)


def set_another(desk: Place, beside: str = "", less: int = 50) -> Set:
    reading = desk.desk.reading
    row = reading.run(desk.run).changes.sort("sku").row(0, named=True)
    key, price = Key(*(row[name] for name in KEY)), row["price"] - less
    run = override(reading.book, beside or desk.run, {key: price}, by="dana", why="shelf", at=reading.now(), code=reading.place.code).run
    return Set(run, key, price, row["price"])


def banner(client: TestClient, address: str) -> str:
    text = client.get(address, headers=HTML).text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text.split('class="banner')[1].split("</div>")[0])).split())


def file(client: TestClient, run: str) -> dict[str, str]:
    text = client.get(f"/runs/{run}/approved", headers=HTML).content.decode("utf-8-sig")
    return {row["sku"]: row["price"] for row in csv.DictReader(io.StringIO(text))} if text.startswith("sku") else {}


def ready(desk: Place, run: str) -> dict[Key, int]:
    """What would be sent of a run."""
    reading = desk.desk.reading
    planned = plan(reading.book, run, "web", reading.policy.shops["web"], reading.policy, reading.now())
    return {Key(*row[:3]): row[3] for row in planned.ready.select(*KEY, "price").iter_rows()}


def where(client: TestClient, desk: Place, key: Key) -> dict[str, Any]:
    found: dict[str, Any] = told(client, f"/prices?search={key.sku}&run={desk.run}")["rows"][0]
    return found


def test_accepting_the_whole_run_leaves_aside_what_a_person_set_another_price_for(desk: Place, own: Set) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    one = state(anna, desk.run)
    assert one["accept"]["changes"] == one["changes"] - 1 and one["reject"]["changes"] == one["changes"]
    (row,) = one["contradicted"]["rows"]
    assert (one["contradicted"]["changes"], row["sku"], row["price"], row["own"], row["run"], row["by"]) == (
        1, own.key.sku, own.price, own.own, own.run, "dana",
    )  # fmt: skip
    assert (row["later"], row["accepted"]) == (True, False)
    page = anna.get(run, headers=HTML).text
    assert 'id="contradicted"' in page and f"/runs/{own.run}" in page
    assert post(anna, f"{run}/accept", sure="1", count=one["accept"]["changes"], held="1").status_code == 303
    assert "Left aside, because a person set another price: 1, such as" in banner(anna, run)
    assert where(anna, desk, own.key)["state"] == "open" and state(anna, desk.run)["states"]["ready"] == one["changes"] - 1
    assert own.key not in ready(desk, desk.run) and own.key.sku not in file(anna, desk.run)


def test_so_does_accepting_a_class_and_all_that_a_filter_finds(desk: Place, own: Set) -> None:
    anna = desk.client("approver", "anna")
    found = told(anna, "/prices/every?action=change")
    assert (found["contradicted"]["changes"], found["accept"]["changes"]) == (1, found["changes"] - 1)
    assert 'id="contradicted"' in anna.get("/prices/every?action=change", headers=HTML).text
    needs = str(where(anna, desk, own.key).get("needs") or state(anna, desk.run)["classes"][0]["needs"])
    post(anna, f"/runs/{desk.run}/accept", sure="1", needs=needs, held="1")
    assert where(anna, desk, own.key)["state"] == "open"
    post(anna, "/prices/accept", run=desk.run, filter="action=change", count=found["changes"], held="1")
    assert "because a person set another price: 1" in banner(anna, "/prices")
    assert where(anna, desk, own.key)["state"] == "open"
    alone = {"run": desk.run, "filter": f"action=change&search={own.key.sku}", "count": 1, "held": "1"}
    refused = anna.post("/prices/accept", data={"_csrf": anna.cookies.get("ps_csrf", ""), **alone}, headers=HTML)
    assert refused.status_code >= 400 and where(anna, desk, own.key)["state"] == "open"


def test_a_program_and_the_command_line_leave_it_aside_too(desk: Place, own: Set, capsys: pytest.CaptureFixture[str]) -> None:
    reading = desk.desk.reading
    changes = reading.run(desk.run).changes.height
    with pytest.raises(SystemExit, match=r"^0$"):
        main.main(["approve", str(desk.folder), desk.run, "--by", "anna"])
    said = capsys.readouterr().out
    assert f"{changes - 1} changes of" in said and "1 left out: a person set another price, such as" in said and own.run in said
    with pytest.raises(PricesmithError, match="a person set another price for every product"):
        answer(reading.book, desk.run, "accept", by="ben", at=reading.now(), policy=reading.policy, keys=[own.key], singly=False)
    with pytest.raises(SystemExit, match=r"^0$"):
        main.main(["approve", str(desk.folder), desk.run, "--sku", own.key.sku, "--by", "anna"])
    assert f"the price of {own.run} holds" in capsys.readouterr().out


def test_accepted_by_itself_it_says_what_holds_and_the_later_price_alone_is_sent(desk: Place, own: Set) -> None:
    anna = desk.client("approver", "anna")
    page = anna.get(f"/products/{own.key.sku}?run={desk.run}", headers=HTML).text
    assert 'id="set-beside"' in page and "It was set later, so that it holds once it is accepted" in page
    post(anna, "/prices/accept", run=desk.run, products=own.text)
    assert "This contradicts prices that a person set: 1" in banner(anna, "/prices")
    assert where(anna, desk, own.key)["state"] == "ready" and ready(desk, desk.run) == {own.key: own.price}
    post(anna, f"/runs/{desk.run}/accept", sure="1", held="1")
    told_ = banner(anna, f"/runs/{desk.run}")
    assert "another price: 1, such as" in told_ and "Left out" not in told_
    post(anna, f"/runs/{desk.run}/withdraw", sure="1")
    post(anna, "/prices/accept", run=desk.run, products=own.text)
    post(anna, f"/runs/{own.run}/accept", sure="1", held="1")
    assert ready(desk, desk.run) == {} and ready(desk, own.run) == {own.key: own.own}
    assert where(anna, desk, own.key)["state"] == "overtaken"
    assert file(anna, desk.run) == file(anna, own.run) == {own.key.sku: f"{own.own / 100:.2f}"}
    assert state(anna, desk.run)["file"]["overtaken"] == 1 and 'id="left-out"' in anna.get(f"/runs/{desk.run}", headers=HTML).text
    reading = desk.desk.reading
    assert elsewhere(reading, own.run, own.key, reading.now()) == []
    assert [one.run for one in elsewhere(reading, desk.run, own.key, reading.now())] == [own.run]
    assert state(anna, own.run)["ready_too"] == []


@pytest.mark.parametrize("first", ["own", "run"])
def test_whichever_is_accepted_first_the_later_price_holds_until_it_is_turned_down(desk: Place, own: Set, first: str) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    acts = [
        lambda: post(anna, f"/runs/{own.run}/accept", sure="1", held="1"),
        lambda: post(anna, "/prices/accept", run=desk.run, products=own.text),
    ]
    for act in acts if first == "own" else reversed(acts):
        assert act().status_code == 303
    assert (ready(desk, desk.run), ready(desk, own.run)) == ({}, {own.key: own.own})
    post(ben, f"/runs/{own.run}/reject", sure="1", why="a typing error")
    assert (ready(desk, desk.run), ready(desk, own.run)) == ({own.key: own.price}, {})
    assert where(anna, desk, own.key)["state"] == "ready" and state(anna, desk.run)["contradicted"]["changes"] == 0


def test_what_was_turned_down_and_what_is_the_same_contradict_nothing(desk: Place, own: Set) -> None:
    anna = desk.client("approver", "anna")
    post(anna, f"/runs/{own.run}/reject", sure="1", why="no")
    assert state(anna, desk.run)["contradicted"] == {"changes": 0, "rows": []}
    second = set_another(desk, less=100)
    third = set_another(desk, beside=second.run, less=0)
    assert third.own == own.price and state(anna, desk.run)["contradicted"]["changes"] == 0
    assert state(anna, second.run)["contradicted"]["changes"] == 1, "the last of them stands"


def test_the_dry_run_never_says_that_what_another_accepted_price_overtakes_would_be_sent(desk: Place, own: Set) -> None:
    anna = desk.client("admin", "anna")
    post(anna, "/prices/accept", run=desk.run, products=own.text)
    post(anna, f"/runs/{own.run}/accept", sure="1", held="1")
    verdicts = {}
    for run in (desk.run, own.run):
        assert post(anna, f"/runs/{run}/dry-run", to="web").status_code == 303
        (row,) = [row for row in told(anna, f"/runs/{run}/dry-run?to=web")["one"]["rows"] if row["sku"] == own.key.sku]
        verdicts[run] = row["verdict"]
    assert verdicts[desk.run] == "overtaken" and verdicts[own.run] in ("send", "wait")
