"""Gross margins in a file of sales, through the guide: kept with the sales, and costs read from them once tax is known."""

from __future__ import annotations

import csv
import datetime as dt
import html
import re
from typing import Any

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.flows import batch
from pricesmith.preparation import snapshot
from tests.desk.guide import WANTED
from tests.desk.place import csrf, post
from tests.desk.test_start import HTML, failing, send, take

pytestmark = pytest.mark.real  # long

SALES = {"date": "Week Ending", "sku": "Item", "units": "Units", "price": "Retail", "channel": "Store"}
PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "mdy/"}
ROWS = (
    "1,A,01/11/2026,30,2.00,25.0", "2,A,01/11/2026,10,4.00,25.0", "1,A,01/18/2026,30,2.00,25.1", "2,A,01/18/2026,30,2.00,25.1",
    "1,B,01/11/2026,10,3.00,50", "1,B,01/18/2026,10,3.00,", "2,B,01/18/2026,10,3.00,100", "1,B,01/25/2026,0,3.00,40",
    "1,B,02/01/2026,5,3.00,0",
)  # fmt: skip
"""A costs 1.50 and 3.00 in two stores, then about 1.50 in both; B 1.50, and 3.00 in the end."""


def chain(desk: Desk, client: TestClient, goods: str = "sku\nA\nB\n", **more: object) -> str:
    (desk.reading.folder / "data" / "products.csv").write_text(goods, encoding="utf-8")
    place = send(client, "sales", "\n".join(["Store,Item,Week Ending,Units,Retail,GM %", *ROWS, ""]).encode())
    page = html.unescape(client.get(place, headers=HTML).text)
    take(client, place, SALES, **PLAINLY | {"ends": "week", "cost": "GM %", "cost_as": "percent"} | more)
    return page


def told(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/start?format=json").json()["sold_costs"]
    return found


def costs(desk: Desk) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader((desk.reading.folder / "data" / "costs.csv").open(encoding="utf-8", newline=""))]


def read(client: TestClient) -> Any:
    return post(client, "/start/costs")


def shown(client: TestClient, language: str = "en") -> str:
    page = client.get("/start", headers={**HTML, "Accept-Language": language}).text
    return html.unescape(re.sub("<.*?>", " ", page.partition('id="costs"')[2].partition("</section>")[0]))


def test_costs_are_read_from_margins_of_the_price(desk: Desk, client: TestClient) -> None:
    page = chain(desk, client)
    assert (
        "“GM %” tells costs, read as: gross margin of the price, percent." in page
        and "At a price of 2.00, 25.0 is 0.25: one costs 1.50" in page
    )
    assert '<option value="price=Retail" selected>' in page and "<option selected>GM %</option>" in page and "not paired yet" not in page
    assert client.get("/start?format=json").json()["uncosted"] == 2
    assert "Say above what the shop wants" in shown(client) and "Write these costs" not in shown(client)
    refused = client.post("/start/costs", data={"_csrf": csrf(client, "/start")}, headers={"Accept": "application/json"})
    assert refused.status_code == 422 and "nobody has said yet what the shop wants" in refused.text
    assert post(client, "/start/choose", **WANTED).status_code == 303
    found = told(client)
    assert {name: found[name] for name in ("rows", "used", "missing", "impossible", "unsold", "zero")} == {
        "rows": 9, "used": 6, "missing": 1, "impossible": 1, "unsold": 1, "zero": 1,
    }  # fmt: skip
    assert {name: found[name] for name in ("products", "costs", "stores", "several", "apart", "elsewhere", "untaxed", "stands")} == {
        "products": 2, "costs": 7, "stores": 2, "several": 1, "apart": 1, "elsewhere": 0, "untaxed": 0, "stands": False,
    }  # fmt: skip
    page = shown(client)
    assert (
        "read: 6 of 9. Left out: 1 without a margin, 1 whose margin cannot be" in page
        and "margin of exactly 0, read as sold at cost: 1" in page
    )
    assert "Rows for the table of costs: 7, from 2026-01-05 to 2026-01-26" in page
    assert "the costs of these places differ for 1. For those each of them has rows of its own" in page
    assert "9 行中的 6 行" in shown(client, "zh") and "2 个渠道和地区" in shown(client, "zh")
    assert read(client).status_code == 303
    assert costs(desk) == [
        ("sku", "valid_from", "unit_cost", "channel"), ("A", "2026-01-05", "1.875", ""), ("A", "2026-01-12", "1.498", ""),
        ("B", "2026-01-05", "1.5", ""), ("B", "2026-01-26", "3.0", ""),
        ("A", "2026-01-05", "1.5", "1"), ("A", "2026-01-05", "3.0", "2"), ("A", "2026-01-12", "1.498", "2"),
    ]  # fmt: skip
    assert told(client)["stands"] and client.get("/start?format=json").json()["uncosted"] == 0
    assert "The table of costs holds these costs." in shown(client) and "Write these costs" not in shown(client)
    assert batch.load(desk.reading.folder).prepared.tables["costs"].height == 7


