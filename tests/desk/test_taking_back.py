"""Taking a run back at the desk while a wave of it is still to leave."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from .feed import QUIET, attested, feed, prices, state, told
from .place import Place, post, priced_anew


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    """One change leaves first; the others wait for half an hour."""
    return feed(tmp_path / "shop", QUIET.replace("canary_minutes = 0", "canary_minutes = 30\ncanary_least = 1"))


@pytest.mark.real  # long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_has_not_left_yet_leaves_no_more(desk: Place, language: str) -> None:
    anna, ben = desk.client("approver", "anna"), desk.client("approver", "ben")
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    assert post(anna, f"{run}/accept", sure="1").status_code == 303
    assert post(anna, f"{run}/publish", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    sent, came, left = shop["sent"], shop["now"], shop["waiting"]
    assert came > 0 and left > 0 and came + left == sent and prices(desk) != before
    shown = {"en": f"{left} more have not been sent yet and are called off", "zh": f"另有 {left} 项尚未发布，将被取消"}[language]
    assert shown in anna.get(run, headers={"Accept": "text/html", "Accept-Language": language}).text

    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    shop = state(anna, desk.run)["shops"][0]
    assert (shop["now"], shop["waiting"], shop["undone"]) == (0, 0, came) and prices(desk) == before
    assert shop["fates"] == {"called_off": left, "undone": came}
    page = anna.get(f"{run}/receipts?fate=called_off", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert page.count({"en": "called off before it left", "zh": "发布前已取消"}[language]) > left
    states = {row["sku"]: row["state"] for row in told(anna, "/prices?action=change&size=100")["rows"]}
    one, today, row = state(anna, desk.run), told(anna, "/")["states"], told(anna, "/approvals")["all"]["runs"][0]
    assert one["states"] == {"called_off": left, "undone": came} == {name: list(states.values()).count(name) for name in one["states"]}
    assert {name: part["count"] for name, part in today.items()} == one["states"]
    assert (
        one["ever"] == row["ever"] == told(anna, f"/outcome/{desk.run}")["one"]["ever"] and row["ever"]["undone"] == row["undone"] == came
    )
    told_ = {
        "undone": {"en": "It was taken back", "zh": "该价格已退回原价"}[language],
        "called_off": {"en": "It was called off before it left", "zh": "该价格在发布前已取消"}[language],
    }
    for name, words in told_.items():
        sku = next(sku for sku, one in states.items() if one == name)
        assert words in anna.get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": language}).text
    rows = told(anna, f"{run}/receipts?fate=called_off")["rows"]
    assert {row["code"] for row in rows} == {"called_off"}
    assert "count every time" not in anna.get(run, headers={"Accept": "text/html"}).text


@pytest.mark.real  # long
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_product_leads_to_where_its_price_is_taken_back(desk: Place, language: str) -> None:
    anna, ben, vera = desk.client("approver", "anna"), desk.client("approver", "ben"), desk.client("viewer", "vera")
    before, run = prices(desk), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    assert told(anna, f"/products/{next(iter(before))}")["back"] == []
    post(anna, f"{run}/publish", to="web", sure="1")
    rows = told(anna, f"{run}/receipts")["rows"]
    came, left = (next(row for row in rows if row["fate"] == fate) for fate in ("applied", "waiting"))
    words, header = {"en": "Take back", "zh": "退回原价"}[language], {"Accept": "text/html", "Accept-Language": language}
    for row in (came, left):
        sku = row["sku"]
        to = before[sku] if row is came else None
        one = {"run": desk.run, "target": "web", "price": row["price"], "fate": row["fate"], "to": to}
        assert [{name: value for name, value in back.items() if name != "at"} for back in told(anna, f"/products/{sku}")["back"]] == [one]
        page = anna.get(f"/products/{sku}", headers=header).text
        there = re.findall(rf'<p class="back"><a class="button" href="([^"]+)">{words}</a>', page)
        assert len(there) == 1 and '<p class="back">' not in vera.get(f"/products/{sku}", headers=header).text
        form = anna.get(html.unescape(there[0]), headers=header).text
        key = re.findall(r'name="products" value="([^"]+)"', form)
        assert [one.replace("&#31;", "\x1f") for one in key] == ["\x1f".join((sku, row["channel"], row["region"]))]
        assert re.search(r'name="products" value="[^"]+"[^>]* checked>', form) and "<b data-count>1</b>" in form
        assert told(anna, html.unescape(there[0]))["chosen"] == [[sku, row["channel"], row["region"]]]
        assert told(anna, f"{run}/receipts?search={sku[:-1]}")["chosen"] == [], "a part of a SKU chooses nothing"
        assert post(ben, f"{run}/undo", to="web", sure="1", chosen="1", products=key[0].replace("&#31;", "\x1f")).status_code == 303
        assert told(anna, f"/products/{sku}")["back"] == [] and prices(desk)[sku] == before[sku]
    rows = {row["sku"]: row["fate"] for row in told(anna, f"{run}/receipts?kind=publish")["rows"]}
    assert (rows[came["sku"]], rows[left["sku"]]) == ("undone", "called_off")


@pytest.mark.parametrize("address", ["/runs/{}", "/runs/{}/dry-run", "/runs/{}/receipts", "/api/v1/runs/{}/dry-runs", "/outcome/{}"])
def test_a_run_that_is_not_there_is_said_not_to_be(desk: Place, address: str) -> None:
    answer = desk.client("approver", "anna").get(address.format("20200101-00000000"), headers={"Accept": "application/json"})
    assert answer.status_code == 404 and "20200101-00000000" in answer.json()["detail"]


@pytest.mark.real  # long
def test_today_tells_of_an_earlier_run_whose_prices_still_leave(desk: Place) -> None:
    anna, ben, run = desk.client("approver", "anna"), desk.client("approver", "ben"), f"/runs/{desk.run}"
    attested(desk, anna, ben)
    post(anna, f"{run}/accept", sure="1")
    post(anna, f"{run}/publish", to="web", sure="1")
    left = state(anna, desk.run)["shops"][0]["waiting"]
    assert left > 0 and told(anna, "/")["elder"] == []
    newer = priced_anew(desk, '\n[[rule]]\nkind = "max_change"\nstep = 0.03\n')
    assert newer != desk.run
    (elder,) = told(anna, "/")["elder"]
    assert (elder["run"], elder["target"], elder["count"]) == (desk.run, "web", left)
    for language, words in (("en", "Prices of an earlier run that still leave for the shop:"), ("zh", "较早批次中仍将发往店铺的价格：")):
        page = anna.get("/", headers={"Accept": "text/html", "Accept-Language": language}).text
        part = page.partition('id="elder-1"')[2].partition("</p>")[0]
        assert words in part and f'<data value="{left}">' in part and f'href="{run}"' in part
    assert post(ben, f"{run}/undo", to="web", sure="1").status_code == 303
    assert told(anna, "/")["elder"] == []
