"""The first-run guide through the browser's eyes: from an empty folder and two CSV files to the first recommendation on Today."""

from __future__ import annotations

import csv
import html
import os
import re
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pricesmith.apps.service.ask import Desk
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import batch, example
from pricesmith.flows.desk.imports.imported import imported
from pricesmith.flows.publishing.office import record_run
from tests.desk.guide import WANTED
from tests.desk.place import csrf, post

HTML = {"Accept": "text/html"}


def german(path: Path, names: dict[str, str], *, most: int = 10**9) -> bytes:
    """A table of the example as a German spreadsheet would save it."""
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))[:most]
    lines = [";".join(names.values())]
    for row in rows:
        values = [row[name] for name in names]
        values = [".".join(reversed(value.split("-"))) if name == "date" else value for name, value in zip(names, values, strict=True)]
        number = ("price", "unit_cost", "tax_rate")
        lines.append(";".join(value.replace(".", ",") if name in number else value for name, value in zip(names, values, strict=True)))
    return "\r\n".join(lines).encode("cp1252") + b"\r\n"


def send(client: TestClient, table: str, data: bytes, name: str = "") -> str:
    fields = {"_csrf": csrf(client, "/start"), "table": table}
    answer = client.post("/start/send", data=fields, files={"file": (name or f"{table}.csv", data, "text/csv")})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def how(upload: str, columns: dict[str, str], **more: object) -> dict[str, object]:
    chosen = [f"{ours}={theirs}" for ours, theirs in columns.items()]
    given = {"encoding": "utf-8", "delimiter": "semicolon", "decimal": "comma", "dates": "dmy.", "columns": chosen, **more}
    return {"upload": upload, **given}


def take(client: TestClient, place: str, columns: dict[str, str], **more: object) -> None:
    answer = post(client, "/start/match", **how(place.partition("=")[2], columns, **more))
    assert (answer.status_code, answer.headers["location"]) == (303, "/start"), answer.text


def failing(client: TestClient, upload: str, columns: dict[str, str], **more: object) -> str:
    """The page on which somebody stands again after a file could not be taken over."""
    answer = post(client, "/start/match", **how(upload, columns, **more))
    assert answer.status_code == 303 and answer.headers["location"].endswith("#failed"), answer.text
    found: str = client.get(answer.headers["location"], headers=HTML).text
    return found


def test_one_person_says_so_once(client: TestClient, desk: Desk) -> None:
    folder = desk.reading.folder
    assert "alone" not in [line.split(" = ")[0] for line in (folder / "shop.toml").read_text(encoding="utf-8").splitlines()]
    assert post(client, "/start/choose", **WANTED | {"people": "one"}).status_code == 303
    assert client.get("/start?format=json").json()["settings"]["alone"]
    assert desk.reading.policy.approval.alone and desk.reading.policy.approval.changed_people == 1
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert not desk.reading.policy.approval.alone and desk.reading.policy.approval.changed_people == 2


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_shop_speaks_the_language_in_which_it_was_answered(client: TestClient, desk: Desk, language: str) -> None:
    client.headers["Accept-Language"] = language
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert desk.reading.policy.locale == language


@pytest.mark.real  # long
def test_from_two_files_to_the_first_prices(desk: Desk, client: TestClient, tmp_path: Path) -> None:
    example.write(tmp_path / "example")
    data = tmp_path / "example" / "data"
    first = client.get("/", headers=HTML)
    assert (first.status_code, first.headers["location"]) == (303, "/start")
    assert client.get("/?format=json").json()["run"] == ""
    sales = {"date": "Datum", "sku": "Artikelnummer", "units": "Menge", "price": "Preis"}
    place = send(client, "sales", german(data / "sales.csv", sales))
    page = client.get(place, headers=HTML).text
    assert page.count('<option value="date=Datum" selected>') == 1 and "05.01.2026" in page
    take(client, place, sales)
    goods = {"sku": "Artikelnummer", "name": "Bezeichnung", "category": "Kategorie", "tax_rate": "MwSt"}
    take(client, send(client, "products", german(data / "products.csv", goods)), goods)
    costs = {"sku": "Artikelnummer", "valid_from": "Gültig ab", "unit_cost": "EK"}
    place = send(client, "costs", german(data / "costs.csv", costs))
    unsaid = client.get(place, headers=HTML).text
    assert "not UTF-8. It is probably Windows-1252 (Western Europe)" in unsaid and "Gültig ab</th>" in unsaid
    assert '<option value="cp1252" selected>' in unsaid and '<option value="semicolon" selected>' in unsaid
    assert "/start/match" not in unsaid
    page = client.get(f"{place}&encoding=cp1252", headers=HTML).text
    assert '<option value="valid_from=Gültig ab" selected>' in page
    take(client, place, costs, encoding="cp1252", dates="ymd-")
    assert client.get("/start?format=json").json()["step"] == "settings"
    chosen = {"name": "Neu", "currency": "EUR", "tax": "gross", "period": "day", "margin": "5", "step": "10", "endings": "0.99 0.49"}
    assert post(client, "/start/choose", **chosen).headers["location"] == "/start#saved"
    assert 'role="status" id="saved">' in client.get("/start", headers=HTML).text, "what was done is said where the person stands"
    assert client.get("/start?format=json").json()["step"] == "price"
    post(client, "/jobs/price")
    until = time.monotonic() + 120
    while any(job.ended is None for job in desk.jobs.all()) and time.monotonic() < until:
        time.sleep(0.2)
    assert desk.jobs.all()[0].state == "done", desk.jobs.all()[0].lines
    today = client.get("/?format=json").json()
    assert today["currency"] == "EUR" and today["up"] + today["down"] > 0
    assert client.get("/start?format=json").json()["step"] == "done"
    assert post(client, "/start/choose", **chosen).status_code == 409


