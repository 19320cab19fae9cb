"""Products that are sold below cost and cannot move: Today says how many and what that costs, and leads to them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from .place import place, priced_anew

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}


@pytest.mark.real  # long
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
    far = client.get("/", headers=JSON).json()["far"]
    assert (far["count"], far["times"], {one["sku"] for one in far["first"]}) == (rows.height, 3.0, set(rows.head(3)["sku"]) & set(skus))
    for language, words in (("en", "Products whose cost is at least 3 times their price"), ("zh", "成本达售价 3 倍以上")):
        page = client.get("/", headers={**HTML, "Accept-Language": language}).text
        assert words in page.partition('id="far"')[2].partition("</p>")[0]
        assert page.index('id="far"') < page.index('id="at-a-loss"'), "the cost is named first"
    listed = client.get("/prices?outlook=at_a_loss&sort=expected_profit&order=up", headers=JSON).json()
    assert listed["found"] == rows.height and {row["sku"] for row in listed["rows"]} == set(skus)


def test_a_cost_above_the_price_is_named_before_the_rules(tmp_path: Path) -> None:
    desk = place(tmp_path / "shop")
    client = desk.client("viewer")
    row = desk.desk.reading.run(desk.run).decided.filter(pl.col("landed_cost") <= pl.col("current_price")).row(0, named=True)
    assert client.get(f"/products/{row['sku']}", headers=JSON).json()["dear"] is None
    table = desk.folder / "data" / "costs.csv"
    rows = pl.read_csv(table, infer_schema=False)
    dear = pl.when(pl.col("sku") == row["sku"]).then(pl.lit(f"{row['landed_cost']:.0f}")).otherwise("unit_cost")
    rows.with_columns(unit_cost=dear).write_csv(table)
    run = desk.desk.reading.run(priced_anew(desk, "")).decided.filter(pl.col("sku") == row["sku"]).row(0, named=True)
    told = client.get(f"/products/{row['sku']}", headers=JSON).json()["dear"]
    assert told["table"] == "costs" and told["times"] == pytest.approx(run["landed_cost"] / run["current_price"])
    page = client.get(f"/products/{row['sku']}", headers=HTML).text
    said = page.partition('id="dear"')[2].partition("</p>")[0]
    assert "Check its cost first:" in said and 'href="/start?table=costs"' in said
    assert page.index('id="dear"') < page.index("Loosen one of them")
    assert "请先核对成本" in client.get(f"/products/{row['sku']}", headers={**HTML, "Accept-Language": "zh"}).text
