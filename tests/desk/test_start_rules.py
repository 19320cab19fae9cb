"""What the guide asks about rules: it proposes what the shop's own data show, and writes what was answered into shop.toml."""

from __future__ import annotations

import datetime as dt
import html
import re
from pathlib import Path
from typing import Any

import polars as pl
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.contracts.policy import parse_policy
from pricesmith.contracts.rule import plain as plain_rule
from pricesmith.flows import batch
from pricesmith.rules import RULES
from tests.desk.guide import WANTED
from tests.desk.place import csrf, post

PRICES = (4.95, 2.95, 12.95, 0.95, 1.25, 3.25, 6.25, 1.85, 7.85, 3.47)


def fill(folder: Path, prices: tuple[float, ...] = PRICES) -> None:
    (folder / "data" / "products.csv").write_text(
        "sku,active\n" + "".join(f"A{k},1\n" for k in range(len(prices))) + "OLD,0\n", encoding="utf-8"
    )
    lines = [f"2026-01-{5 + day:02},A{k},3,{price}" for k, price in enumerate(prices) for day in range(3)]
    text = "\n".join(["date,sku,units,price", *lines, "2026-01-05,OLD,1,9.11", ""])
    (folder / "data" / "sales.csv").write_text(text, encoding="utf-8")


def told(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/start?format=json").json()
    return found


def page(client: TestClient, language: str = "en", address: str = "/start") -> str:
    return html.unescape(client.get(address, headers={"Accept": "text/html", "Accept-Language": language}).text)


def plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", text).replace("\xa0", " ")


def test_the_endings_of_the_shop_are_proposed_with_what_they_fit(desk: Desk, client: TestClient) -> None:
    folder = desk.reading.folder
    fill(folder)
    found = told(client)
    assert found["settings"]["endings"] == [0.95, 0.25, 0.85]
    assert found["endings"] == {
        "prices": 10, "fitting": 9, "otherwise": 1,
        "proposed": [{"ending": 0.95, "prices": 4}, {"ending": 0.25, "prices": 3}, {"ending": 0.85, "prices": 2}],
    }  # fmt: skip
    seen = page(client)
    assert 'name="endings" value="0.95, 0.25, 0.85"' in seen
    line = plain(seen.partition('<p id="endings">')[2].partition("</p>")[0])
    assert "0.95 (40 %), 0.25 (30 %), 0.85 (20 %)." in line and "Of 10 prices today 9 have one of the endings above: 90 %." in line
    assert "Prices that end otherwise today: 1. Such a price stays until a better one with these endings is allowed" in line
    line = plain(page(client, "zh").partition('<p id="endings">')[2].partition("</p>")[0])
    assert "0.95 (40%)、0.25 (30%)、0.85 (20%)。" in line and "现有 10 个价格中，9 个的尾数与上方一致：90%。" in line
    assert post(client, "/start/choose", **WANTED | {"currency": "EUR", "period": "day", "endings": "0.95 0.47"}).status_code == 303
    found = told(client)
    assert (found["settings"]["endings"], found["endings"]["fitting"]) == ([0.95, 0.47], 5), "what was answered stands"
    assert "mostly end in: 0.95 (40 %)" in plain(page(client))


def test_the_usual_endings_stay_where_prices_have_none_in_common(desk: Desk, client: TestClient) -> None:
    fill(desk.reading.folder, (1.13, 2.27, 3.31, 4.99))
    found = told(client)
    assert found["settings"]["endings"] == [0.99, 0.49] and found["endings"] == {"prices": 4, "proposed": [], "fitting": 1, "otherwise": 3}
    assert "no endings in common, so the usual ones are proposed. Of 4 prices today 1 have" in plain(page(client))
    (desk.reading.folder / "data" / "sales.csv").write_text("date,sku\n2026-01-05,A0\n", encoding="utf-8")
    assert told(client)["endings"] is None and 'id="endings"' not in page(client), "the check of the data says why"


ANSWER = WANTED | {"currency": "EUR", "period": "day", "endings": "0.95"}


def rules_of(folder: Path) -> dict[str, dict[str, Any]]:
    policy = parse_policy((folder / "shop.toml").read_text(encoding="utf-8"), RULES)
    return {rule.kind: plain_rule(rule) for rule in policy.rules}


def test_a_least_move_and_one_price_for_many_are_asked_and_become_rules(desk: Desk, client: TestClient) -> None:
    folder = desk.reading.folder
    fill(folder)
    (folder / "data" / "products.csv").write_text(
        "sku,family,brand\nA0,pans,\nA1,pans,Alder\nA2, ,\nOLD,,\n" + "".join(f"A{k},,\n" for k in range(3, 10)), encoding="utf-8"
    )
    found = told(client)
    assert (found["settings"]["least"], found["settings"]["together"]) == (None, "")
    assert found["named"] == {"family": 2, "category": 0, "brand": 1}
    assert '<option value="family">family (2)</option>' in page(client) and "同一系列（2）" in page(client, "zh")
    before = (folder / "shop.toml").read_text(encoding="utf-8")
    assert post(client, "/start/choose", **ANSWER).status_code == 303
    assert not {"min_change", "same_price"} & rules_of(folder).keys(), "both are off where nobody asks for them"
    off = (folder / "shop.toml").read_text(encoding="utf-8")
    assert post(client, "/start/choose", **ANSWER | {"least": "2", "together": "family"}).status_code == 303
    assert rules_of(folder)["min_change"] == {"kind": "min_change", "step": 0.02}
    assert rules_of(folder)["same_price"] == {"kind": "same_price", "by": "family"}
    found = told(client)
    assert (found["settings"]["least"], found["settings"]["together"]) == (0.02, "family")
    seen = page(client)
    assert 'name="least" inputmode="decimal" size="6" autocomplete="off" value="2"' in seen
    assert '<option value="family" selected>' in seen
    assert post(client, "/start/choose", **ANSWER | {"least": "0"}).status_code == 303
    text = (folder / "shop.toml").read_text(encoding="utf-8")
    assert not {"min_change", "same_price"} & rules_of(folder).keys() and "# step = 0.02\n" in text
    assert text.replace("# step = 0.02\n", "# step = 0.02\n# amount = 0.10\n") == off and off.count("\n#") == before.count("\n#") - 1


def test_a_least_move_beyond_the_largest_is_refused_and_a_new_largest_counts(desk: Desk, client: TestClient) -> None:
    fill(desk.reading.folder)
    refused = post(client, "/start/choose", **ANSWER | {"least": "11"})
    form = (
        client.get(refused.headers["location"], headers={"Accept": "text/html"})
        .text.partition('action="/start/choose"')[2]
        .partition("</form>")[0]
    )
    wrong = plain(form.partition('role="alert" id="typed">')[2].partition("</strong>")[0])
    assert "the least change 0.11 is above the largest change 0.1" in wrong
    assert client.get(refused.headers["location"], headers={"Accept": "application/json"}).json()["unkept"]["field"] == "least"
    assert told(client)["settled"] is False
    for wrong in ("0.02", "much", "-3"):
        assert post(client, "/start/choose", **ANSWER | {"least": wrong}).headers["location"].endswith("#typed"), wrong
        assert told(client)["settled"] is False
    assert post(client, "/start/choose", **ANSWER | {"together": "hat"}).status_code == 422
    assert post(client, "/start/choose", **ANSWER | {"step": "30", "least": "20"}).status_code == 303
    assert post(client, "/start/choose", **ANSWER | {"step": "10", "least": "5 %"}).status_code == 303
    assert rules_of(desk.reading.folder)["min_change"]["step"] == 0.05


def send(client: TestClient, table: str, text: str) -> str:
    fields = {"_csrf": csrf(client, "/start"), "table": table}
    answer = client.post("/start/send", data=fields, files={"file": (f"{table}.csv", text.encode(), "text/csv")})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def take(client: TestClient, place: str, **more: object) -> None:
    """Take the columns as the guide has paired them."""
    found = client.get(f"{place}&format=json").json()["match"]
    columns = [f"{one['column']}={one['guess']}" for one in found["columns"] if one["guess"]]
    how = {
        "upload": found["upload"],
        "encoding": "utf-8",
        "delimiter": "semicolon",
        "decimal": "comma",
        "dates": "dmy.",
        "columns": columns,
    }
    assert post(client, "/start/match", **how | more).status_code == 303


def test_two_places_and_promotions_in_words_are_read_as_they_stand(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "products", "Artikelnr;EK netto;VK aktuell\nA1;1,20;3,99\nA2;2,00;4,99\n"))
    lines = [
        f"{day:02}.01.2026;{place};A{k};{day};3,99;{word}" for k, word in ((1, "ja"), (2, "nein")) for place in "NS" for day in range(5, 15)
    ]
    place = send(client, "sales", "\n".join(["Woche;Haus;Artikelnr;Menge;VK brutto;Aktion", *lines, ""]))
    assert client.get(f"{place}&format=json").json()["match"]["apart"] == "Haus"
    shown = page(client, address=place)
    assert "differ in “Haus”, so it is paired below" in shown and '<option value="channel=Haus" selected>' in shown
    take(client, place)
    found = told(client)
    assert (found["spoiled"], found["step"]) == ([], "settings")
    sales = pl.read_csv(desk.reading.folder / "data" / "sales.csv")
    assert sales["promo"].to_list() == [1] * 20 + [0] * 20 and sorted(set(sales["channel"])) == ["N", "S"]
    assert pl.read_csv(desk.reading.folder / "data" / "products.csv")["price"].to_list() == [3.99, 4.99]


