"""The page Data checks the files by itself, once for each state of them, and shows foreign text as text."""

from __future__ import annotations

import datetime as dt
import html
import os
import time
from pathlib import Path

import msgspec
import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.apps.web.pages import data as pages_data
from pricesmith.flows import batch
from pricesmith.flows.desk.data import page as data
from pricesmith.flows.publishing.office import record_run
from tests.desk.place import Place, csrf, place, post
from tests.desk.test_start import send

pytestmark = pytest.mark.real  # long

HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


def settle(desk: Place) -> None:
    until = time.monotonic() + 90
    while any(job.ended is None for job in desk.desk.jobs.all()) and time.monotonic() < until:
        time.sleep(0.1)


def test_all_products_without_a_cost_can_be_had_where_their_number_is_told(desk: Place) -> None:
    path = desk.folder / "data" / "costs.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    lacking = {row.split(",")[0] for row in rows[:3]}
    path.write_text("\n".join([header, *rows[3:], ""]), encoding="utf-8")
    client = desk.client()
    client.get("/data")
    settle(desk)
    page = client.get("/data", headers=HTML).text
    assert client.get("/data?format=json").json()["coverage"]["without_cost"] == len(lacking)
    assert '<a href="/data/without-cost" download>' in page and '<a href="/prices?action=hold&amp;reason=missing_cost">' in page
    _, *listed = client.get("/data/without-cost").text.splitlines()
    assert {row.split(",")[0].strip('"') for row in listed} == lacking


def test_all_products_of_a_notice_can_be_had_where_the_first_are_named(desk: Place) -> None:
    path = desk.folder / "data" / "products.csv"
    products = pl.read_csv(path, infer_schema=False)
    more = [products.head(1).with_columns(sku=pl.lit(f"more{number}"), name=pl.lit("=1+1")) for number in range(9)]
    crossed = pl.concat([products, *more]).with_columns(min_price=pl.lit("900.00"), max_price=pl.lit("1.00"))
    crossed.write_csv(path)
    client = desk.client()
    client.get("/data")
    settle(desk)
    notices = client.get("/data", headers={"Accept": "application/json"}).json()["notices"]
    (told,) = [one for one in notices if one["code"] == "limits_contradict"]
    assert (told["named"], len(told["examples"])) == (crossed.height, 5)
    assert "/data/notice?code=limits_contradict&amp;table=products" in client.get("/data", headers=HTML).text
    answer = client.get("/data/notice", params={"code": told["code"], "table": told["table"]})
    listed = pl.read_csv(answer.content, infer_schema=False)
    assert listed["sku"].to_list() == sorted(crossed["sku"])
    assert listed.filter(pl.col("sku") == "more1")["name"].to_list() == ["'=1+1"], "no text becomes a formula"
    assert client.get("/data/notice", params={"code": "none", "table": "sales"}).status_code == 404


def test_rows_that_repeat_another_are_told_beside_those_that_are_accepted(desk: Place) -> None:
    sales = next((desk.folder / "data").glob("sales*"))
    lines = sales.read_text(encoding="utf-8").splitlines()
    sales.write_text("\n".join([*lines, *lines[1:4], ""]), encoding="utf-8")
    client = desk.client()
    client.get("/data")
    settle(desk)
    for language, said in (("en", "3 repeats not counted"), ("zh", "其中重复 3 行，未计入")):
        page = client.get("/data", headers={**HTML, "Accept-Language": language}).text
        assert page.count(said) == 1 and page.index(said) > page.index("sales")


def brief(desk: Place) -> tuple[str, str]:
    """One product falls from 10 to 7 on the last day of the sales; its number, and the day after."""
    sales, plans = next((desk.folder / "data").glob("sales*")), desk.folder / "data" / "promotions.csv"
    plans.unlink(missing_ok=True)
    table = pl.read_csv(sales, infer_schema_length=None, schema_overrides={"sku": pl.String})
    sku, last = table.sort("date", "sku")["sku"][-1], table["date"].max()
    own = pl.col("sku") == sku
    price = pl.when(own & (pl.col("date") == last)).then(7.0).when(own).then(10.0).otherwise(pl.col("price"))
    table.drop("list_price", strict=False).with_columns(price=price, promo=pl.when(own).then(0).otherwise(pl.col("promo"))).write_csv(sales)
    return sku, str(dt.date.fromisoformat(last) + dt.timedelta(days=1))


