"""How fast approved prices leave is told before anybody publishes, from the settings in force, with where they are changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from .feed import feed, settings, state, told
from .place import Place

FAST = "[guards]\ncanary = [0.2]\ncanary_least = 7\ncanary_minutes = 5\ndwell_minutes = 2.5\nindex_hour = 0.04\nindex_day = 0.08\n"
PACE = {
    "dwell_minutes": 2.5,
    "canary": [0.2, 1.0],
    "canary_least": 7,
    "canary_minutes": 5.0,
    "index_hour": 0.04,
    "index_day": 0.08,
    "last_minutes": 5.0,
}
SAID = {
    "en": (
        "2.5 min at the earliest",
        "20\u00a0% → 100\u00a0%",
        "at least 7",
        "5 min apart",
        "The last wave leaves 5 min after the first at the earliest.",
        "4\u00a0% within an hour and 8\u00a0% within a day",
    ),
    "zh": (
        "至少过 2.5 分钟",
        "20% → 100%",
        "至少 7 个",
        "间隔 5 分钟",
        "最后一波最早在第一波之后 5 分钟发出。",
        "一小时内最多变动 4%，一天内最多 8%",
    ),
}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop", FAST)


@pytest.mark.parametrize("language", list(SAID))
def test_the_pace_is_told_where_a_file_is_made_and_where_a_run_is_published(language: str, desk: Place) -> None:
    admin = desk.client("admin", "ada")
    assert told(admin, "/shops")["pace"] == state(admin, desk.run)["pace"] == PACE
    for address in ("/shops", f"/runs/{desk.run}"):
        page = admin.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
        said = page[page.index('<ul class="note pace">') :].split("</ul>")[0]
        assert all(words in said for words in SAID[language]), said
        assert '<a href="/rules#text"><code>[guards]</code></a>' + {"en": ".", "zh": "。"}[language] in said


def test_it_is_told_once_for_all_shops(desk: Place) -> None:
    settings(desk, "[shop.web]\n", '[shop.second]\nplatform = "csv_feed"\nurl = "second.csv"\n\n[shop.web]\n')
    page = desk.client("admin", "ada").get(f"/runs/{desk.run}", headers={"Accept": "text/html"}).text
    assert page.count('<section id="shop-') == 2 and page.count('<ul class="note pace">') == 1


def test_it_follows_the_settings(desk: Place) -> None:
    settings(desk, "dwell_minutes = 2.5", "dwell_minutes = 30")
    assert told(desk.client("viewer"), "/shops")["pace"]["dwell_minutes"] == 30.0
