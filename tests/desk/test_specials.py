"""Days whose price may have been that of a special teach nothing, and are shown all the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl

from tests.desk.place import priced

FIRST = dt.date(2025, 1, 6)
DOUBTFUL = range(28, 33)


def price(day: int) -> float:
    """Two specials that came back, and a dip that ended at another price."""
    return 8.0 if day in (*range(10, 14), *range(50, 53), *DOUBTFUL) else 9.0 if day > DOUBTFUL[-1] else 10.0


def test_the_history_of_a_product_has_what_was_sold_on_doubtful_days(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\ntax = "net"\n', encoding="utf-8")
    (folder / "data" / "products.csv").write_text("sku,unit_cost\nx,4\ny,4\n", encoding="utf-8")
    days = [FIRST + dt.timedelta(days=day) for day in range(70)]
    rows = [f"{at},{sku},{3 + number % 4},{price(number) if sku == 'x' else 10}" for number, at in enumerate(days) for sku in "xy"]
    (folder / "data" / "sales.csv").write_text("\n".join(["date,sku,units,price", *rows, ""]), encoding="utf-8")
    desk = priced(folder)
    again = desk.desk.reading.replayed(desk.run).snapshot
    assert again.doubtful["date"].to_list() == [days[day] for day in DOUBTFUL]
    assert again.cells.join(again.doubtful, on=["item", "date"], how="semi").is_empty(), "they teach nothing"
    client = desk.client("viewer")
    client.get("/products/x?format=json")
    seen = client.get("/products/x?format=json").json()["seen"]
    sold = {week["start"]: week["units"] for week in seen["weeks"]}
    for start in range(0, 70, 7):
        assert abs(sold[str(days[start])] - sum(3 + number % 4 for number in range(start, start + 7)) / 7) < 1e-9
    report = client.get("/models?format=json").json()["report"]
    assert report["doubtful"] == sum(3 + number % 4 for number in DOUBTFUL)
    for language, said in (("en", "which teach nothing:"), ("zh", "因而不参与学习的日子的销量：")):
        assert said in client.get("/models", headers={"Accept": "text/html", "Accept-Language": language}).text
    assert pl.Series(list(sold.values())).is_not_null().all()
