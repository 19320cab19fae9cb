"""A product whose table names a price at which it is not sold says so on its page, and what to write where that price is asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from pricesmith.preparation.stated import overruled
from tests.desk.place import priced
from tests.desk.test_data import settle

FIRST = dt.date(2025, 1, 6)


def test_the_page_says_that_another_price_stands_in_the_product_table(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost,price\nx,4,12\ny,4,10\n", encoding="utf-8")
    rows = [f"{FIRST + dt.timedelta(days=day)},{sku},{3 + day % 4},10" for day in range(70) for sku in "xy"]
    (folder / "data" / "sales.csv").write_text("\n".join(["date,sku,units,price", *rows, ""]), encoding="utf-8")
    desk = priced(folder)
    client = desk.client("viewer")
    client.get("/data")
    settle(desk)
    told = {sku: client.get(f"/products/{sku}?format=json").json() for sku in "xy"}
    assert [(told[sku]["decided"]["current_price"], told[sku]["overruled"], told[sku]["stated"]) for sku in "xy"] == [
        (1000, True, False),
        (1000, False, True),
    ]
    for language, said in (("en", "since when into price_from"), ("zh", "price_from 列写入其生效日期")):
        pages = [client.get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": language}).text for sku in "xy"]
        assert ['id="overruled"' in page for page in pages] == [True, False]
        assert said in pages[0].partition('id="overruled"')[2].partition("</p>")[0]


def test_a_price_that_the_sales_say_too_is_not_overruled() -> None:
    stated = pl.DataFrame({"item": [0, 1, 2, 3], "stated": [9.0, 9.0, 9.0, 9.0], "counts": [False, False, True, False]})
    prices = pl.DataFrame({"item": [0, 1, 2], "current_price": [9.02, 8.0, 9.0]})
    assert overruled(stated, prices)["item"].to_list() == [1, 3]
