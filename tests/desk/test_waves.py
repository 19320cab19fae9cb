"""Prices leave in waves: how many first, what the others wait for, and that the desk goes on by itself."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service import going_on
from pricesmith.flows.desk.publishing import sending
from pricesmith.flows.desk.reading.ledger import KEY
from pricesmith.flows.publishing.history.runs import run_facts
from pricesmith.guards.rank import ranks

from .feed import attested, feed, settings, state, told
from .place import Place, post

pytestmark = pytest.mark.real  # long


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
        ("en", f"the ready ones ({shop['ready']}) and those of this run that were published before (1)"),
        ("zh", f"可发布的 {shop['ready']} 个，以及本批次此前已发布的 1 个"),
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


def last_to_leave(desk: Place) -> str:
    """The product whose place in the canary is the last: the order is drawn anew for every run, and a stopped first one holds its wave."""
    products = run_facts(desk.desk.reading.book, desk.run).products
    drawn = products.join(desk.desk.reading.run(desk.run).changes.select(KEY), on=KEY, how="semi")
    return str(drawn["sku"][int(ranks(drawn, desk.run).argmax())])


def test_a_price_that_waits_says_what_for_and_until_when(desk: Place) -> None:
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert "of them (the first wave at least 1), 60 min apart; each wave" in page
    sku = last_to_leave(desk)
    post(anna, "/stop", scope="sku", name=sku, why="its label")
    post(anna, f"{run}/publish", to="web", sure="1")
    shop = state(anna, desk.run)["shops"][0]
    found = waits(desk, anna)
    assert sum(count for count, _ in found.values()) == shop["waiting"] > 2
    assert found["sku_stopped"] == (1, False) and found["wave"][1]
    page = anna.get(run, headers={"Accept": "text/html"}).text
    assert "the product is stopped, until two people release it" in page and 'id="coming-1"' in page
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


LEAST = "canary_minutes = 60\ncanary_least = 20\n"
SAID = {
    "en": ("Published now, these leave, at the earliest:", "prices rest for 60 min after", "has been in the shop for 60 min then</small>",
           "at least 20 leave first", "come behind those of this run that wait", "at once"),
    "zh": ("现在发布，最早发出时间：", "静置 60 分钟", "届时上一波已在店铺中满 60 分钟</small>", "因第一波至少 20 个",
           "排在本批次正在等待的价格之后", "立即"),
}  # fmt: skip


@pytest.mark.parametrize("language", list(SAID))
def test_when_each_wave_leaves_and_why_not_before_is_told_before_and_meanwhile(language: str, desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    html = {"Accept": "text/html", "Accept-Language": language}
    settings(desk, "canary_minutes = 0\n", "canary_minutes = 60\ncanary_least = 1\n")
    post(anna, f"{run}/accept", sure="1")
    before, rest, wave, _, _, once = SAID[language]
    shop, page = state(anna, desk.run)["shops"][0], anna.get(run, headers=html).text
    assert plan(desk, shop["ahead"]) == [(0, "now"), (1, "wave"), (2, "wave"), (3, "wave")] and shop["coming"] == []
    assert sum(one["count"] for one in shop["ahead"]) == shop["ready"]
    assert before in page and wave in page and once in page and rest not in page
    settings(desk, "dwell_minutes = 1e-7\n", "dwell_minutes = 60\n")
    shop, page = state(anna, desk.run)["shops"][0], anna.get(run, headers=html).text
    assert plan(desk, shop["ahead"]) == [(1, "rest"), (2, "wave"), (3, "wave"), (4, "wave")] and rest in page
    settings(desk, "dwell_minutes = 60\n", "dwell_minutes = 1e-7\n")
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/publish", to="web", sure="1")
    shop, page = state(anna, desk.run)["shops"][0], anna.get(run, headers=html).text
    assert plan(desk, shop["coming"]) == [(1, "wave"), (2, "wave"), (3, "wave")] and shop["ahead"] == []
    assert sum(one["count"] for one in shop["coming"]) == shop["waiting"] and before not in page and wave in page


def plan(desk: Place, coming: list[dict]) -> list[tuple[int, str]]:  # type: ignore[type-arg]
    return [(0 if one["at"] is None else hours(desk, one["at"]), one["why"]) for one in coming]


@pytest.mark.parametrize("language", list(SAID))
def test_every_moment_of_the_page_is_one_of_the_foreseen_waves(language: str, desk: Place) -> None:
    """A first wave of 20 holds more than a tenth of the run: the second brings none, and no moment of the page is its own."""
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    attested(desk, anna, desk.client("approver", "ben"))
    settings(desk, "canary_minutes = 0\n", LEAST)
    attested(desk, anna, desk.client("approver", "ben"))
    post(anna, f"{run}/accept", sure="1", held="1")
    post(anna, f"{run}/publish", to="web", sure="1", anyway="1")
    shop = state(anna, desk.run)["shops"][0]
    assert shop["waiting"] > 0 and shop["wave"]["count"] == 20 < shop["wave"]["of"]
    assert shop["coming"][0]["why"] == "wave" and shop["coming"][0]["empty"] >= 1
    foreseen = [one["at"] for one in shop["coming"]]
    assert shop["due"] == shop["next_at"] == foreseen[0] and hours(desk, foreseen[0]) == 1 + shop["coming"][0]["empty"]
    assert {one["until"] for one in shop["waits"]} == {foreseen[0]}
    page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text
    live = page.partition('id="shop-1"')[2]
    moments = re.findall(r'<time datetime="([^"]*)"', live.partition('id="jobs"')[0])
    later = {moment for moment in moments if dt.datetime.fromisoformat(moment) > desk.desk.reading.now()}
    assert later == {dt.datetime.fromisoformat(one).isoformat() for one in foreseen} and SAID[language][3] in live
    jobs = live.partition('id="jobs"')[2]
    assert not [one for one in re.findall(r'<time datetime="([^"]*)"', jobs) if dt.datetime.fromisoformat(one) > desk.desk.reading.now()]


def test_what_waits_keeps_its_wave_when_more_is_published(desk: Place) -> None:
    anna, run = desk.client("approver", "anna"), f"/runs/{desk.run}"
    settings(desk, "canary_minutes = 0\n", LEAST)
    settings(desk, "dwell_minutes = 1e-7\n", "dwell_minutes = 60\n")
    attested(desk, anna, desk.client("approver", "ben"))
    keys = ["\x1f".join(row) for row in desk.desk.reading.run(desk.run).changes.select("sku", "channel", "region").iter_rows()]
    post(anna, "/prices/accept", run=desk.run, products=keys[:5])
    post(anna, f"{run}/publish", to="web", sure="1", anyway="1")
    first = state(anna, desk.run)["shops"][0]
    assert [(one["count"], one["why"]) for one in first["coming"]] == [(5, "rest")]
    post(anna, "/prices/accept", run=desk.run, products=keys[5:])
    for language in SAID:
        page = anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text
        assert SAID[language][4] in page
    post(anna, f"{run}/publish", to="web", sure="1", anyway="1")
    more = state(anna, desk.run)["shops"][0]
    assert more["coming"][0]["count"] == 20 and more["coming"][0]["at"] == first["coming"][0]["at"] and len(more["coming"]) > 1


def hours(desk: Place, moment: str) -> int:
    """Whole hours until then."""
    return round((dt.datetime.fromisoformat(moment) - desk.desk.reading.now()) / dt.timedelta(hours=1))
