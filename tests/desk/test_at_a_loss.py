"""Products that are sold below cost and cannot move: Today says how many and what that costs, and leads to them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from .place import place, priced_anew

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


def test_what_is_lost_on_prices_that_stay_is_told_and_listed(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client = desk.client("viewer")
    assert client.get("/", headers=JSON).json()["at_a_loss"] == {"count": 0, "lost": 0.0}
    assert 'id="at-a-loss"' not in client.get("/", headers=HTML).text
    skus = desk.desk.reading.run(desk.run).changes["sku"].unique().sort().head(2).to_list()
    for file in ("costs.csv", "products.csv"):
        path = desk.folder / "data" / file
        if path.exists() and "unit_cost" in (table := pl.read_csv(path, infer_schema=False)).columns:
            dear = pl.when(pl.col("sku").is_in(skus)).then(pl.lit("500")).otherwise("unit_cost")
            table.with_columns(unit_cost=dear).write_csv(path)
    run = priced_anew(desk, "")
    rows = desk.desk.reading.run(run).decided.filter(pl.col("sku").is_in(skus))
    assert set(rows["action"]) == {"hold"}
    told = client.get("/", headers=JSON).json()["at_a_loss"]
    assert told == {"count": rows.height, "lost": pytest.approx(-rows["expected_profit"].sum())} and told["lost"] > 0
    for language, words in (("en", "Sold below cost, and the price stays"), ("zh", "低于成本销售且价格保持不变")):
        page = client.get("/", headers={**HTML, "Accept-Language": language}).text
        part = page.partition('id="at-a-loss"')[2].partition("</p>")[0]
        assert words in part and f'<data value="{told["lost"]}">' in part
    listed = client.get("/prices?outlook=at_a_loss&sort=expected_profit&order=up", headers=JSON).json()
    assert listed["found"] == rows.height and {row["sku"] for row in listed["rows"]} == set(skus)