def test_tax_is_taken_out_of_the_price_first(desk: Desk, client: TestClient) -> None:
    chain(desk, client, "sku,tax_rate\nA,0.25\nB,\n")
    assert post(client, "/start/choose", **WANTED | {"tax": "gross"}).status_code == 303
    assert (told(client)["taxed"], told(client)["untaxed"]) == (1, 1) and "1 products name no tax rate: 0 is taken" in shown(client)
    assert read(client).status_code == 303
    assert [row[:3] for row in costs(desk) if row[1] == "2026-01-05" and not row[3]] == [
        ("A", "2026-01-05", "1.5"),
        ("B", "2026-01-05", "1.5"),
    ]
    assert post(client, "/start/choose", **WANTED | {"tax": "gross", "tax_rate": "20 %"}).status_code == 303
    assert told(client)["untaxed"] == 0 and not told(client)["stands"], "another tax, another cost"


def test_costs_that_stand_elsewhere_are_left_alone(desk: Desk, client: TestClient) -> None:
    chain(desk, client, "sku,unit_cost\nA,\nB,1.11\n")
    place = desk.reading.folder / "data" / "costs.csv"
    place.write_text("sku,valid_from,unit_cost,shipping\nC,2026-01-01,9,1\n", encoding="utf-8")
    assert post(client, "/start/choose", **WANTED).status_code == 303
    for _ in range(2):
        assert (told(client)["products"], told(client)["elsewhere"]) == (1, 1)
        assert read(client).status_code == 303
        assert costs(desk)[1:4] == [
            ("C", "2026-01-01", "9", "1", ""),
            ("A", "2026-01-05", "1.875", "", ""),
            ("A", "2026-01-12", "1.498", "", ""),
        ]
        assert [row[0] + row[4] for row in costs(desk)[4:]] == ["A1", "A2", "A2"]
    place.write_text("sku,valid_from,unit_cost\nA,2026-01-01,9\n", encoding="utf-8")
    assert (told(client)["products"], told(client)["costs"], told(client)["elsewhere"]) == (0, 0, 2), "written by another hand since"
    assert "No cost is read from them." in shown(client)
    assert client.post("/start/costs", data={"_csrf": csrf(client, "/start")}, headers={"Accept": "application/json"}).status_code == 422


def test_a_file_without_margins_tells_no_costs(desk: Desk, client: TestClient) -> None:
    page = chain(desk, client, cost="", cost_as="share")
    assert "tells costs, read as" in page and told(client) is None
    assert 'id="costs"' not in client.get("/start", headers=HTML).text
    again = client.get(send(client, "sales", b"Store,Item,Week Ending,Units,Retail,GM %\n1,A,01/11/2026,1,2,25\n"), headers=HTML).text
    assert "<option selected>GM %</option>" not in again, "it was not chosen last"