def added(client: TestClient, table: pl.DataFrame) -> None:
    """The file goes through the guide as products that are added, each column as it is guessed."""
    upload = send(client, "products", table.write_csv().encode()).partition("=")[2]
    guessed = client.get(f"/start?upload={upload}&format=json").json()["match"]["columns"]
    columns = [f"{one['column']}={one['guess']}" for one in guessed if one["guess"]]
    assert "price=price" in columns and "price_from=price_from" in columns
    given = {"delimiter": "comma", "decimal": "point", "dates": "ymd-", "columns": columns, "standing": "add"}
    assert post(client, "/start/match", upload=upload, encoding="utf-8", **given).headers["location"] == "/start"


def listed_as_brief(desk: Place, client: TestClient) -> pl.DataFrame:
    client.get("/data")
    settle(desk)
    return pl.read_csv(client.get("/data/notice?code=price_brief&table=sales").content, schema_overrides={"sku": pl.String})


def test_prices_before_a_special_can_be_taken_into_the_product_table(desk: Place) -> None:
    """The list as it is had is a file of products: added to theirs, the next run starts from what was asked before."""
    sku, eve = brief(desk)
    client = desk.client()
    rows = listed_as_brief(desk, client)
    page = client.get("/data", headers=HTML).text
    assert "its price is what was asked before" in page
    semicolons = "/data/notice?code=price_brief&table=sales&delimiter=%3B&decimal=comma"
    assert f'href="{html.escape(semicolons)}"' in page and ";10,0;" in client.get(semicolons).text
    one = rows.filter(pl.col("sku") == sku).row(0, named=True)
    assert (one["price"], one["price_from"], one["price_now"]) == (10.0, eve, 7.0)
    added(client, rows)
    assert batch.take(batch.load(desk.folder)).items.filter(pl.col("sku") == sku)["current_price"].to_list() == [1000]


def test_a_brief_price_that_stays_is_said_by_the_list_of_them(desk: Place) -> None:
    sku, _ = brief(desk)
    client = desk.client()
    rows = listed_as_brief(desk, client)
    added(client, rows.filter(pl.col("sku") == sku).with_columns(price="price_now"))
    loaded = batch.load(desk.folder)
    assert batch.take(loaded).items.filter(pl.col("sku") == sku)["current_price"].to_list() == [700]
    assert sku not in [one for each in loaded.prepared.warnings if each["code"] == "price_brief" for one in each["products"]]


def test_the_days_of_specials_that_were_found_can_be_had(desk: Place) -> None:
    sales, plans = next((desk.folder / "data").glob("sales*")), desk.folder / "data" / "promotions.csv"
    plans.unlink(missing_ok=True)
    table = pl.read_csv(sales, infer_schema_length=None)
    days, (first, second) = table["date"].unique().sort().to_list(), table["sku"].unique().sort()[:2].to_list()
    low = (pl.col("sku") == first) & pl.col("date").is_in([*days[20:24], *days[40:42]])
    moved = pl.when((pl.col("sku") == second) & pl.col("date").is_in(days[30:33])).then(8.0)
    price = moved.when((pl.col("sku") == second) & (pl.col("date") >= days[33])).then(9.0).when(low).then(8.0).otherwise(10.0)
    table.drop("list_price", "promo", "promo_kind", strict=False).with_columns(price=price).write_csv(sales)
    client = desk.client()
    client.get("/data")
    settle(desk)
    assert "it has the first and last day of each" in client.get("/data", headers=HTML).text
    listed = pl.read_csv(client.get("/data/notice", params={"code": "specials_found", "table": "sales"}).content)
    told = listed.filter(pl.col("sku") == first).select("counts_as", "start", "end", "price").rows()
    assert told == [("special", days[20], days[23], 8.0), ("special", days[40], days[41], 8.0)]