@pytest.mark.real  # long
def test_nothing_is_priced_before_somebody_says_what_the_shop_wants(desk: Desk, client: TestClient, tmp_path: Path) -> None:
    example.write(tmp_path / "example")
    folder = desk.reading.folder
    for name in ("products", "sales"):
        (folder / "data" / f"{name}.csv").write_bytes((tmp_path / "example" / "data" / f"{name}.csv").read_bytes())
    for place in ("/data", "/jobs"):
        page = client.get(place, headers=HTML).text
        assert 'action="/jobs/price"' not in page and 'href="/start#settings">Answer it in the guide</a>' in page, place
        assert "Before the shop can be priced, say what you want: currency, tax," in page
    assert "定价之前请先填写定价要求" in client.get("/data", headers={**HTML, "Accept-Language": "zh"}).text
    asked = {"_csrf": csrf(client, "/start")}
    for place in ("/jobs/price", "/api/v1/jobs/price"):
        headers = {"Accept": "application/json", "X-CSRF-Token": asked["_csrf"]}
        refused = client.post(place, data=asked if place == "/jobs/price" else None, headers=headers)
        assert (refused.status_code, refused.json()["code"], refused.json()["to"]) == (409, "not_answered", "/start#settings"), place
    assert 'href="/start#settings"' in client.post("/jobs/price", data=asked, headers=HTML).text
    assert [job.kind for job in desk.jobs.all()] in ([], ["check"])
    loaded = batch.load(folder)
    record_run(folder, batch.price(loaded), loaded.prepared.tables["competitor_prices"], "somebody else")
    assert client.get("/start?format=json").json()["step"] == "settings"
    assert 'action="/start/choose"' in client.get("/start", headers=HTML).text and "Answer it" in client.get("/", headers=HTML).text
    assert post(client, "/start/choose", **WANTED).status_code == 303
    assert client.get("/start?format=json").json()["step"] == "done"
    for place in ("/", "/data", "/jobs"):
        assert 'action="/jobs/price"' in client.get(place, headers=HTML).text, place