def test_columns_that_are_left_out_do_not_take_the_margin_along(desk: Desk, client: TestClient) -> None:
    chain(desk, client, alone="1")
    assert told(client)["used"] == 6


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cost": "GM %"}, "column GM % holds percent"),
        ({"cost": "Nothing", "cost_as": "each"}, "the file has no column Nothing"),
        ({"cost": "Units", "cost_as": "row"}, "column Units was chosen twice"),
    ],
)
def test_margins_that_cannot_be_read_so_are_refused(client: TestClient, more: dict[str, str], said: str) -> None:
    place = send(client, "sales", "\n".join(["Store,Item,Week Ending,Units,Retail,GM %", *ROWS, ""]).encode())
    assert said in html.unescape(failing(client, place.partition("=")[2], SALES, **PLAINLY | more))


def test_shares_are_not_taken_for_percent_and_products_hold_no_margins_of_sales(client: TestClient) -> None:
    lines = b"Store,Item,Week Ending,Units,Retail,GM\n1,A,01/11/2026,30,2.00,0.25\n"
    place = send(client, "sales", lines)
    assert "read as: gross margin of the price, share of 1" in client.get(place, headers=HTML).text
    upload = place.partition("=")[2]
    assert "holds shares, such as 0.25, not percent" in failing(client, upload, SALES, **PLAINLY | {"cost": "GM", "cost_as": "percent"})
    goods = send(client, "products", b"sku,Margin %\nA,25\n")
    assert 'name="cost"' not in client.get(goods, headers=HTML).text
    assert "only rows of sales or orders tell costs" in failing(
        client, goods.partition("=")[2], {"sku": "sku"}, **PLAINLY | {"cost": "Margin %"}
    )


ORDERS = {"order_id": "Bon", "at": "Zeit", "sku": "Artikel", "units": "Menge", "price": "Preis"}
LINES = (
    "1;A;05.01.2026 10:00;2;10,00;8,40;kasse", "2;A;05.01.2026 11:00;1;10,00;4,20;web", "3;A;12.01.2026 09:00;4;10,00;18,00;kasse",
    "4;A;12.01.2026 09:30;-1;10,00;-4,50;kasse", "5;B;05.01.2026 09:00;3;5,00;6,00;kasse", "6;B;06.01.2026 09:00;1;5,00;0,00;kasse",
    "7;B;07.01.2026 09:00;1;5,00;;kasse",
)  # fmt: skip
TILL = {"delimiter": "semicolon", "decimal": "comma", "dates": "dmy."}


def till(desk: Desk, client: TestClient, **more: object) -> str:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\nB\n", encoding="utf-8")
    place = send(client, "orders", "\n".join(["Bon;Artikel;Zeit;Menge;Preis;EK-Betrag;Kanal", *LINES, ""]).encode())
    page = html.unescape(client.get(place, headers=HTML).text)
    take(client, place, ORDERS, **TILL | {"cost": "EK-Betrag", "cost_as": "row"} | more)
    return page


def test_costs_of_order_lines_are_divided_by_their_units(desk: Desk, client: TestClient) -> None:
    page = till(desk, client)
    assert "“EK-Betrag” tells costs, read as: cost of all units of the row. " in page and "8,40 for 2 units: one costs 4.2." in page
    assert "<option selected>EK-Betrag</option>" in page and '<option value="row" selected>' in page
    assert post(client, "/start/choose", **WANTED | {"tax": "gross", "tax_rate": "19 %"}).status_code == 303
    found = told(client)
    assert {name: found[name] for name in ("table", "told", "rows", "used", "missing", "impossible", "unsold", "taxed")} == {
        "table": "orders", "told": "unit_cost", "rows": 7, "used": 4, "missing": 1, "impossible": 1, "unsold": 1, "taxed": 0,
    }  # fmt: skip
    assert "read: 4 of 7. Left out: 1 without a cost, 1 whose cost cannot be" in shown(client) and "7 行中的 4 行" in shown(client, "zh")
    assert read(client).status_code == 303
    assert costs(desk) == [
        ("sku", "valid_from", "unit_cost"), ("A", "2026-01-05", "4.2"), ("A", "2026-01-12", "4.5"), ("B", "2026-01-05", "2.0"),
    ]  # fmt: skip
    assert batch.load(desk.reading.folder).prepared.tables["costs"].height == 3


