"""A shop is removed on the page Shops: it is asked first, what waits is given up, and the ledger keeps its history."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.contracts.errors import LedgerError, PolicyError
from pricesmith.flows.publishing.shops.shop_section import without_section

from .feed import attested, feed, settings, state, told
from .place import SHOP, Place, post

pytestmark = pytest.mark.real  # long

SLOW = "canary_minutes = 60\ncanary_least = 1\n"
SAID = {
    "en": (
        "Remove this shop",
        "They are given up: they do not leave.",
        "Its file stays in the shop folder:",
        "its shop was removed before it left",
    ),
    "zh": ("移除此店铺", "这些价格将被放弃，不再发出", "其文件仍保留在店铺文件夹中：", "发出前其店铺已移除"),
}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """A shop to which a first wave of a run has left, while the others wait."""
    found = feed(tmp_path / "shop")
    settings(found, "canary_minutes = 0\n", SLOW)
    anna = found.client("approver", "anna")
    attested(found, anna, found.client("approver", "ben"))
    post(anna, f"/runs/{found.run}/accept", sure="1")
    post(anna, f"/runs/{found.run}/publish", to="web", sure="1")
    return found


@pytest.mark.parametrize("language", list(SAID))
def test_the_page_says_what_removing_does_and_asks_first(language: str, desk: Place) -> None:
    admin, html = desk.client("admin"), {"Accept": "text/html", "Accept-Language": language}
    waiting = state(admin, desk.run)["shops"][0]["waiting"]
    assert told(admin, "/shops?shop=web")["removal"] == {"waiting": waiting, "file": True} and waiting > 0
    page = admin.get("/shops?shop=web", headers=html).text
    assert all(words in page for words in SAID[language][:3]) and 'action="/shops/web/remove"' in page
    before = (desk.folder / "shop.toml").read_text(encoding="utf-8")
    assert post(admin, "/shops/web/remove").status_code == 422, "not without a tick"
    assert post(admin, "/shops/web/remove", sure="1", count=waiting + 1).status_code == 409, "others wait than were seen"
    assert (desk.folder / "shop.toml").read_text(encoding="utf-8") == before
    assert post(admin, "/shops/web/remove", sure="1", count=waiting).headers["location"].startswith("/shops")
    receipts = admin.get(f"/runs/{desk.run}/receipts?fate=superseded", headers=html).text
    assert SAID[language][3] in receipts


def test_what_waits_is_given_up_and_what_was_sent_stands_in_the_ledger(desk: Place) -> None:
    admin, reading = desk.client("admin", "ada"), desk.desk.reading
    shop = state(admin, desk.run)["shops"][0]
    text, file = (desk.folder / "shop.toml").read_text(encoding="utf-8"), (desk.folder / "feed.csv").read_bytes()
    intents, applied = reading.book.read("intents").height, reading.book.read("applied")
    assert post(admin, "/shops/web/remove", sure="1").status_code == 303
    assert "web" not in desk.desk.reading.policy.shops
    assert (desk.folder / "shop.toml").read_text(encoding="utf-8") == text.replace(SHOP, "").rstrip("\n") + "\n", "all else stays"
    assert (desk.folder / "feed.csv").read_bytes() == file
    assert reading.book.read("intents").height == intents and reading.book.read("applied").equals(applied)
    ends = reading.book.read("receipts", {"code": "shop_removed"})
    assert ends.height == shop["waiting"] and ends["fate"].unique().to_list() == ["superseded"]
    acts = reading.book.read("audit")
    assert acts.filter(act="gave_up")["by"].to_list() == ["ada"] and acts.filter(act="changed_policy").height == 1
    assert reading.book.waiting("web").is_empty() and reading.book.verify().findings == ()
    for language, why in (("en", "removed shop web"), ("zh", "移除了店铺 web")):
        assert why in admin.get("/audit", headers={"Accept": "text/html", "Accept-Language": language}).text
    one = state(admin, desk.run)
    assert one["shops"] == [] and one["states"] == {"applied": shop["now"], "unreached": shop["waiting"]} | {
        name: count for name, count in one["states"].items() if name not in ("applied", "unreached")
    }
    assert "sent" not in one["states"], "nothing is on its way any more"


@pytest.mark.parametrize("name", ["web", "winkel"])
def test_what_was_given_up_is_published_to_a_shop_that_is_connected_then(name: str, desk: Place) -> None:
    admin, run = desk.client("admin", "ada"), f"/runs/{desk.run}"
    waiting = state(admin, desk.run)["shops"][0]["waiting"]
    post(admin, "/shops/web/remove", sure="1")
    assert post(admin, "/shops/connect", platform="csv_feed", name=name, url="feed.csv").status_code == 303
    shop = state(admin, desk.run)["shops"][0]
    assert (shop["name"], shop["ready"], shop["waiting"]) == (name, waiting, 0), "nothing goes on by itself"
    post(admin, f"{run}/publish", to=name, sure="1", anyway="1")
    shop = state(admin, desk.run)["shops"][0]
    assert shop["ready"] == 0 and shop["waiting"] > 0 and shop["sent"] >= waiting


def test_a_shop_is_not_removed_while_prices_are_being_sent_to_it(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, before = desk.client("admin"), (desk.folder / "shop.toml").read_text(encoding="utf-8")

    def in_hand(*_given: object) -> int:
        raise LedgerError("prices are being sent to web right now", hint="wait a minute, and try again")

    monkeypatch.setattr(type(desk.desk.reading.book), "give_up", in_hand)
    answer = admin.post(
        "/shops/web/remove",
        data={"_csrf": admin.get("/sign-in").text.partition('name="csrf" content="')[2].partition('"')[0], "sure": "1"},
        headers={"Accept": "text/html", "Accept-Language": "zh"},
    )
    assert answer.status_code >= 400 and "正在向 web 发送价格" in answer.text
    assert (desk.folder / "shop.toml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize("role", ["viewer", "analyst", "approver"])
def test_only_an_admin_removes(role: str, desk: Place) -> None:
    assert post(desk.client(role), "/shops/web/remove", sure="1").status_code == 403  # type: ignore[arg-type]
    assert post(desk.client("admin"), "/shops/none/remove", sure="1").status_code == 404


def test_a_section_is_taken_out_of_the_text_alone() -> None:
    head, tail = '# mine\ncurrency = "EUR"\n\n', "\n# the guards\n[guards]\nmax_step = 0.1\n"
    ours = '[shop.web]\nplatform = "csv_feed"\n[shop.web.options]\nsku = "a"\n'
    assert without_section(head + ours + tail, "web") == head + tail
    two = '[shop.web]\nplatform = "csv_feed"\n[shop.other]\nplatform = "webhook"\n'
    assert without_section(two, "web") == '[shop.other]\nplatform = "webhook"\n'
    with pytest.raises(PolicyError, match="cannot be changed here"):
        without_section('shop = { web = { platform = "csv_feed" } }\n', "web")
