"""What channels take, asked for in the guide: written into shop.toml, its other lines as they are, and counted in the first prices."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.fees import FeesPolicy
from pricesmith.flows.desk.rules.fees import with_fee
from tests.desk.guide import WANTED
from tests.desk.place import csrf, place, post
from tests.desk.test_start import HTML, send, take

SOLD = "date,sku,units,price,channel\n" + "".join(f"2026-02-{day:02},A,3,9.99,{c}\n" for day in range(1, 21) for c in ("web", "Markt & Co"))


def begun(desk: Desk, client: TestClient, sold: str = SOLD) -> None:
    data = desk.reading.folder / "data"
    (data / "products.csv").write_text("sku,unit_cost\nA,5\n", encoding="utf-8")
    (data / "sales.csv").write_text(sold, encoding="utf-8")
    assert post(client, "/start/choose", **WANTED).status_code == 303


def told(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/start?format=json").json()["fees"]
    return found


def shown(client: TestClient, language: str = "en") -> str:
    page = client.get("/start", headers={**HTML, "Accept-Language": language}).text
    return html.unescape(re.sub("<.*?>", " ", page.partition('id="fees"')[2].partition("</section>")[0]))


def test_each_channel_is_asked_what_it_takes(desk: Desk, client: TestClient) -> None:
    assert told(client) == [] and "What channels take" not in client.get("/start", headers=HTML).text, (
        "not before the shop has said what it wants"
    )
    begun(desk, client)
    assert [one["channel"] for one in told(client)] == ["Markt & Co", "web"]
    assert "Markt & Co" in shown(client) and "(CHF)" in shown(client) and "平台佣金" in shown(client, "zh")
    before = (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")
    assert post(client, "/start/fees", channel="Markt & Co", fee_rate="15 %", shipping="0,20").status_code == 303
    assert post(client, "/start/fees", channel="web", payment_rate="1.5").status_code == 303
    marketplace, web = FeesPolicy(channel="Markt & Co", fee_rate=0.15, shipping=0.2), FeesPolicy(channel="web", payment_rate=0.015)
    assert desk.reading.policy.fees == (marketplace, web)
    assert "Saved: what web takes." in shown(client)
    page = client.get("/start", headers=HTML).text
    for name, value in (("fee_rate", "15"), ("shipping", "0.2"), ("payment_rate", "1.5")):
        assert f'name="{name}" inputmode="decimal" size="6" autocomplete="off" value="{value}"' in page
    after = (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert post(client, "/start/fees", channel="web").status_code == 303
    assert desk.reading.policy.fees == (marketplace,)
    assert post(client, "/start/fees", channel="Markt & Co").status_code == 303
    assert (desk.reading.folder / "shop.toml").read_text(encoding="utf-8") == before, "nothing is left of them"


def test_one_channel_is_every_channel(desk: Desk, client: TestClient) -> None:
    begun(desk, client, SOLD.replace(",Markt & Co", ",web"))
    assert [one["channel"] for one in told(client)] == [""] and "Every channel" in shown(client)
    assert post(client, "/start/fees", fee_rate="3").status_code == 303 and desk.reading.policy.fees == (FeesPolicy(fee_rate=0.03),)


def test_many_channels_are_stores_and_asked_about_as_one(desk: Desk, client: TestClient) -> None:
    begun(desk, client, SOLD + "".join(f"2026-02-21,A,1,9.99,{number}\n" for number in range(9)))
    assert [one["channel"] for one in told(client)] == [""]
    assert post(client, "/start/fees", channel="3", fee_rate="3").status_code == 303
    assert [one["channel"] for one in told(client)] == ["3"], "what is said is shown"


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fee_rate": "0.15"}, "may mean 15 % or 0.15 %"),
        ({"fee_rate": "150"}, "150 % is too much"),
        ({"fee_rate": "60", "payment_rate": "40"}, "these fees leave nothing of a price"),
        ({"shipping": "free"}, "'free' is no number"),
        ({"shipping": "-1"}, "is no amount of money"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(desk: Desk, client: TestClient, given: dict[str, str], said: str) -> None:
    begun(desk, client)
    before = (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")
    answer = client.post(
        "/start/fees", data={"channel": "web", "_csrf": csrf(client, "/start"), **given}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422 and said in answer.text, answer.text
    assert (desk.reading.folder / "shop.toml").read_text(encoding="utf-8") == before


LINES = (
    'currency = "EUR"\n\n[[fees]]\nregion = "DE"\nshipping = 2\n\n'
    '[[fees]]\nchannel = "a"  # ours\nfee_rate = 0.1\n# last\n\n[model]\nseed = 1\n'
)


def test_only_the_table_of_the_place_is_written_anew() -> None:
    changed = with_fee(LINES, FeesPolicy(channel="a", fee_rate=0.2, return_rate=0.1))
    assert changed == LINES.replace('"a"  # ours\nfee_rate = 0.1\n', '"a"\nfee_rate = 0.2\nreturn_rate = 0.1\n')
    added = with_fee(LINES, FeesPolicy(channel="b", payment_rate=0.1))
    assert "# last\n" in added and added.index('channel = "b"') > added.index('channel = "a"')
    assert with_fee(LINES, FeesPolicy(channel="c")) == LINES
    with pytest.raises(PolicyError, match="one line"):
        with_fee('currency = "EUR"\nfees = [{ channel = "a", fee_rate = 0.1 }]\n', FeesPolicy(channel="a", fee_rate=0.2))


def test_costs_of_a_channel_in_which_nothing_is_sold_are_told_at_once(desk: Desk, client: TestClient) -> None:
    begun(desk, client)
    place = send(client, "costs", b"sku,valid_from,unit_cost,fee_rate,channel\nA,2026-01-01,5,0.1,Market\nA,2026-01-01,5,,web\n")
    columns = {name: name for name in ("sku", "valid_from", "unit_cost", "fee_rate", "channel")}
    take(client, place, columns, delimiter="comma", decimal="point", dates="ymd-")
    said = html.unescape(client.get("/start", headers=HTML).text)
    assert "1 rows hold where nothing is sold (Market) and say nothing: sales name Markt & Co, web." in said


@pytest.mark.parametrize(
    ("language", "words", "nothing"),
    [
        (
            "en",
            ("What channels take · Every channel · payment fee", "2.5\u00a0%", "shipping of one unit 0.4"),
            "nothing but what the table of costs says",
        ),
        ("zh", ("渠道扣费 · 所有渠道 · 支付手续费", "2.5%", "单件运费 0.4"), "除成本表所列外没有扣费"),
    ],
)
def test_the_page_rules_changes_it_in_a_draft(tmp_path: Path, language: str, words: tuple[str, ...], nothing: str) -> None:
    desk = place(tmp_path / "shop")
    eve, before = desk.client("admin", "eve"), (desk.folder / "shop.toml").read_text(encoding="utf-8")
    header = {"Accept": "text/html", "Accept-Language": language}
    assert nothing in eve.get("/rules", headers=header).text
    done = post(eve, "/rules/fees", payment_rate="2,5", shipping="0.40")
    draft = re.search(r"draft=([^&]+)", done.headers["location"])[1]  # type: ignore[index]
    seen = eve.get(f"/rules?draft={draft}&dry=1", headers={"Accept": "application/json"}).json()
    places = [("fees.*.payment_rate", "0.025"), ("fees.*.shipping", "0.4")]
    assert [(one["place"], one["new"]) for one in seen["settings"]] == places[::-1]
    assert sorted(seen["difference"]["later"]) == [place for place, _ in places], "stored costs hold the fees of then: it is said"
    shown = html.unescape(re.sub("<.*?>", "", eve.get(f"/rules?draft={draft}", headers=header).text))
    assert all(one in shown for one in words) and nothing not in shown
    assert post(eve, "/rules/fees", draft=draft).status_code == 303
    assert eve.get(f"/rules?draft={draft}", headers={"Accept": "application/json"}).json()["settings"] == [], "empty takes nothing"
    refused = eve.post("/rules/fees", data={"_csrf": csrf(eve, "/sign-in"), "fee_rate": "much"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["where"]) == (422, "fee_rate")
    assert post(desk.client("viewer", "vera"), "/rules/fees", fee_rate="5").status_code == 403
    assert (desk.folder / "shop.toml").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("rate", "en", "zh"),
    [
        ("20", "is 16 × 1.2 = 19.2 % of the price without tax, at a tax of 20 %.", "16 × 1.2 = 19.2%（税率 20%）"),
        ("", "is 16 × 1.17 = 18.72 % of the price without tax, at a tax of 17 %.", "16 × 1.17 = 18.72%（税率 17%）"),
        ("0", "", ""),
    ],
)
def test_a_share_of_the_price_with_tax_is_told_as_one_of_the_price_without(
    desk: Desk, client: TestClient, rate: str, en: str, zh: str
) -> None:
    """A marketplace takes 16 % of what the customer pays; where products name rates of their own, 17 % is an example."""
    begun(desk, client)
    assert post(client, "/start/choose", **{**WANTED, "tax": "gross", "tax_rate": rate}).status_code == 303
    assert en in shown(client).replace("\u00a0", " ") and zh in shown(client, "zh")
    assert ("of what the customer pays" in shown(client)) == bool(en)
    assert post(client, "/start/choose", **{**WANTED, "tax": "net"}).status_code == 303
    assert "of what the customer pays" not in shown(client)


def test_what_a_rate_of_tax_means_is_said_at_its_field(desk: Desk, client: TestClient) -> None:
    begun(desk, client)
    for language, means in (("en", "17 means: of a price of 117, 17 are tax."), ("zh", "17 表示：价格 117 中，17 为税。")):
        page = client.get("/start", headers={**HTML, "Accept-Language": language}).text
        field = page.partition('name="tax_rate"')[2].partition("<label>")[0]
        assert means in html.unescape(field)