def test_costs_of_one_stand_as_they_are(desk: Desk, client: TestClient) -> None:
    till(desk, client, cost_as="each")
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert told(client)["first"][0]["unit_cost"] == 18.0, "taken at its word"


def test_costs_by_channel_from_lines_that_name_one(desk: Desk, client: TestClient) -> None:
    lines = ["Bon;Artikel;Zeit;Menge;Preis;EK;Kanal", "1;A;05.01.2026;1;10,00;4,00;kasse", "2;A;05.01.2026;1;10,00;5,00;web", ""]
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    place = send(client, "orders", "\n".join(lines).encode())
    take(client, place, ORDERS | {"channel": "Kanal"}, **TILL | {"cost": "EK", "cost_as": "each"})
    assert post(client, "/start/choose", **WANTED).status_code == 303 and read(client).status_code == 303
    assert costs(desk)[1:] == [("A", "2026-01-05", "4.5", ""), ("A", "2026-01-05", "4.0", "kasse"), ("A", "2026-01-05", "5.0", "web")]


def test_fees_of_a_channel_are_no_costs(desk: Desk, client: TestClient) -> None:
    till(desk, client)
    (desk.reading.folder / "data" / "costs.csv").write_text(
        "sku,valid_from,unit_cost,fee_rate,channel\nA,2026-01-01,,0.15,web\n", encoding="utf-8"
    )
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert client.get("/start?format=json").json()["uncosted"] == 2 and told(client)["products"] == 2
    assert read(client).status_code == 303
    assert costs(desk)[1:3] == [("A", "2026-01-01", "", "0.15", "web"), ("A", "2026-01-05", "4.2", "", "")]
    assert client.get("/start?format=json").json()["uncosted"] == 0


WEEK = "Store,Item,Week Ending,Units,Retail,GM %\n2,A,02/08/2026,10,4.00,20.0\n"


def test_costs_follow_the_sales_that_they_were_read_from(desk: Desk, client: TestClient) -> None:
    chain(desk, client)
    assert post(client, "/start/choose", **WANTED).status_code == 303 and read(client).status_code == 303
    before, aged = costs(desk), (desk.reading.folder / "data" / "costs.csv").stat().st_mtime
    place = send(client, "sales", WEEK.encode())
    more = {"ends": "week", "cost": "GM %", "cost_as": "percent", "standing": "add"}
    take(client, place, SALES, **PLAINLY | more)
    assert "Costs were read from the sales: 9 rows for 2 products." in html.unescape(client.get("/start", headers=HTML).text)
    assert set(costs(desk)) - set(before) == {("A", "2026-02-02", "3.2", ""), ("A", "2026-02-02", "3.2", "2")}
    assert (desk.reading.folder / "data" / "costs.csv").stat().st_mtime == pytest.approx(aged, abs=0.1), (
        "nobody has looked at the cost of B"
    )
    assert told(client)["stands"]
    (desk.reading.folder / "data" / "costs.csv").write_text("sku,valid_from,unit_cost\nA,2026-01-01,9\n", encoding="utf-8")
    take(client, send(client, "sales", WEEK.replace("20.0", "30.0").encode()), SALES, **PLAINLY | more)
    assert costs(desk)[1:] == [("A", "2026-01-01", "9")], "written by another hand since"