def test_nothing_looks_wrong_is_not_said_above_rows_that_were_set_aside(desk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sales = desk.folder / "data" / "sales.csv"
    with sales.open("a", encoding="utf-8") as file:
        file.write(sales.read_text(encoding="utf-8").splitlines()[-1].replace("-", "x", 1) + "\n")
    client = desk.client()
    client.get("/data")
    settle(desk)
    made = data.data

    def quiet(*given: object, **more: object) -> data.Data:
        return msgspec.structs.replace(made(*given, **more), notices=[])  # type: ignore[arg-type]

    monkeypatch.setattr(pages_data, "data", quiet)
    twin, page = client.get("/data?format=json").json(), client.get("/data", headers=HTML).text
    assert (twin["notices"], twin["of"]) == ([], 1)
    assert "Nothing looks wrong." not in page and "rows that cannot be used and were set aside, listed below:" in page


def test_the_files_are_checked_once(desk: Place) -> None:
    with (desk.folder / "data" / "sales.csv").open("a", encoding="utf-8") as file:
        file.write("2026-01-01,K000,1,<script>alert(1)</script>,0,9.99\n")
        file.write((desk.folder / "data" / "sales.csv").read_text(encoding="utf-8").splitlines()[1] + "\n")
    client = desk.client()
    assert 'data-live="/jobs/live"' in client.get("/data", headers=HTML).text
    settle(desk)
    page = client.get("/data", headers=HTML).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert client.get("/data?format=json").json()["rows"][0]["raw"].endswith("<script>alert(1)</script>,0,9.99")
    (twice,) = [one for one in client.get("/data?format=json").json()["notices"] if one["code"] == "exact_duplicate"]
    assert f"first lines: <code>{twice['places'][0]}</code>" in page and twice["places"][0].startswith("data/sales.csv:")
    assert len(desk.desk.jobs.all()) == 1
    chinese = client.get("/data", headers={**HTML, "Accept-Language": "zh"}).text
    assert "不是数字" in chinese
    os.utime(desk.folder / "data" / "sales.csv")
    client.get("/data")
    assert len(desk.desk.jobs.all()) == 2
    settle(desk)


def test_a_check_that_fails_says_why_and_is_not_begun_over_and_over(desk: Place) -> None:
    (desk.folder / "data" / "products.csv").write_text("name\nPan\n", encoding="utf-8")
    client = desk.client()
    client.get("/data")
    settle(desk)
    page = client.get("/data", headers=HTML).text
    assert "data/products.csv: column &#39;sku&#39; is missing" in page
    assert len(desk.desk.jobs.all()) == 1
    assert post(client, "/data/check").headers["location"] == "/data"
    assert len(desk.desk.jobs.all()) == 2
    settle(desk)


def test_where_nothing_is_there_the_guide_is_shown(desk: Place) -> None:
    for file in (desk.folder / "data").iterdir():
        file.unlink()
    page = desk.client().get("/data", headers=HTML).text
    assert 'href="/start"' in page
    assert desk.desk.jobs.all() == []


@pytest.mark.parametrize("lacking", ["products", "sales"])
def test_what_a_check_needs_is_said_rather_than_a_check_begun_that_must_fail(desk: Place, lacking: str) -> None:
    (desk.folder / "data" / f"{lacking}.csv").unlink()
    client = desk.client()
    seen = client.get("/data?format=json").json()
    assert (seen["lacking"], seen["checking"], seen["failed"]) == ([lacking], False, "")
    for language, words in (
        ("en", "Nothing can be checked or priced before this is there too:"),
        ("zh", "补齐以下数据表后才能检查和定价："),
    ):
        page = client.get("/data", headers={**HTML, "Accept-Language": language}).text
        said = page.partition('id="lacking"')[2].partition("</section>")[0]
        assert words in said and f'href="/start?table={lacking}#upload"' in said
        assert 'action="/data/check"' not in page and 'action="/jobs/price"' not in page
    for address in ("/data/check", "/jobs/price"):
        refused = client.post(address, data={"_csrf": csrf(client, "/sign-in")}, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"], refused.json()["to"]) == (409, "table_missing", "/start#upload"), refused.text
        assert f"`{lacking}`" in refused.json()["detail"] and "in the guide" in refused.json()["hint"]
    assert desk.desk.jobs.all() == []


def test_products_of_one_name_are_told_apart_among_those_that_moved(desk: Place) -> None:
    loaded, name = batch.load(desk.folder), "The same lantern"
    tables = loaded.prepared.tables
    tables["products"] = tables["products"].with_columns(name=pl.lit(name))
    record_run(desk.folder, batch.price(loaded), tables["competitor_prices"], "ana")
    tables["costs"] = tables["costs"].with_columns(unit_cost=pl.col("unit_cost") * 1.2)
    record_run(desk.folder, batch.price(loaded), tables["competitor_prices"], "ana")
    found = desk.client().get("/data", headers=HTML).text
    moved = next(one for one in desk.client().get("/data?format=json").json()["shifts"]["shifts"] if one["measure"] == "cost")
    assert [far["name"] for far in moved["furthest"]] == [name] * 5
    assert all(f">{name}</a> <code>{far['sku']}</code>" in found for far in moved["furthest"])


def test_two_sets_of_rules_are_compared_elsewhere(tmp_path: Path) -> None:
    client = place(tmp_path / "shop").client()
    for language, said in (("en", "Two sets of rules over the same data"), ("zh", "同一数据下的两套规则")):
        page = client.get("/data", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert '<a href="/rules">' in page.partition(said)[2].partition("</p>")[0]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("counts as fresh for", "over: prices from it are not sent", "What “fresh” does", "price the shop again")),
        ("zh", ("视为有效的时长：", "已超时：基于该文件的价格不会发送", "“有效”的含义", "重新为全店定价")),
    ],
)
def test_a_limit_of_age_says_what_it_measures_what_happens_and_what_to_do(desk: Place, language: str, words: tuple[str, ...]) -> None:
    for file in (desk.folder / "data").glob("*.csv"):
        os.utime(file, (1e9, 1e9))
    page = desk.client().get("/data", headers={**HTML, "Accept-Language": language}).text
    assert all(one in page for one in words)
    settle(desk)