def test_a_table_that_cannot_be_used_keeps_the_guide_where_it_is(desk: Desk, client: TestClient) -> None:
    take(client, send(client, "products", "Artikelnr;EK netto\nA1;1,20\n"))
    lines = [f"{day:02}.01.2026;A1;{day};3,99" for day in range(5, 15)]
    text = "\n".join(["Woche;Artikelnr;Menge;VK brutto", "2026-01-04;A1;4;3,99", *lines, ""])
    take(client, send(client, "sales", text), dates="ymd-")
    found, shown = told(client), page(client)
    assert (found["spoiled"], found["lacking"], found["step"]) == (["sales"], [], "tables")
    assert 'id="spoiled"' in shown and '<option value="sales" selected>' in shown and "数据表无法使用的行过多" in page(client, "zh")
    take(client, send(client, "sales", text), standing="replace")
    assert (told(client)["spoiled"], told(client)["step"]) == ([], "settings") and 'id="spoiled"' not in page(client)


def test_products_that_the_product_table_lacks_are_named_as_what_spoils_sales(desk: Desk, client: TestClient) -> None:
    """A list of costs taken as the products: nothing is wrong with how the sales are read."""
    take(client, send(client, "products", "Artikelnr;EK netto\nA1;1,20\n"))
    lines = [f"{day:02}.01.2026;{sku};{day};3,99" for day in range(5, 15) for sku in ("A1", "A2")]
    take(client, send(client, "sales", "\n".join(["Woche;Artikelnr;Menge;VK brutto", *lines, ""])))
    found, shown = told(client), page(client)
    assert (found["spoiled"], found["unlisted"], found["step"]) == (["sales"], ["sales"], "tables")
    assert "are of products that the product table does not have" in shown and "不在商品表中" in page(client, "zh")
    take(client, send(client, "products", "Artikelnr;EK netto\nA1;1,20\nA2;\n"), standing="replace")
    assert (told(client)["spoiled"], told(client)["unlisted"]) == ([], [])