def test_fees_that_are_added_do_not_make_costs_of_sales_foreign(desk: Desk, client: TestClient) -> None:
    chain(desk, client)
    assert post(client, "/start/choose", **WANTED).status_code == 303 and read(client).status_code == 303
    written = costs(desk)[1:]
    place = send(client, "costs", b"sku,gilt ab,fee,Store\nA,2025-12-01,15,2\nB,2025-12-01,15,2\n")
    fees = {"sku": "sku", "valid_from": "gilt ab", "fee_rate": "fee", "channel": "Store"}
    take(client, place, fees, **PLAINLY | {"dates": "ymd-", "percent": "fee_rate=fee", "standing": "add"})
    found = told(client)
    assert (found["products"], found["elsewhere"], found["stands"]) == (2, 0, True), "a fee is no cost"
    take(
        client,
        send(client, "sales", WEEK.encode()),
        SALES,
        **PLAINLY | {"ends": "week", "cost": "GM %", "cost_as": "percent", "standing": "add"},
    )
    rows = [dict(zip(costs(desk)[0], one, strict=True)) for one in costs(desk)[1:]]
    assert len(rows) == len(written) + 4 and sum(one["fee_rate"] == "0.15" for one in rows) == 2
    loaded = batch.load(desk.reading.folder)
    latest = snapshot(loaded.prepared, loaded.policy, dt.date(2026, 2, 9)).items
    items = {(one["sku"], one["channel"]): (one["landed_cost"], one["fee_rate"]) for one in latest.to_dicts()}
    assert items["A", "2"] == (320.0, 0.15) and items["A", "1"] == (150.0, 0.0)


def test_a_cost_above_the_price_is_told(desk: Desk, client: TestClient) -> None:
    till(desk, client, cost_as="each")
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert told(client)["above"] == 1 and told(client)["whole"]
    words = (
        "Products whose cost lies above their price without tax, both as medians of all rows: 1. If the column holds the cost of all units"
    )
    assert words in shown(client)


def test_costs_that_do_not_grow_with_the_units_of_a_row_are_not_said_to_be_of_whole_rows(desk: Desk, client: TestClient) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    lines = [f"{number};A;2026-02-{number:02} 10:00;{1 + number % 3};4;{(1 + number % 3) * 5}" for number in range(1, 10)]
    place = send(client, "orders", "\n".join(["Bon;Artikel;Zeit;Menge;Preis;EK-Betrag", *lines, ""]).encode())
    take(
        client,
        place,
        {name: header for name, header in ORDERS.items() if header != "Kanal"},
        **TILL | {"cost": "EK-Betrag", "cost_as": "row"},
    )
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert told(client)["above"] == 1 and not told(client)["whole"], "5 each, whatever the units: dearer than 4, and said to be of the row"
    assert "If the column holds" not in shown(client)


def test_a_cost_that_somebody_gives_is_not_hidden_by_those_of_places(desk: Desk, client: TestClient) -> None:
    chain(desk, client)
    assert post(client, "/start/choose", **WANTED).status_code == 303 and read(client).status_code == 303
    place = send(client, "costs", b"sku,valid_from,unit_cost\nA,2026-02-01,1.7\n")
    mine = {name: name for name in ("sku", "valid_from", "unit_cost")}
    take(client, place, mine, **PLAINLY | {"dates": "ymd-", "standing": "add"})
    rows = [row[:3] for row in costs(desk)[1:]]
    whole = [("A", "2026-02-01", "1.7"), ("A", "2026-01-05", "1.875"), ("A", "2026-01-12", "1.498")]
    assert [row for row in rows if row[0] == "A"] == whole and sum(row[0] == "B" for row in rows) == 2
    loaded = batch.load(desk.reading.folder)
    items = snapshot(loaded.prepared, loaded.policy, dt.date(2026, 2, 9)).items.filter(pl.col("sku") == "A")
    assert items["landed_cost"].to_list() == [170.0, 170.0]
    early = snapshot(loaded.prepared, loaded.policy, dt.date(2026, 1, 31)).items.filter(pl.col("sku") == "A")
    assert early["landed_cost"].round(1).to_list() == [149.8, 149.8], "until that day what the sales say holds"
    take(
        client, send(client, "costs", b"sku,valid_from,unit_cost\nB,2026-02-01,2\n"), mine, **PLAINLY | {"dates": "ymd-", "standing": "add"}
    )
    after = [row[:3] for row in costs(desk)[1:]]
    assert [row for row in after if row[0] == "A"] == whole and ("B", "2026-02-01", "2") in after