@pytest.mark.parametrize(("language", "said"), [("en", "columns that are not known and are ignored: "), ("zh", "无法识别、已忽略的列数：")])
def test_many_columns_that_nobody_knows_are_one_line_that_opens_after_what_matters(desk: Place, language: str, said: str) -> None:
    path = desk.folder / "data" / "products.csv"
    strange = [f"strange{letter}" for letter in "abcde"]
    products = pl.read_csv(path, infer_schema=False).with_columns(**{name: pl.lit("1") for name in strange})
    products.with_columns(min_price=pl.lit("900.00"), max_price=pl.lit("1.00")).write_csv(path)
    stock = desk.folder / "data" / "stock.csv"
    pl.read_csv(stock, infer_schema=False).with_columns(strange=pl.lit("1")).write_csv(stock)
    client = desk.client()
    client.get("/data")
    settle(desk)
    told = client.get("/data?format=json").json()
    order = ["blocking", "warning", "info"]
    levels = [order.index(one["level"]) for one in told["notices"]]
    assert levels == sorted(levels) and len({*levels}) > 1, "the weightiest first"
    worth = [one for one in told["notices"] if one["level"] == "warning"]
    unknown = [one for one in told["notices"] if one["code"] == "unknown_column"]
    assert len(worth) > len(unknown) == 6 and worth[-6:] == unknown, "of those of one weight, columns last"
    assert [one["examples"] for one in unknown] == [*([name] for name in strange), ["strange"]]
    (fold,) = told["folds"]
    assert (fold["table"], fold["count"]) == ("products", 5) and told["notices"][fold["first"] : fold["first"] + 5] == unknown[:5]
    text = client.get("/data", headers={**HTML, "Accept-Language": language}).text
    part = text.partition('<details><summary><span class="pill">')[2].partition("</details>")[0]
    assert f'{said}<b><data value="5">5</data></b></summary>' in part
    assert [part.count(f"'{name}'") + part.count(f"&#39;{name}&#39;") for name in strange] == [1] * 5
    rest = text.replace(part, "")
    assert [f"&#39;{name}&#39;" in rest for name in [*strange, "strange"]] == [False] * 5 + [True]
