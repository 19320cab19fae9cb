"""Accepting many takes those that can leave; what a guard would hold is taken and published only by who says so twice."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.cli import main
from pricesmith.flows.desk.approval import foreseen
from pricesmith.flows.desk.approval.foreseen import aside, foreseen_of, known
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.sending.foretold import SCHEMA, Foretold

from .feed import attested, feed, prices, settings, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}
TIGHT = "max_step = 0.05 "
SAME = "same_count = 2\nsame_share = 0.3\nsame_cost_ratio = 1.0001\n"


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    found = feed(tmp_path / "shop")
    settings(found, "max_step = 0.15 ", TIGHT)
    settings(found, "[guards]\n", "[guards]\nbreaker_count = 5\n")
    return found


def banner(client: TestClient, address: str) -> str:
    text = client.get(address, headers=HTML).text
    return html.unescape(re.sub(r"<[^>]+>", " ", text.split('class="banner')[1].split("</div>")[0]))


def ready(desk: Place) -> int:
    return int(state(desk.client("admin"), desk.run)["states"].get("ready", 0))


def test_an_acceptance_that_would_take_nothing_is_not_the_button_that_stands_out(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    form = anna.get(run, headers=HTML).text.split(f'action="{run}/accept"')[-1].split("</form>")[0]
    assert '<button class="primary">Accept the whole run</button>' in form
    settings(desk, TIGHT, "max_step = 0.0001 ")
    assert state(anna, desk.run)["leaving"]["taken"]["changes"] == 0
    form = anna.get(run, headers=HTML).text.split(f'action="{run}/accept"')[-1].split("</form>")[0]
    assert "<button>Accept the whole run</button>" in form


def test_accepting_the_run_leaves_aside_what_a_guard_would_hold_and_says_how_many_and_why(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    one = state(anna, desk.run)
    leaving, changes = one["leaving"], one["accept"]["changes"]
    held = leaving["aside"]["changes"]
    assert held == one["foreseen"]["changes"] > 5 and leaving["taken"]["changes"] == changes - held > 0
    page = anna.get(run, headers=HTML).text
    form = page.split(f'action="{run}/accept"')[-1].split("</form>")[0]
    assert f">{changes - held:,}<" in form and f">{held:,}<" in form and "the price moves too far in one step" in form
    assert "Published together with the others they would stop it:" in form and "G5" in form
    answer = post(anna, f"{run}/accept", sure="1", count=changes, aside=held)
    assert answer.status_code == 303 and ready(desk) == changes - held
    assert f"Left aside, because a guard would hold them when published: {held}." in banner(anna, run)
    assert state(anna, desk.run)["shops"][0]["held"]["changes"] == 0


def test_what_is_accepted_so_is_published_without_a_guard_in_the_way(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    count = ready(desk)
    assert 'name="anyway"' not in anna.get(run, headers=HTML).text
    before = prices(desk)
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    after = prices(desk)
    assert 0 < sum(after[sku] != before[sku] for sku in before) <= count
    assert told(anna, "/")["caught"] == 0 and not state(anna, desk.run)["stops"]


@pytest.mark.parametrize(("language", "stops"), [("en", "would make guards stop the whole channel"), ("zh", "护栏会停止整个渠道")])
def test_who_takes_them_all_the_same_is_asked_again_before_they_are_sent(desk: Place, language: str, stops: str) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    changes = state(anna, desk.run)["accept"]["changes"]
    post(anna, f"{run}/accept", sure="1", count=changes, held="1")
    assert ready(desk) == changes
    shop = state(anna, desk.run)["shops"][0]
    assert shop["held"]["changes"] > 5 and shop["held"]["stops"] == ["G5 breaker"]
    page = anna.get(run, headers={**HTML, "Accept-Language": language}).text
    form = page.split(f'action="{run}/publish"')[1].split("</form>")[0]
    assert stops in form and f">{shop['held']['changes']:,}<" in form and 'name="anyway" value="1" required' in form
    assert 'class="danger"' in form and "outlook=held&amp;state=ready" in form
    before = prices(desk)
    refused = post(anna, f"{run}/publish", to="web", sure="1")
    assert refused.status_code == 422 and prices(desk) == before and desk.desk.reading.rows("intents").is_empty()
    assert post(anna, f"{run}/publish", to="web", sure="1", anyway="1").status_code == 303
    assert told(anna, "/")["caught"] == shop["held"]["changes"], "what was foreseen came true"
    assert state(anna, desk.run)["stops"][0]["by"] == "G5"


def test_a_few_that_are_held_ask_again_too(desk: Place) -> None:
    settings(desk, "breaker_count = 5\n", "breaker_count = 500\n")
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1", held="1")
    assert state(anna, desk.run)["shops"][0]["held"]["stops"] == []
    assert "so that they do not leave" in anna.get(run, headers=HTML).text
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 422
    assert post(anna, f"{run}/publish", to="web", sure="1", anyway="1").status_code == 303
    assert not state(anna, desk.run)["stops"]


def test_what_a_dry_run_warned_of_asks_again(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1", held="1")
    post(anna, f"{run}/dry-run", to="web")
    assert "G5 breaker" in state(anna, desk.run)["shops"][0]["dry"]["stops"]
    refused = anna.post(f"{run}/publish", data={"_csrf": _token(anna), "to": "web", "sure": "1"}, headers={"Accept": "application/json"})
    assert refused.json()["code"] == "foreseen_held"


def _token(client: TestClient) -> str:
    found = re.search(r'<meta name="csrf" content="([^"]*)">', client.get("/sign-in").text)
    assert found is not None
    return found[1]


def test_a_count_that_is_no_longer_true_is_refused(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    held = state(anna, desk.run)["leaving"]["aside"]["changes"]
    assert post(anna, f"{run}/accept", sure="1", aside=held + 1).status_code == 409
    assert ready(desk) == 0
    assert post(anna, f"{run}/accept", sure="1", aside=held + 1, held="1").status_code == 303


def test_all_that_a_filter_finds_leaves_them_aside_and_one_by_itself_is_taken(desk: Place) -> None:
    anna = desk.client("approver", "anna")
    every = told(anna, f"/prices/every?run={desk.run}")
    held, found = every["leaving"]["aside"]["changes"], every["changes"]
    page = anna.get(f"/prices/every?run={desk.run}", headers=HTML).text
    assert held and 'name="held"' in page and f">{found - held:,}<" in page
    post(anna, "/prices/accept", run=desk.run, filter="", count=found)
    assert ready(desk) == found - held and "Left aside" in banner(anna, "/prices")
    row = told(anna, "/prices?outlook=held&size=1")["rows"][0]
    post(anna, "/prices/accept", run=desk.run, products="\x1f".join(row[name] for name in KEY))
    assert ready(desk) == found - held + 1
    rest = told(anna, f"/prices/every?run={desk.run}&outlook=held")
    assert rest["leaving"]["taken"]["changes"] == 0
    refused = post(anna, "/prices/accept", run=desk.run, filter="outlook=held", count=rest["changes"])
    assert refused.status_code == 422
    post(anna, "/prices/accept", run=desk.run, filter="outlook=held", count=rest["changes"], held="1")
    assert ready(desk) == found


def test_where_a_guard_would_hold_all_of_them_nothing_is_accepted_by_mistake(desk: Place) -> None:
    settings(desk, "breaker_count = 5\n", "breaker_count = 5\nmin_margin = 9.0\n")
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    assert state(anna, desk.run)["leaving"]["taken"]["changes"] == 0
    assert post(anna, f"{run}/accept", sure="1").status_code == 422 and ready(desk) == 0


def test_the_command_line_accepts_all_and_says_what_would_be_held(desk: Place, capsys: pytest.CaptureFixture[str]) -> None:
    one = state(desk.client("admin"), desk.run)
    said = _said(capsys, "approve", str(desk.folder), desk.run, "--by", "anna")
    assert f"{one['changes']} changes of {desk.run}: accepted by anna" in said
    assert f"{one['foreseen']['changes']} changes would be held by a guard" in said
    assert "published together they would stop the whole channel: G5 breaker" in said
    document = json.loads(_said(capsys, "approve", str(desk.folder), desk.run, "--by", "ben", "--json"))
    assert (document["changes"], document["held"], document["stops"]) == (one["changes"], one["foreseen"]["changes"], ["G5 breaker"])
    assert "held" not in json.loads(_said(capsys, "reject", str(desk.folder), desk.run, "--by", "ben", "--why", "no", "--json"))


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main.main(list(words))
    assert not ended.value.code
    return capsys.readouterr().out


def test_a_program_is_told_what_would_be_held_of_what_it_accepted(desk: Place) -> None:
    one = state(desk.client("admin"), desk.run)
    client, key = desk.client(), desk.key("approver", "approve")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "0" * 32}
    answer: dict[str, Any] = client.post(f"/api/v1/runs/{desk.run}/verdicts", json={"answer": "accept"}, headers=headers).json()
    assert (answer["count"], answer["held"]["changes"]) == (one["changes"], one["foreseen"]["changes"])
    assert answer["held"]["stops"] == ["G5 breaker"]


@pytest.mark.parametrize("more", ["", SAME, "ceiling = 1.05\n" + SAME])
def test_what_is_not_left_aside_is_held_by_nobody_when_it_is_sent_alone(desk: Place, more: str) -> None:
    settings(desk, "breaker_count = 5\n", "breaker_count = 5\n" + more)
    reading = desk.desk.reading
    run, at = reading.run(desk.run), reading.now()
    rows = aside(reading, run, at).rows
    assert rows is not None and rows.height
    rest = run.changes.select(KEY).join(rows, on=KEY, how="anti")
    assert foreseen_of(reading, run, rest, at).changes == 0


def test_the_rest_is_asked_about_anew(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard that holds the first change of a batch as long as it has more than three."""

    def fussy(changes: pl.DataFrame, *_given: object) -> Foretold:
        held = changes.head(1 if changes.height > 3 else 0).with_columns(guard=pl.lit("G6"), code=pl.lit("same_price"))
        none = {name: pl.lit(None, pl.Float64) for name in ("against", "bound")}
        return Foretold(held.with_columns(**none).select(SCHEMA.names()).cast(SCHEMA), ())

    monkeypatch.setattr(foreseen, "foretold", fussy)
    reading = desk.desk.reading
    run, at = reading.run(desk.run), reading.now()
    first, all_of_it = known(reading, run, at).rows, aside(reading, run, at).rows
    assert first is not None and all_of_it is not None
    assert (first.height, all_of_it.height) == (1, run.changes.height - 3)