def test_one_price_in_all_stores_is_offered_to_a_chain_alone(desk: Desk, client: TestClient) -> None:
    folder = desk.reading.folder
    fill(folder)
    assert told(client)["apart"] is None and 'id="apart"' not in page(client)
    assert "one price in all stores" not in page(client)
    (folder / "data" / "products.csv").write_text("sku,family\nA0,pans\nA1,pans\n", encoding="utf-8")
    lines = [
        f"2026-01-{5 + day:02},A{k},{store},3,{price}"
        for day in range(3)
        for k, store, price in ((0, 1, 4), (0, 2, 4.2), (1, 1, 4), (1, 2, 6))
    ]
    (folder / "data" / "sales.csv").write_text("\n".join(["date,sku,channel,units,price", *lines, ""]), encoding="utf-8")
    found = told(client)["apart"]
    assert (found["places"], found["products"], found["beyond"], found["step"]) == (2, 2, 1, 0.15) and round(found["median"], 6) == 0.275
    assert '<option value="sku">product: one price in all stores (2)</option>' in page(client)
    line = plain(page(client).partition('<p id="apart">')[2].partition("</p>")[0])
    assert "2 products have prices in several of 2 stores" in line and "27.5 %." in line and "largest move of 15 %: 1." in line
    assert "2 家门店" in page(client, "zh")
    assert post(client, "/start/choose", **ANSWER | {"together": "sku"}).status_code == 303
    assert rules_of(folder)["same_price"] == {"kind": "same_price", "by": "sku", "everywhere": True}
    assert '<option value="sku" selected>product: one price' in page(client)
    assert post(client, "/start/choose", **ANSWER | {"together": "family"}).status_code == 303
    assert rules_of(folder)["same_price"] == {"kind": "same_price", "by": "family"}, "families have one in each store"
    assert post(client, "/start/choose", **ANSWER | {"step": "30"}).status_code == 303
    assert "same_price" not in rules_of(folder) and told(client)["apart"]["beyond"] == 0
    assert "no common price can be reached" not in page(client)


