"""Prices that stay though they break a limit, as one price over several products leaves no other: Today counts them and leads to them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from .place import place, priced_anew

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


@pytest.mark.real  # long
def test_prices_that_stay_outside_their_limits_are_counted_and_listed(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client = desk.client("viewer")
    assert client.get("/", headers=JSON).json()["outside"] == 0
    assert 'id="outside"' not in client.get("/", headers=HTML).text
    prices = desk.desk.reading.run(desk.run).decided.select("sku", "current_price").unique("sku").sort("current_price")
    low, now = prices.row(0)
    assert prices["current_price"][-1] > 1.5 * now, "one price cannot fit both"
    path = desk.folder / "data" / "products.csv"
    least = pl.when(pl.col("sku") == low).then(pl.lit(f"{1.02 * now / 100:.2f}"))
    pl.read_csv(path, infer_schema=False).with_columns(family=pl.lit("one"), min_price=least).write_csv(path)
    run = priced_anew(desk, '\n[[rule]]\nkind = "price_bounds"\ncolumns = ["min_price"]\n[[rule]]\nkind = "same_price"\nby = "family"\n')
    rows = desk.desk.reading.run(run).decided.filter(sku=low)
    assert set(rows["reason"]) == {"stays_below"}
    assert client.get("/", headers=JSON).json()["outside"] == rows.height
    for language, words in (("en", "stay though they break a limit"), ("zh", "违反规则限制却保持不变")):
        part = client.get("/", headers={**HTML, "Accept-Language": language}).text.partition('id="outside"')[2].partition("</p>")[0]
        assert words in part and f'<data value="{rows.height}">' in part
    assert client.get("/prices?outlook=outside", headers=JSON).json()["found"] == rows.height
    page = client.get(f"/products/{low}", headers=HTML).text
    assert "stays below what the rules allow" in page and "at least" in page
