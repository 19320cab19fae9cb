"""Prices leave in waves: how many first, what the others wait for, and that the desk goes on by itself."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service import going_on
from pricesmith.flows.desk import sending

from .feed import attested, feed, settings, state, told
from .place import Place, post


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def test_the_first_wave_says_how_many_and_why_they_are_more_than_its_share(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    post(anna, f"{run}/accept", sure="1")
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 0\ncanary_least = 7\n")
    post(anna, f"{run}/accept", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["ready"] > 20
    assert shop["first"] == {"count": 7, "of": shop["ready"], "least": True}
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert f"The first wave: 7 of {shop['ready']} prices." in page
    assert "would be fewer, but at least 7 leave first, as the settings of the guards say" in page
    settings(desk, "canary_least = 7\n", "canary_least = 1\ncanary = [0.2, 0.5]\n")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["first"] == {"count": math.ceil(0.2 * shop["ready"]), "of": shop["ready"], "least": False}
    assert "leave first, as" not in anna.get(run, headers={"Accept": "text/html"}).text


def test_the_first_wave_counts_what_left_before_and_says_so(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    one = "\x1f".join(desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").row(0))
    post(anna, "/prices/accept", run=desk.run, products=one)
    post(anna, f"{run}/publish", to="web", sure="1")
    post(anna, f"{run}/accept", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["now"] == 1 and shop["first"]["of"] == shop["ready"] + 1
    for language, said in (
        ("en", f"the ready ones ({shop['ready']}) and those of this run that left before (1)"),
        ("zh", f"可发布的 {shop['ready']} 个，以及本批次此前已发出的 1 个"),
    ):
        page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text
        assert said in page and "G5" in page


def test_the_desk_goes_on_with_what_was_asked_for_here(desk: Place) -> None:
    slow = "canary_minutes = 60\ncanary_least = 1\n"
    settings(desk, "canary_minutes = 0\n", slow)
    anna = desk.client("approver", "anna")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"/runs/{desk.run}/accept", sure="1")
    post(anna, f"/runs/{desk.run}/publish", to="web", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["waiting"] > 0
    assert shop["share"] < 1.0
    assert shop["wave"]["count"] == math.ceil(shop["share"] * shop["wave"]["of"] - 1e-9) and shop["wave"]["of"] == shop["sent"]
    page = anna.get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    assert "May have left with this wave" in page and "It goes on by itself while this desk runs" in page and shop["here"]
    assert "Nothing that is approved is left to publish" not in page and not shop["ready"]
    under_way = page.partition('id="under-way"')[2].partition("</p>")[0]
    assert f'<data value="{shop["waiting"]}">' in under_way and "Nothing more need be published here" in under_way
    assert shop["next_at"] is not None
    assert going_on.begin_due(desk.desk) == []
    later = desk.desk.reading.now() + dt.timedelta(hours=5)
    found = sending.unfinished(desk.desk.reading, later)
    seen = [(one.run, one.target, one.by, one.count, one.due <= later) for one in found]
    assert seen == [(desk.run, "web", "anna", shop["waiting"], True)]
    settings(desk, slow, "canary_minutes = 0\n")
    assert going_on.begin_due(desk.desk) == [], "other settings are not attested"
    post(anna, "/stop")
    assert sending.unfinished(desk.desk.reading, later) == []


def waits(desk: Place, client: TestClient) -> dict[str, tuple[int, bool]]:
    """Code -> how many prices wait for it, and whether until when is known."""
    return {one["code"]: (one["count"], one["until"] is not None) for one in state(client, desk.run)["shops"][0]["waits"]}


def test_a_price_that_waits_says_what_for_and_until_when(desk: Place) -> None:
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "of them (the first wave at least 1), 60 min apart; each wave" in page
    sku = desk.desk.reading.run(desk.run).changes["sku"][0]
    post(anna, "/stop", scope="sku", name=sku, why="its label")
    post(anna, f"{run}/publish", to="web", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    found = waits(desk, anna)
    assert sum(count for count, _ in found.values()) == shop["waiting"] > 2
    assert found["sku_stopped"] == (1, False) and found["wave"][1]
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "the product is stopped, until two people release it" in page and "wait for their wave, at the earliest <time" in page
    rows = {row["sku"]: row for row in told(anna, f"{run}/receipts?fate=waiting")["rows"]}
    assert (rows[sku]["wait"], rows[sku]["until"]) == ("sku_stopped", None)
    others = [row for row in rows.values() if row["sku"] != sku]
    assert {row["wait"] for row in others} == {"turn"} and all(row["until"] for row in others)
    listed = anna.get(f"/prices?run={desk.run}&state=sent", headers={"Accept": "text/html"}).text
    assert f'<a class="pill" href="{run}/receipts?fate=waiting"' in listed, "one step from there"
    for person in (anna, ben):
        post(person, "/resume", scope="sku", name=sku)
    assert waits(desk, anna)["released"] == (1, True)
    text = anna.get(run, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "商品的停止已解除；再次处理时间 <time" in text
    text = anna.get(f"{run}/receipts", headers={"Accept": "text/html"}).text
    assert "the stop of the product was released; looked at again at <time" in text
    post(anna, "/stop", scope="target", name="web")
    assert waits(desk, anna) == {"stopped": (shop["waiting"], False)}


LEAVES = {
    "en": ("Published now, it leaves at once.", "Published now, it leaves at the earliest, as prices rest after a change, at <time",
           "The last of the 4 waves to come leaves at the earliest at <time", "The last of the 3 waves to come leaves"),
    "zh": ("现在发布则立即发出。", "现在发布的最早发出时间：<time", "尚有 4 波，最后一波的最早发出时间：<time", "尚有 3 波，"),
}  # fmt: skip


@pytest.mark.parametrize("language", list(LEAVES))
def test_when_the_first_and_the_last_wave_leave_is_told_before_and_meanwhile(language: str, desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    html = {"Accept": "text/html", "Accept-Language": language}
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    post(anna, f"{run}/accept", sure="1")
    soon, later, last, rest = LEAVES[language]
    ahead, page = state(anna, desk.run)["shops"][0]["ahead"], anna.get(run, headers=html).text
    assert ahead["waves"] == 4 and ahead["first_at"] is None and hours(desk, ahead["last_at"]) == 3
    assert soon in page and last in page and later not in page
    settings(desk, "dwell_minutes = 1e-7\n", "dwell_minutes = 60\n")
    ahead, page = state(anna, desk.run)["shops"][0]["ahead"], anna.get(run, headers=html).text
    assert hours(desk, ahead["first_at"]) == 1 and hours(desk, ahead["last_at"]) == 4
    assert later in page and last in page and soon not in page
    settings(desk, "dwell_minutes = 60\n", "dwell_minutes = 1e-7\n")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/publish", to="web", sure="1")
    ahead, page = state(anna, desk.run)["shops"][0]["ahead"], anna.get(run, headers=html).text
    assert ahead["waves"] == 3 and hours(desk, ahead["first_at"]) == 1 and hours(desk, ahead["last_at"]) == 3
    assert rest in page


def hours(desk: Place, moment: str) -> int:
    """Whole hours until then."""
    return round((dt.datetime.fromisoformat(moment) - desk.desk.reading.now()) / dt.timedelta(hours=1))