def test_the_time_zone_is_asked_where_order_lines_have_times(desk: Desk, client: TestClient) -> None:
    folder = desk.reading.folder
    fill(folder)
    assert 'name="timezone"' not in page(client), "days are days everywhere"
    (folder / "data" / "sales.csv").unlink()
    (folder / "data" / "orders.csv").write_text(
        "order_id,at,sku,units,price\n1,2026-01-05T00:30:00+08:00,A0,2,4.95\n2,2026-01-06T09:00:00+08:00,A0,1,4.95\n", encoding="utf-8"
    )
    form = page(client).partition('action="/start/choose"')[2].partition("</form>")[0]
    assert 'name="timezone" value="UTC" required autocomplete="off" data-zone>' in form
    refused = post(client, "/start/choose", **ANSWER | {"timezone": "Shanghai"})
    seen = (
        page(client, address=refused.headers["location"].partition("#")[0]).partition('action="/start/choose"')[2].partition("</form>")[0]
    )
    assert 'name="timezone" value="Shanghai"' in seen and "a name such as Europe/Berlin or UTC" in seen and "data-zone" not in seen
    assert post(client, "/start/choose", **ANSWER | {"timezone": "Asia/Shanghai"}).status_code == 303
    assert parse_policy((folder / "shop.toml").read_text(encoding="utf-8"), RULES).timezone == "Asia/Shanghai"
    assert told(client)["settings"]["timezone"] == "Asia/Shanghai" and "data-zone" not in page(client)
    assert batch.load(folder).prepared.tables["sales"]["date"].to_list() == [dt.date(2026, 1, 5), dt.date(2026, 1, 6)]
    assert post(client, "/start/choose", **ANSWER).status_code == 303
    assert told(client)["settings"]["timezone"] == "Asia/Shanghai", "what is not asked stays"