def test_the_period_that_the_dates_show_is_offered(desk: Desk, client: TestClient) -> None:
    data = desk.reading.folder / "data"
    (data / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    for days, period in (("2026-01-05 2026-01-12 2026-01-19 2026-01-26", "week"), ("2026-01-05 2026-01-06 2026-01-07 2026-01-08", "day")):
        lines = [f"{day},A,7,5" for day in days.split()]
        (data / "sales.csv").write_text("\n".join(["date,sku,units,price", *lines, ""]), encoding="utf-8")
        os.utime(data / "sales.csv", (1e9 + len(period), 1e9 + len(period)))
        assert client.get("/start?format=json").json()["dated"] == period
        page = client.get("/start", headers=HTML).text
        assert f'<option value="{period}" selected>' in page and f"one row is a {period}: look whether that is so" in page
    assert "一行为一天，请核对" in client.get("/start", headers={**HTML, "Accept-Language": "zh"}).text
    for text in ("day,sku\n1,A\n", "date,sku,units,price\n2026-01-05,A,7,5\n"):
        (data / "sales.csv").write_text(text, encoding="utf-8")
        assert client.get("/start?format=json").json()["dated"] == "", text
    post(client, "/start/choose", **WANTED)
    assert '<option value="week" selected>' in client.get("/start", headers=HTML).text


def test_tax_that_the_products_do_not_name_is_asked_for(desk: Desk, client: TestClient) -> None:
    data = desk.reading.folder / "data"
    (data / "orders.csv").write_text("order_id,at,sku,units,price\n1,2026-01-05,A,7,5\n", encoding="utf-8")
    for rows, count in (("sku,tax_rate\nA,0.19\nB,\n", 1), ("sku,name\nA,Pan\nB,Pot\n", 2), ("sku,tax_rate\nA,0\nB,0.07\n", 0)):
        (data / "products.csv").write_text(rows, encoding="utf-8")
        page, told = client.get("/start", headers=HTML).text, client.get("/start?format=json").json()
        assert (told["untaxed"], told["settings"]["tax_rate"]) == (count, None)
        assert ('name="tax_rate"' in page) == (count > 0) and (f"{count} products name no tax rate" in page) == (count > 0)
    assert 'type="hidden" name="period" value="day"' in page and "Order lines are added up by day." in page
    for wrong in ("0.19", "much", "-7", "1900"):
        address = post(client, "/start/choose", **WANTED | {"tax_rate": wrong}).headers["location"]
        assert f'name="tax_rate" inputmode="decimal" size="6" autocomplete="off" value="{wrong}" aria-invalid' in client.get(address).text
    assert client.get("/start?format=json").json()["settled"] is False
    path = desk.reading.folder / "shop.toml"
    for period, days in (("month", 45), ("week", 14)):
        assert post(client, "/start/choose", **WANTED | {"period": period}).status_code == 303
        assert f"\ncompetitor_max_age_days = {days} " in path.read_text(encoding="utf-8")
        said = client.get("/start?format=json").json()
        assert (said["offers"], said["offer_days"]) == (days, {"day": 14, "week": 14, "month": 45})
        assert "count for 14 days, 45 where a row is a month" in client.get("/start", headers=HTML).text
    path.write_text(path.read_text(encoding="utf-8").replace("max_age_days = 14 ", "max_age_days = 30 "), encoding="utf-8")
    assert post(client, "/start/choose", **WANTED | {"period": "month"}).status_code == 303
    assert "\ncompetitor_max_age_days = 30 " in path.read_text(encoding="utf-8"), "what somebody wrote stays"
    said = client.get("/start?format=json").json()
    assert (said["offers"], said["offer_days"]) == (30, {})
    assert said["held_from"] == 0.15 == desk.reading.policy.guards.max_step
    line = client.get("/start", headers=HTML).text.partition('id="held-from">')[2].partition("</p>")[0]
    assert "the guard G3 holds a price" in line and "15" in line and "max_step under [guards]" in line
    assert "自观测起 30 天内有效" in client.get("/start", headers={**HTML, "Accept-Language": "zh"}).text
    for typed, share in (("19", "0.19"), ("8,1 %", "0.081"), ("0", "0.0")):
        assert post(client, "/start/choose", **WANTED | {"tax_rate": typed}).status_code == 303, typed
        assert f"\ntax_rate = {share} " in (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")
    assert 'name="tax_rate" inputmode="decimal" size="6" autocomplete="off" value="0"' in client.get("/start", headers=HTML).text
    assert post(client, "/start/choose", **WANTED | {"endings": "0,90 ,5"}).status_code == 303
    assert client.get("/start?format=json").json()["settings"]["endings"] == [0.9, 0.5], "a decimal comma is one"
    assert post(client, "/start/choose", **WANTED | {"endings": "*9"}).status_code == 303
    found = client.get("/start?format=json").json()["settings"]["endings"]
    assert found == [(tens * 10 + 9) / 100 for tens in range(10)], "a last digit is ten endings"
    post(client, "/start/choose", **WANTED)
    assert "\n# tax_rate = " in (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(("language", "needed", "amount"), [("en", "needed", "amount: 19.99"), ("zh", "必填", "金额：19.99")])
def test_what_columns_a_file_must_have_is_told_before_it_is_sent(client: TestClient, language: str, needed: str, amount: str) -> None:
    expected = client.get("/start", headers={"Accept": "application/json"}).json()["expected"]
    assert {name: {one["column"]: one["needed"] for one in columns} for name, columns in expected.items()} == {
        name: {column.name: column.required for column in table.columns} for name, table in INPUT.items()
    }
    text = client.get("/start?table=competitor_prices", headers={**HTML, "Accept-Language": language}).text
    opened = re.findall(r'<details class="unfold" id="columns-(\w+)" open>', text)
    assert '<select name="table" data-opens="columns-">' in text, "the script opens the one that is chosen instead"
    assert opened == ["competitor_prices"] and text.count('id="columns-') == len(INPUT)
    part = text.partition('id="columns-competitor_prices"')[2].partition("</details>")[0]
    assert list(re.findall(rf'<code>(\w+)</code> <span class="pill">{needed}</span>', part)) == list(INPUT["competitor_prices"].required)
    assert amount in part and "start_kind" not in text


def test_rows_that_cannot_be_used_are_told_at_once(client: TestClient) -> None:
    names = {"date": "Datum", "sku": "Artikelnummer", "units": "Menge", "price": "Preis"}
    good = [f"05.01.2026;A{number};3;1,50" for number in range(40)]
    lines = ["Datum;Artikelnummer;Menge;Preis", "06.01.2026;A1;many;1,50", *good]
    take(client, send(client, "sales", "\r\n".join(lines).encode()), names)
    page = client.get("/start", headers=HTML).text
    assert "The table sales has 40 rows that can be used. Set aside because they cannot be: 1, such as line 2 (units: many;" in page
    post(client, "/start/take-out", table="sales")
    take(client, send(client, "sales", "\r\n".join([*lines, "07.01.2026;;1;1,50", "08.01.2026;;1;1,50"]).encode()), names)
    page = client.get("/start", headers=HTML).text
    assert "Too many cannot be: 3, such as" in page and "Nothing can be priced" in page
    assert '<p class="banner bad" role="status">' in page, "what is to be mended is no success"


def test_a_file_that_cannot_be_used_leaves_the_table_of_before_and_keeps_its_pairing(desk: Desk, client: TestClient) -> None:
    names = {"date": "Datum", "sku": "Artikel", "units": "Menge", "price": "Preis"}
    lines = ["Datum;Artikel;Menge;Preis", *(f"{day:02}.01.2026;A1;3;1,50" for day in range(1, 29))]
    take(client, send(client, "sales", "\n".join(lines).encode()), names)
    old = (desk.reading.folder / "data" / "sales.csv").read_text(encoding="utf-8")
    upload = send(client, "sales", "\n".join(lines).replace("1,50", "1,75").encode()).partition("=")[2]
    offered = client.get(f"/start?upload={upload}", headers=HTML).text
    assert 'id="last"' in offered and '<option value="dmy." selected>' in offered and '<option value="comma" selected>' in offered
    page = failing(client, upload, names, dates="mdy/", standing="replace")
    assert "sales.csv was not taken over as the table sales: 28 of its 28 rows cannot be used" in page
    assert "The table <code>sales</code> of before" in page or "The table sales of before stands as it was." in page
    assert "line 2," in page and "01.01.2026" in page and '<option value="price=Preis" selected>' in page
    assert (desk.reading.folder / "data" / "sales.csv").read_text(encoding="utf-8") == old
    assert not list((desk.reading.folder / ".desk").rglob("*.trial"))
    twin = client.get(f"/start?upload={upload}", headers={"Accept": "application/json"}).json()["match"]
    assert (twin["failed"]["aside"], twin["failed"]["rows"], twin["failed"]["stands"], len(twin["failed"]["first"])) == (28, 28, True, 5)
    assert twin["last"]["columns"] == names and twin["last"]["dates"] == "mdy/"
    fresh = client.get(send(client, "sales", "\n".join(lines).encode()), headers={"Accept": "application/json"}).json()["match"]
    assert fresh["last"]["dates"] == "dmy.", "another file is offered what was taken over"
    chinese = client.get(f"/start?upload={upload}", headers={**HTML, "Accept-Language": "zh"}).text
    assert "未将 sales.csv 导入为数据表 sales：共 28 行，其中 28 行无法使用" in chinese and "原有数据表 sales 保持不变" in chinese
    take(client, f"/start?upload={upload}", names, standing="replace")
    assert "1.75" in (desk.reading.folder / "data" / "sales.csv").read_text(encoding="utf-8")


def test_how_a_file_writes_its_days_is_told_and_what_was_read_in_which_way(client: TestClient) -> None:
    names = {"date": "Datum", "sku": "Artikel", "units": "Menge", "price": "Preis"}
    days = [*(f"{day:02}-01-2026" for day in range(1, 21)), *(f"2026-01-{day}" for day in range(21, 25))]
    place = send(client, "sales", "\n".join(["Datum;Artikel;Menge;Preis", *(f"{day};A1;3;1,50" for day in days)]).encode())
    page = re.sub("<.*?>", "", client.get(place, headers=HTML).text)
    assert "days are written like 24-11-2026 (such as 01-01-2026); cells of the first rows that are: 20 of 24." in page
    assert "Written as year-month-day instead, and read so: 4." in page
    assert '<option value="dmy-" selected>' in client.get(place, headers=HTML).text
    twin = client.get(place, headers={"Accept": "application/json"}).json()["match"]
    assert twin["dates"] == "dmy-" and twin["days"][0]["fits"] == {"ymd-": 4, "dmy-": 20, "mdy-": 12}
    take(client, place, names, dates="dmy-")
    assert "in more than one way; cells read: 20 like 24-11-2026; 4 like 2026-11-24." in client.get("/start", headers=HTML).text
    open_ = send(client, "sales", b"Datum;Artikel;Menge;Preis\n05/03/2026;A1;3;1,50\n")
    page = re.sub("<.*?>", "", client.get(open_, headers=HTML).text)
    assert "so say which is meant: 24/11/2026 (1 of 1), 11/24/2026 (1 of 1)." in page


@pytest.mark.parametrize(
    ("language", "said", "century"),
    [
        ("en", "14-JAN-09 is read as 2009-01-14.", "69 to 99 are 1969 to 1999"),
        ("zh", "14-JAN-09 读作 2009-01-14。", "69 至 99 为 1969 至 1999 年"),
    ],
)
def test_years_of_two_digits_say_which_century(desk: Desk, client: TestClient, language: str, said: str, century: str) -> None:
    client.headers["Accept-Language"] = language
    rows = [f"{day:02}-JAN-09;A1;3;1,50" for day in range(14, 29)]
    place = send(client, "sales", "\n".join(["Datum;Artikel;Menge;Preis", *rows]).encode())
    page = re.sub("<.*?>", "", client.get(place, headers=HTML).text)
    assert said in page and century in page and "(14-JAN-09" not in page
    twin = client.get(place, headers={"Accept": "application/json"}).json()
    assert twin["match"]["dates"] == "dby2" and {"dby2", "mdy2/"} <= set(twin["short"]) <= set(twin["dates"])
    open_ = send(client, "sales", b"Datum;Artikel;Menge;Preis\n05/03/26;A1;3;1,50\n")
    asked = client.get(open_, headers=HTML).text
    assert century in re.sub("<.*?>", "", asked) and '<option value="dmy2/">' in asked and '<option value="mdy2/">' in asked
    take(client, place, {"date": "Datum", "sku": "Artikel", "units": "Menge", "price": "Preis"}, dates="dby2")
    assert "2009-01-14,A1" in (desk.reading.folder / "data" / "sales.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "said", "todo"),
    [
        (
            "en",
            "is no existing day written like 24-11-2026, nor as year-month-day",
            "write a day that exists like 24-11-2026, as was chosen",
        ),
        ("zh", "不是按“24-11-2026”或“年-月-日”书写的有效日期", "请按所选写法（如 24-11-2026）或 年-月-日 填写真实日期"),
    ],
)
def test_a_day_that_does_not_fit_names_the_way_that_was_chosen(client: TestClient, language: str, said: str, todo: str) -> None:
    client.headers["Accept-Language"] = language
    names = {"date": "Datum", "sku": "Artikel", "units": "Menge", "price": "Preis"}
    rows = [*(f"2009/{day:02}/14 spät;A1;3;1,50" for day in range(1, 9)), "14-JAN-09;A1;3;1,50"]
    place = send(client, "sales", "\n".join(["Datum;Artikel;Menge;Preis", *rows]).encode())
    page = re.sub("<.*?>", "", failing(client, place.partition("=")[2], names, dates="dmy-"))
    assert page.count(said) == 5 and todo in page
    assert client.get(place, headers={"Accept": "application/json"}).json()["match"]["failed"]["dates"] == "dmy-"
    page = re.sub("<.*?>", "", failing(client, place.partition("=")[2], names, dates="ymd-"))
    assert said not in page and todo not in page and ("written as year-month-day" in page or "以“年-月-日”书写" in page)


def test_a_table_that_a_shop_can_do_without_is_not_taken_where_it_would_stop_pricing(desk: Desk, client: TestClient) -> None:
    names = {name: name for name in ("observed_at", "sku", "competitor", "price")}
    text = "\n".join(["observed_at;sku;competitor;price", *(f"2026-01-{day:02};A1;shop;cheap" for day in range(1, 9))])
    page = failing(client, send(client, "competitor_prices", text.encode()).partition("=")[2], names, dates="ymd-")
    assert "There is no table competitor_prices yet, as before." in page
    assert not list((desk.reading.folder / "data").iterdir())


@pytest.mark.parametrize("first", ["products", "sales"])
def test_what_is_told_of_bad_rows_is_what_the_data_page_counts(desk: Desk, client: TestClient, first: str) -> None:
    sold, goods = {"date": "Datum", "sku": "Artikelnummer", "units": "Menge", "price": "Preis"}, {"sku": "Artikelnummer", "unit_cost": "EK"}
    rows = [*(f"05.01.2026;A{number};3;1,50" for number in range(60)), "06.01.2026;A1;many;1,50"]
    strange = [f"06.01.2026;{sku};1;1,50" for sku in ("X9", "B1")]
    sales = "\r\n".join(["Datum;Artikelnummer;Menge;Preis", *rows, *strange]).encode()
    products = "\r\n".join(["Artikelnummer;EK", *(f"A{number};1,00" for number in range(60)), "B1;much"]).encode()
    files = {"products": (products, goods), "sales": (sales, sold)}
    for table in sorted(files, key=lambda name: name != first):
        take(client, send(client, table, files[table][0]), files[table][1])
        told = client.get("/start", headers=HTML).text
        if table == "sales":
            unmatched = "about products that the table of products does not have are not counted yet" in told
            assert unmatched == (first == "sales")
            assert (
                f"rows that can be used. Set aside because they cannot be: {1 if unmatched else 3}, such as line 62 (units: many;" in told
            )
    if first == "products":
        counted = batch.load(desk.reading.folder).prepared.counts["sales"]
        assert (counted.quarantined, counted.accepted) == (3, 60) and "The table sales has 60 rows" in told


def test_a_quote_that_is_never_closed_takes_nothing_over(desk: Desk, client: TestClient) -> None:
    names = {"date": "Datum", "sku": "Artikelnummer", "units": "Menge", "price": "Preis"}
    good = [f"05.01.2026;A{number};3;1,50" for number in range(400)]
    head = "Datum;Artikelnummer;Menge;Preis"
    place = send(client, "sales", "\r\n".join([head, *good[:200], '06.01.2026;A1;3;"1,50', *good[200:]]).encode())
    assert "the row that begins on line 202" in failing(client, place.partition("=")[2], names)
    assert not list((desk.reading.folder / "data").iterdir())
    lines = [head, *good[:200], '06.01.2026;A1;3;"1,50', *good[200:], '06.01.2026;A2;3;1,50"']
    take(client, send(client, "sales", "\r\n".join(lines).encode()), names)
    page = client.get("/start", headers=HTML).text
    assert "such as line 202 (price: 1,50 05.01.2026;A200;3;1,50 05.01.2026;A201" in page and page.count("A300;3") == 0


PERCENT = b"Artikelnummer;EK;MwSt\nA1;0,00;19\nA2;3,50;19\n"
GOODS = {"sku": "Artikelnummer", "unit_cost": "EK", "tax_rate": "MwSt"}


def test_percent_is_seen_and_read_as_was_chosen(desk: Desk, client: TestClient) -> None:
    place = send(client, "products", PERCENT)
    page = client.get(place, headers=HTML).text
    assert "19 → 0.19 (read as percent)" in page and '<option value="tax_rate=MwSt" selected>' in page
    assert "unit_cost is 0 in 1 of the first 2 rows, such as line 2 (0,00)" in page
    assert "19 → 0.19（按百分数读取）" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    upload = place.partition("=")[2]
    assert "is no column of shares" in failing(client, upload, GOODS, percent=["unit_cost=EK"])
    take(client, place, GOODS, percent=["", "tax_rate=MwSt"])
    assert "Read as percent and written as shares (19 becomes 0.19): tax_rate." in client.get("/start", headers=HTML).text
    written = (desk.reading.folder / "data" / "products.csv").read_text(encoding="utf-8")
    assert written == "sku,unit_cost,tax_rate\nA1,0.00,0.19\nA2,3.50,0.19\n"


def test_shares_are_not_divided_and_a_choice_counts_for_its_header_alone(desk: Desk, client: TestClient) -> None:
    place = send(client, "products", b"Artikelnummer;MwSt;Satz\r\nA1;19;0,19\r\nA2;7;0,07\r\n")
    other = {"sku": "Artikelnummer", "tax_rate": "Satz"}
    assert "column Satz holds shares, such as 0,19, not percent" in failing(
        client, place.partition("=")[2], other, percent=["tax_rate=Satz"]
    )
    assert post(client, "/start/match", **how(place.partition("=")[2], other, percent=["tax_rate"])).status_code == 422
    take(client, place, other, percent=["tax_rate=MwSt"])
    assert (desk.reading.folder / "data" / "products.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[2] == "0.19"


RECEIPTS = {"order_id": "交易序號", "at": "銷售日期", "sku": "商品條碼", "units": "數量", "price": "金額"}


PLAINLY = {"delimiter": "comma", "decimal": "point", "dates": "ymd-"}


def receipts(rows: int = 40) -> str:
    """Receipt lines with the amount of each line: product A for 15 a piece, B for 99."""
    lines = [f"{k},2026-01-{1 + k // 2 % 28:02},{'AB'[k % 2]},{1 + k % 5},{(1 + k % 5) * (15, 99)[k % 2]}" for k in range(rows)]
    return "\n".join([",".join(RECEIPTS.values()), *lines, "900,2026-01-03,A,0,45", "901,2026-01-03,B,-2,-198"])


@pytest.mark.parametrize("header", ["金額", "單價", "收"])
def test_amounts_of_whole_rows_are_seen_and_divided_by_the_units(desk: Desk, client: TestClient, header: str) -> None:
    """By the header, or by prices that grow as the units do, whatever they are called; a header that says nothing is no price."""
    names = RECEIPTS | {"price": header}
    place = send(client, "orders", receipts().replace("金額", header).encode())
    told = client.get(place, headers={"Accept": "application/json"}).json()["match"]
    seen = header != "收"
    assert told["amounts"] == (["198", "2", "99"] if seen else [])
    page = client.get(place, headers=HTML).text
    assert ('<option value="1" selected>the amount of the whole row: it is divided by the units' in page) == seen
    assert ("198 for 2 units → 99 each" in page) == seen
    take(client, place, names, amounts="1", **PLAINLY)
    page = client.get("/start", headers=HTML).text
    assert "Amounts of rows were divided by their units" in page
    rows = list(csv.DictReader((desk.reading.folder / "data" / "orders.csv").open(encoding="utf-8", newline="")))
    assert {row["sku"]: row["price"] for row in rows[:40]} == {"A": "15", "B": "99"}
    assert [row["price"] for row in rows[40:]] == ["?45", "99"], "an amount for nothing is no price"


def test_a_wrong_encoding_is_said_on_the_page_where_another_is_chosen(client: TestClient) -> None:
    place = send(client, "orders", receipts().encode("gb18030"))
    told = client.get(f"{place}&encoding=utf-8", headers={"Accept": "application/json"}).json()["match"]
    assert (told["unread"], told["encoding"], told["likely"]) == ("utf-8", "", "gb18030")
    page = client.get(f"{place}&encoding=utf-8", headers=HTML)
    assert page.status_code == 200 and "The file is not written in UTF-8" in page.text and '<select name="encoding"' in page.text
    told = client.get(f"{place}&encoding=gb18030", headers={"Accept": "application/json"}).json()["match"]
    assert (told["unread"], told["encoding"], told["headers"]) == ("", "gb18030", list(RECEIPTS.values()))


def test_amounts_need_units(client: TestClient) -> None:
    place = send(client, "orders", receipts().encode())
    upload = place.partition("=")[2]
    assert post(client, "/start/match", **how(upload, RECEIPTS, amounts="yes", **PLAINLY)).status_code == 422
    assert "the file has no column 件" in failing(client, upload, RECEIPTS | {"units": "件"}, amounts="1", **PLAINLY)
    take(client, place, RECEIPTS, amounts="1", **PLAINLY)
    prices = "\n".join(["observed_at,sku,competitor,price", "2026-01-05,A,x,5"]).encode()
    names = {name: name for name in ("observed_at", "sku", "competitor", "price")}
    upload = send(client, "competitor_prices", prices).partition("=")[2]
    assert "amounts need a column of units too" in failing(client, upload, names, amounts="1", **PLAINLY)


def test_prices_of_one_unit_are_not_taken_for_amounts(client: TestClient) -> None:
    fair = "\n".join(
        [
            ",".join(RECEIPTS.values()).replace("金額", "單價"),
            *(f"{k},2026-01-02,{'AB'[k % 2]},{1 + k % 5},{(15, 99)[k % 2]}" for k in range(40)),
        ]
    )
    told = client.get(send(client, "orders", fair.encode()), headers={"Accept": "application/json"}).json()["match"]
    assert told["amounts"] == []


def test_a_wrong_table_can_be_taken_out(desk: Desk, client: TestClient) -> None:
    data = desk.reading.folder / "data"
    (data / "sales.csv").write_text("date,sku,units,price\n2026-01-05,A,7,5\n", encoding="utf-8")
    (data / "orders.csv").write_text("order_id,at,sku,units,price\n1,2026-01-05,A,7,5\n", encoding="utf-8")
    assert "only sales are read" in client.get("/start", headers=HTML).text
    assert post(client, "/start/take-out", table="costs").status_code == 404
    assert post(client, "/start/take-out", table="sales").status_code == 303
    page = client.get("/start", headers=HTML).text
    assert "The table sales is out" in page and "only sales are read" not in page
    assert not (data / "sales.csv").exists() and (data / "orders.csv").exists()
    (kept,) = (desk.reading.folder / ".desk" / "replaced").glob("*/sales.csv")
    assert kept.read_text(encoding="utf-8").startswith("date,sku")


def test_products_without_a_cost_are_told_before_the_first_run(desk: Desk, client: TestClient) -> None:
    data = desk.reading.folder / "data"
    (data / "sales.csv").write_text("date,sku,units,price\n2026-01-05,A,7,5\n", encoding="utf-8")
    (data / "products.csv").write_text("sku,name\nA,Pan\nB,Pot\nC,Lid\n", encoding="utf-8")
    for costs, count in (("", 3), ("sku,valid_from,unit_cost\nA,2026-01-01,2\nC,2026-01-01,2\n", 1)):
        if costs:
            (data / "costs.csv").write_text(costs, encoding="utf-8")
        assert client.get("/start?format=json").json()["uncosted"] == count
        page = client.get("/start", headers=HTML).text
        assert f"{count} products have no cost" in page and '<a href="/data/without-cost" download>' in page
        assert len(client.get("/data/without-cost").text.splitlines()) == 1 + count
    listed = client.get("/data/without-cost")
    assert "products-without-cost.csv" in listed.headers["content-disposition"]
    assert listed.content.decode("utf-8-sig").splitlines()[0].startswith('"sku","name","unit_cost"') and '"B","Pot",' in listed.text
    rows = "sku,name,unit_cost\nA,Pan,\nA,Pan,\n A ,Pan,\nB,Pot,\nB,Pot,2\nD,Lid,\n,Cup,\nC,Lid,\n"
    (data / "products.csv").write_text(rows, encoding="utf-8")
    assert client.get("/start?format=json").json()["uncosted"] == 1, "products are counted, not rows: only D has no cost"
    assert client.get("/data/without-cost").text.splitlines()[1:] == ['"D","Lid",,"EUR"']
    (data / "costs.csv").unlink()
    assert client.get("/start?format=json").json()["uncosted"] == 3
    told = client.get("/start?format=json").json()
    assert told["untaxed"] == 4 and told["named"] == {"family": 0, "category": 0, "brand": 0}
    (data / "products.csv").write_text("sku,unit_cost,category\nA,1,x\nA,1,x\nB,2,y\n", encoding="utf-8")
    assert client.get("/start?format=json").json()["named"]["category"] == 2
    (data / "products.csv").write_text("sku,unit_cost\nA,1\nB,2\n", encoding="utf-8")
    assert "have no cost" not in client.get("/start", headers=HTML).text


def test_a_line_of_a_receipt_is_not_a_day_of_sales(client: TestClient) -> None:
    rows = "\n".join(["date,sku,units,price", *(f"2026-01-0{1 + k % 2},A,{1 + k % 3},5" for k in range(30))])
    page = client.get(send(client, "sales", rows.encode()), headers=HTML).text
    assert "send it as orders" in page and '<input type="hidden" name="table" value="orders">' in page


def test_percent_that_is_taken_as_shares_says_what_to_do(desk: Desk, client: TestClient) -> None:
    page = failing(client, send(client, "products", PERCENT).partition("=")[2], GOODS)
    assert "write a value from 0 to 5: 19 % is 0.19; where the whole column is in percent, send its" in page
    assert not (desk.reading.folder / "data" / "products.csv").exists(), "a file of which nothing can be used becomes no table"
    take(client, send(client, "products", PERCENT + b"A3;3,50;0,19\n"), GOODS)
    page = client.get("/start", headers=HTML).text
    choice = "percent: 19 is 19 %"
    assert f"and choose “{choice}” beside this column" in page, "the choice as the guide names it"
    place = send(client, "products", PERCENT)
    assert f">{choice}: MwSt</option>" in client.get(place, headers=HTML).text
    file = desk.reading.folder / "data" / "products.csv"
    assert file.read_text(encoding="utf-8").endswith("A3,3.50,0.19\n")
    assert imported(desk.reading.folder, "data/products.csv") == "products.csv"
    file.write_text("sku\nA1\n", encoding="utf-8")
    assert imported(desk.reading.folder, "data/products.csv") == ""


def test_what_a_table_lacks_speaks_for_another(client: TestClient) -> None:
    rows = [f"0{day}.01.2026;A1;3;1,50" for day in range(1, 9)]
    whole = "\r\n".join(["Datum;Artikelnummer;Menge;Preis", *rows]).encode()
    page = client.get(send(client, "competitor_prices", whole), headers=HTML).text
    assert "This looks like the table sales, not competitor_prices: no column of it fits competitor, which competitor_prices needs." in page


def test_a_file_for_the_wrong_table_is_said_before_it_is_taken(client: TestClient) -> None:
    rows = [f"0{day}.01.2026;A1;3;1,50" for day in range(1, 9)]
    place = send(client, "products", "\r\n".join(["Datum;Artikelnummer;Menge;Preis", *rows]).encode())
    page = client.get(place, headers=HTML).text
    assert "This looks like the table sales, not products: 2 of its 4 columns match nothing in products." in page
    assert "Columns of your file that are not paired yet: Datum, Menge" in page
    assert "different keys among the first 8 rows of this file: 1." in page
    dates = page.partition('name="dates"')[2].partition(">")[0]
    assert "required" not in dates, "the file has no column of days that is matched"
    assert "看起来是“sales”而非“products”" in client.get(place, headers={**HTML, "Accept-Language": "zh"}).text
    turned = post(client, "/start/turn", upload=place.partition("=")[2], table="sales")
    assert turned.headers["location"] == place
    page = client.get(place, headers=HTML).text
    assert "becomes sales" in page and "This looks like" not in page and "different keys" not in page
    assert "required" in page.partition('name="dates"')[2].partition(">")[0]
    assert post(client, "/start/turn", upload=place.partition("=")[2], table="hats").status_code == 404


def test_how_days_are_written_is_needed_only_for_days(client: TestClient) -> None:
    place = send(client, "products", b"sku;from\nA1;05.01.2026\nA2;06.01.2026\n")
    given = {"upload": place.partition("=")[2], "encoding": "utf-8", "delimiter": "semicolon", "decimal": "point", "dates": ""}
    assert post(client, "/start/match", **given, columns=["sku=sku", "launched=from"]).status_code == 422
    assert post(client, "/start/match", **given, columns=["sku=sku"]).status_code == 303


def test_a_file_from_another_site_is_not_kept(desk: Desk, client: TestClient) -> None:
    answer = client.post("/start/send", data={"table": "sales"}, files={"file": ("a.csv", b"sku\n1\n", "text/csv")})
    assert answer.status_code == 403
    assert not (desk.reading.folder / ".desk" / "uploads").exists()


def test_what_a_file_says_is_shown_as_text(client: TestClient) -> None:
    place = send(client, "sales", b"<img src=x onerror=alert(1)>,sku\n<script>alert(1)</script>,A\n")
    page = client.get(place, headers=HTML).text
    assert "<script>alert" not in page and "<img src=x" not in page
    forgotten = post(client, "/start/forget", upload=place.partition("=")[2])
    assert forgotten.headers["location"] == "/start"
    assert client.get(place, headers=HTML).status_code == 404


def test_a_path_is_no_upload(client: TestClient) -> None:
    assert client.get("/start?upload=../../shop.toml", headers=HTML).status_code == 404
    assert post(client, "/start/forget", upload="../../shop").status_code == 404


def test_a_way_to_read_a_file_that_is_none_is_refused_with_those_that_are(client: TestClient) -> None:
    place = send(client, "sales", b"Datum;Menge\n05.01.2026;1\n")
    for wrong, valid in (
        ("encoding=bogus", "utf-8, utf-16, gb18030, cp1252, cp1250, cp1251, cp932, cp950"),
        ("delimiter=zzz", "comma, semicolon, tab, bar"),
    ):
        answer = client.get(f"{place}&{wrong}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["code"], answer.json()["hint"]) == (422, "bad_field", f"valid: {valid}")
        assert f"valid: {valid}" in client.get(f"{place}&{wrong}", headers=HTML).text
        assert f"可选：{valid}" in client.get(f"{place}&{wrong}", headers={**HTML, "Accept-Language": "zh"}).text
    assert client.get(f"{place}&encoding=cp1252&delimiter=semicolon", headers=HTML).status_code == 200


def test_a_form_without_a_file_and_a_file_too_many(client: TestClient) -> None:
    fields = {"_csrf": csrf(client, "/start"), "table": "sales"}
    bad = client.post("/start/send", data=fields, files=[("file", ("a", b"1", "text/csv")), ("file", ("b", b"2", "text/csv"))])
    assert bad.status_code == 400
    assert post(client, "/start/send", table="sales").status_code == 422
    other = client.post("/stop", data=fields, files={"file": ("a.csv", b"sku\n", "text/csv")})
    assert other.status_code == 415


SHOPIFY = """Handle,Title,Vendor,Type,Variant SKU,Variant Price,Image Src,Cost per item
shirt,Shirt,Mill,Shirts,SHIRT-S,20.00,a.jpg,8.00
shirt,,,,SHIRT-M,20.00,,8.20
shirt,,,,,,b.jpg,
"""


def test_an_export_of_a_shop_program_is_taken_as_the_page_offers_it(client: TestClient, desk: Desk) -> None:
    place = send(client, "products", SHOPIFY.encode())
    page = client.get(place, headers=HTML).text
    assert "This is an export of Shopify" in page
    assert "Of the first 3 rows, 1 name nothing of their own" in page
    preview = re.findall(r'<th scope="col" class="raw">(.*?)</th>', page)
    assert preview == ["Handle", "Title", "Vendor", "Type", "Variant SKU", "Variant Price", "Cost per item"], (
        "of 8 columns those that are paired"
    )
    offered = dict(pair.split("=", 1) for pair in re.findall(r'<option value="([^"=]+=[^"]+)" selected>', page))
    boxes = dict.fromkeys(re.findall(r'<input type="checkbox" name="(\w+)" value="1" checked>', page), "1")
    chosen = re.search(r'<select name="joins">.*?<option selected>(.*?)</option>', page)
    assert chosen is not None and boxes == {"alone": "1"}
    plainly = {"delimiter": "comma", "decimal": "point", "dates": ""}
    take(client, place, offered, joins=chosen[1], **boxes, **plainly)
    page = client.get("/start", headers=HTML).text
    assert "Rows with the same <code>Handle</code> were read together. Rows left out because they name nothing of their own: 1." in page
    rows = list(csv.DictReader((desk.reading.folder / "data" / "products.csv").open(encoding="utf-8", newline="")))
    assert [(row["sku"], row["name"], row["family"]) for row in rows] == [("SHIRT-S", "Shirt", "shirt"), ("SHIRT-M", "Shirt", "shirt")]
    assert not {"Variant Price", "Image Src"} & set(rows[0])


@pytest.mark.parametrize(
    ("language", "said"), [("en", "This is the export of orders of Shopify."), ("zh", "这是 Shopify 的 orders 导出文件。")]
)
def test_an_export_sent_for_the_wrong_table_is_named(language: str, said: str, client: TestClient) -> None:
    text = "Name,Created at,Lineitem quantity,Lineitem price,Lineitem sku\n#1,2026-01-05 10:14:00 +0100,2,16.00,FERN-1\n"
    page = client.get(send(client, "products", text.encode()), headers={**HTML, "Accept-Language": language}).text
    assert said in page and '<input type="hidden" name="table" value="orders"><button class="primary">' in page


TYPED = {"name": "Mug & Co", "currency": "CHF", "tax": "net", "period": "week", "margin": "7", "step": "12", "endings": "0.95 0.5"}
TYPED |= {"borrowed": "3", "timezone": "Europe/Zurich"}
ASKED = {
    "en": "0.2 may mean 20 % or 0.2 %: write 20 % or 0.2 %, with the sign",
    "zh": "0.2 可能指 20 %，也可能指 0.2 %：请写 20 % 或 0.2 %",
}


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        *((field, "0.2", ASKED) for field in ("tax_rate", "margin", "step", "borrowed", "least")),
        ("margin", "95", {"en": "95 % is too much: 90 % at most", "zh": "95% 过大：最多 90 %"}),
        ("step", "much", {"en": "&#39;much&#39; is no number", "zh": "不是数字"}),
        ("endings", "9,95", {"en": "may be a decimal point", "zh": "9,95"}),
        ("endings", "-1", {"en": "endings", "zh": "endings"}),
        ("endings", "9", {"en": "write *9 for every price whose last digit is 9, or 0.9", "zh": "若指末位数字为 9 的所有价格，请写 *9"}),
        ("currency", "ZZZ", {"en": "ZZZ", "zh": "ZZZ"}),
    ],
)
def test_what_cannot_be_kept_is_asked_about_in_the_form_and_nothing_typed_is_lost(
    desk: Desk, client: TestClient, field: str, text: str, said: dict[str, str]
) -> None:
    data = desk.reading.folder / "data"
    (data / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    (data / "sales.csv").write_text("date,sku,units,price\n2026-01-05,A,7,5\n", encoding="utf-8")
    before, given = (
        (desk.reading.folder / "shop.toml").read_text(encoding="utf-8"),
        TYPED | {"tax_rate": "8", "least": "1", "together": "brand", "people": "one", "margin_of": "price", "most": "300"} | {field: text},
    )
    answer = post(client, "/start/choose", **given)
    assert answer.status_code == 303 and answer.headers["location"].endswith("#typed")
    assert (desk.reading.folder / "shop.toml").read_text(encoding="utf-8") == before
    for language, words in said.items():
        page = client.get(answer.headers["location"], headers={**HTML, "Accept-Language": language}).text
        form = page.partition('action="/start/choose"')[2].partition("</form>")[0]
        wrong = form.partition('role="alert" id="typed">')[2].partition("</strong>")[0]
        assert words in wrong, wrong
        for name in ("name", "margin", "step", "endings", "tax_rate", "borrowed", "least", "most"):
            (value,) = re.findall(rf'name="{name}"[^>]* value="([^"]*)"', form)
            assert html.unescape(value) == given[name], name
        assert all(f'<option value="{given[name]}" selected>' in form for name in ("tax", "period", "together", "people", "margin_of"))
        assert field == "currency" or "<option selected>CHF</option>" in form
    twin = client.get(answer.headers["location"], headers={"Accept": "application/json"}).json()["unkept"]
    assert (twin["given"], twin["field"]) == (given, field)
    asked = {"_csrf": csrf(client, "/start"), **given}
    refused = client.post("/start/choose", data=asked, headers={"Accept": "application/json"})
    assert refused.status_code == 422 and refused.json()["detail"] == twin["what"]
    if field != "currency":
        assert post(client, "/start/choose", **TYPED | {"tax_rate": "0.2 %", "margin": "0.2%"}).status_code == 303
        settings = client.get("/start?format=json").json()["settings"]
        assert (settings["tax_rate"], settings["margin"], settings["step"]) == (0.002, 0.002, 0.12)
        page = client.get("/start", headers=HTML).text
        assert re.findall(r'name="(?:tax_rate|margin|step)"[^>]* value="([^"]*)"', page) == ["0.2 %", "0.2 %", "12"], "read as it stands"


@pytest.mark.parametrize("typed", ["0.95, 0.5", "[0.95, 0.5]", "0.95 0.5"])
def test_endings_stand_in_the_form_without_brackets_and_are_taken_with_them(client: TestClient, desk: Desk, typed: str) -> None:
    (desk.reading.folder / "data" / "products.csv").write_text("sku\nA\n", encoding="utf-8")
    (desk.reading.folder / "data" / "sales.csv").write_text("date,sku,units,price\n2026-01-05,A,7,5\n", encoding="utf-8")
    assert post(client, "/start/choose", **WANTED | {"endings": typed}).headers["location"] == "/start#saved"
    assert "\nendings = [0.95, 0.5]" in (desk.reading.folder / "shop.toml").read_text(encoding="utf-8")
    for language, words in (("en", "Separated by commas and spaces"), ("zh", "用逗号加空格分隔")):
        page = client.get("/start", headers={**HTML, "Accept-Language": language}).text
        assert 'name="endings" value="0.95, 0.5"' in page and words in page
        rules = client.get("/rules", headers={**HTML, "Accept-Language": language}).text.partition("<textarea")[0]
        field = rules.partition('name="field_endings" value="0.95, 0.5"')[2].partition("</label>")[0]
        assert field and "[" not in field, "what it says beside the field is typed as it stands"
