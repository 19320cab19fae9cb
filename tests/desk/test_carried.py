"""A product table that is sent again without prices: those that a shop was asked for stay, and what a smaller file takes away is said."""

from __future__ import annotations

import os
import re
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from pricesmith.flows import wiring
from pricesmith.flows.desk.imports.product_prices import carry

from .feed import feed
from .place import Place, post

HTML = {"Accept": "text/html"}


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return feed(tmp_path / "shop")


def matched(client: TestClient, table: str, frame: pl.DataFrame) -> str:
    """The page on which the file is matched."""
    form = {"_csrf": csrf_of(client), "table": table}
    place = client.post("/start/send", data=form, files={"file": ("again.csv", frame.write_csv().encode())}).headers["location"]
    return client.get(place, headers=HTML).text


def csrf_of(client: TestClient) -> str:
    found = re.search(r'<meta name="csrf" content="([^"]*)">', client.get("/start", headers=HTML).text)
    assert found
    return found[1]


def taken(client: TestClient, page: str, columns: list[str], standing: str = "replace") -> str:
    """What is said once the file has taken the table's place."""
    upload = re.search(r'name="upload" value="([^"]*)"', page)
    assert upload
    how = {"upload": upload[1], "encoding": "utf-8", "delimiter": "comma", "decimal": "point", "dates": "ymd-", "standing": standing}
    assert post(client, "/start/match", **how, columns=[f"{name}={name}" for name in columns]).status_code == 303
    return client.get("/start", headers=HTML).text


def test_prices_that_were_taken_from_the_shop_outlive_a_product_table_without_any(desk: Place) -> None:
    admin, table = desk.client("admin"), desk.folder / "data" / "products.csv"
    post(admin, "/shops/web/start-from")
    before = pl.read_csv(table, infer_schema=False).rows_by_key("sku", named=True, unique=True)
    plain = pl.read_csv(table, infer_schema=False).drop("price", "price_from")
    fewer = pl.concat([plain.tail(-1), plain.head(1).with_columns(sku=pl.lit("brand-new"))])
    said = taken(admin, matched(admin, "products", fewer), [name for name in plain.columns if plain[name].null_count() < plain.height])
    after = pl.read_csv(table, infer_schema=False).rows_by_key("sku", named=True, unique=True)
    assert {(one["price"], one["price_from"]) for sku, one in after.items() if sku == "brand-new"} == {(None, None)}
    for sku, one in after.items():
        if sku != "brand-new":
            assert (one["price"], one["price_from"]) == (before[sku]["price"], before[sku]["price_from"])
    assert "those that the table had stay beside" in said


def test_a_table_that_names_prices_has_its_own(desk: Place, tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("sku,price,price_from\na,1.00,2026-01-01\n", encoding="utf-8")
    new.write_text("sku,price\na,\n", encoding="utf-8")
    assert carry(old, new) == 0 and new.read_text(encoding="utf-8") == "sku,price\na,\n"


@pytest.mark.parametrize(
    ("old", "new", "count", "wanted"),
    [
        ("sku,price\na,1.00\nb,\n", "sku,name\na,x\nb,y\nc,z\n", 1, "sku,name,price,price_from\na,x,1.00,\nb,y,,\nc,z,,\n"),
        (
            "name,price_from,price,sku\nx,2026-01-01,1.00, a \n",
            'name,sku\n"x, y",a\n',
            1,
            'name,sku,price,price_from\n"x, y",a,1.00,2026-01-01\n',
        ),
        ("sku,name\na,x\n", "sku\na\n", 0, "sku\na\n"),
        ("", "sku\na\n", 0, "sku\na\n"),
        ("sku,price\na,1.00\n", "code\na\n", 0, "code\na\n"),
        ("sku,price\na,1.00\nb\n", "sku,price_from\na,2020-01-01\n", 1, "sku,price_from,price\na,,1.00\n"),
    ],
)  # fmt: skip
def test_each_product_keeps_its_own_price(tmp_path: Path, old: str, new: str, count: int, wanted: str) -> None:
    one, two = tmp_path / "old.csv", tmp_path / "new.csv"
    one.write_text(old, encoding="utf-8")
    two.write_text(new, encoding="utf-8")
    assert carry(one, two) == count
    assert two.read_text(encoding="utf-8") == wanted


def test_a_file_that_would_take_most_of_a_table_away_says_so_before(desk: Place) -> None:
    admin, table = desk.client("admin"), desk.folder / "data" / "sales.csv"
    sales = pl.read_csv(table, infer_schema=False)
    for rows, less in ((30, True), (sales.height, False)):
        page = matched(admin, "sales", sales.head(rows))
        part = re.search(r'<fieldset id="stands">(.*?)</fieldset>', page, re.DOTALL)
        assert part
        assert f"Its rows: {sales.height:,}; in this file: {rows:,}." in part[1]
        assert ('role="alert"' in part[1]) is less and (f"{sales.height - rows:,} rows less" in part[1]) is less
        assert re.findall(r'value="(\w+)" required( checked)?', part[1]) == [("add", " checked" if less else "")]


def test_the_sales_of_a_week_are_added_to_those_of_before(desk: Place) -> None:
    admin, table = desk.client("admin"), desk.folder / "data" / "sales.csv"
    before = pl.read_csv(table, infer_schema=False)
    last = before.filter(pl.col("date") == pl.col("date").max())
    fresh = pl.concat([last.with_columns(units=pl.lit("7")), last.with_columns(date=pl.lit("2031-01-06"))])
    names = [name for name in before.columns if before[name].null_count() < before.height]
    said = taken(admin, matched(admin, "sales", fresh), names, "add")
    after = pl.read_csv(table, infer_schema=False)
    assert f"Added to the table sales: {fresh.height:,} rows." in said
    assert f"that stay: {before.height - last.height:,}; that gave way to rows of the file: {last.height:,}." in said
    assert after.height == before.height + last.height
    assert after.head(before.height - last.height).equals(before.join(last, on=["date"], how="anti").select(after.columns))
    (kept,) = (desk.folder / ".desk" / "replaced").rglob("sales.csv")
    assert pl.read_csv(kept, infer_schema=False).equals(before)
    bad = fresh.with_columns(date=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("soon")).otherwise("date"))
    assert "Of the file 1 rows cannot be used, such as line 2" in taken(admin, matched(admin, "sales", bad), names, "add")


@pytest.mark.parametrize("whole", [False, True])
def test_costs_that_nobody_sent_again_stay_as_old_as_they_were(desk: Place, whole: bool) -> None:
    """A file of one new product says nothing about the costs of the others."""
    admin, table, long_ago = desk.client("admin"), desk.folder / "data" / "products.csv", 1_700_000_000
    os.utime(table, (long_ago, long_ago))
    before = wiring.files_of(desk.folder)["data/products.csv"]
    rows = pl.read_csv(table, infer_schema=False)
    fresh = pl.concat([rows if whole else rows.clear(), rows.head(1).with_columns(sku=pl.lit("brand-new"))])
    names = [name for name in rows.columns if rows[name].null_count() < rows.height]
    assert "Added to the table products" in taken(admin, matched(admin, "products", fresh), names, "add")
    assert (table.stat().st_mtime - long_ago > 1) is whole
    assert wiring.files_of(desk.folder)["data/products.csv"] != before
