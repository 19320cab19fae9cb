"""What was sold at prices like the proposed one stands beside what is expected of it, and speaks against it where it is far from that."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import polars as pl
import pytest

from pricesmith.flows.desk.product.charged import charged
from pricesmith.testing.fakes import made_snapshot
from tests.desk.place import place

DAY = dt.date(2026, 1, 1)


def cells(*rows: tuple[int, float, int, float, float]) -> pl.DataFrame:
    """day, price, promo, units, available"""
    table = pl.DataFrame(rows, schema=["day", "price", "promo", "units", "available"], orient="row")
    return table.select("price", "promo", "units", "available", days=1.0, date=pl.lit(DAY) + pl.duration(days="day"))


def test_regular_prices_near_it_count_for_the_time_in_which_it_could_be_bought() -> None:
    shop, price = made_snapshot(products=1, days=30), 1000
    rows = [(day, 10.0, 0, 4.0, 1.0) for day in range(6)]
    others = [(10, 10.31, 0, 50.0, 1.0), (11, 9.69, 0, 50.0, 1.0), (12, 10.0, 1, 50.0, 1.0), (13, 10.0, 0, 50.0, 0.0)]
    found = charged(shop, cells(*rows, *others, (14, 9.75, 0, 8.0, 0.5), (15, 10.2, 0, 4.0, 0.5)), price, (4.0, 6.0))
    assert found is not None
    assert (found.units, found.days, found.last, found.far) == (36.0 / 7.0, 7.0, DAY + dt.timedelta(days=15), False)
    assert charged(shop, cells(*others), price, (4.0, 6.0)) is None


@pytest.mark.parametrize(
    ("interval", "days", "far"),
    [
        ((8.1, 20.0), 8, True),
        ((7.9, 20.0), 8, False),
        ((0.1, 1.9), 8, True),
        ((0.1, 2.1), 8, False),
        ((8.1, 20.0), 6, False),
        (None, 8, False),
    ],
)
def test_it_speaks_against_an_interval_that_lies_far_from_it(interval: tuple[float, float] | None, days: int, far: bool) -> None:
    found = charged(made_snapshot(products=1, days=30), cells(*((day, 10.0, 0, 4.0, 1.0) for day in range(days))), 1000, interval)
    assert found is not None and found.far is far


@pytest.mark.real  # long
@pytest.mark.parametrize(
    ("language", "words", "none"),
    [("en", "it sold a day:", "charged outside promotions before"), ("zh", "的日均销量：", "非促销期间标价从未")],
)
def test_the_page_of_each_changed_product_says_it(tmp_path: Path, language: str, words: str, none: str) -> None:
    desk = place(tmp_path / "shop")
    client, told = desk.client(), set()
    for row in desk.desk.reading.run(desk.run).decided.to_dicts():
        asked = {"channel": row["channel"], "region": row["region"]}
        found = client.get(f"/products/{row['sku']}", params=asked, headers={"Accept": "application/json"}).json()["seen"]["charged"]
        page = client.get(f"/products/{row['sku']}", params=asked, headers={"Accept": "text/html", "Accept-Language": language}).text
        if row["action"] != "change":
            assert 'id="charged"' not in page and found is None
            continue
        line = re.sub(r"<[^>]+>", "", page.partition('id="charged">')[2].partition("</p>")[0])
        assert (words in line and found["last"] in line) if found else none in line
        told.add(found is None)
    assert told == {True, False}
