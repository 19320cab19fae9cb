"""A price that stays though it ends otherwise than a rule of endings asks of new ones is told as that, wherever it is read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pricesmith.flows.desk.prices.ends import kept_otherwise
from tests.desk.place import Place, place

pytestmark = pytest.mark.real  # long

OTHER = """
[[rule]]
kind = "price_endings"
endings = [0.49]
where = { category = "home/garden" }

[[rule]]
kind = "min_change"
step = 0.13
"""
SAID = {"en": "kept, though it ends otherwise than the rule on endings asks of new prices", "zh": "尽管其尾数不符合对新价格的尾数规则"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("ends") / "shop", OTHER)


def test_it_is_found_by_the_rule_that_is_about_its_product(desk: Place) -> None:
    run = desk.desk.reading.run(desk.run)
    rows = run.decided.filter(pl.col("action") == "keep")
    garden = pl.col("category").str.starts_with("home/garden")
    expected = rows.filter((garden & (pl.col("current_price") % 100 != 49)) | ~(pl.col("current_price") % 100).is_in([49, 99]))
    found = kept_otherwise(run, run.decided)
    assert 0 < found.height < rows.height
    assert sorted(found["sku"]) == sorted(expected["sku"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_say_that_it_is_kept_though_it_ends_otherwise(desk: Place, language: str) -> None:
    client, headers = desk.client("viewer"), {"Accept": "text/html", "Accept-Language": language}
    run = desk.desk.reading.run(desk.run)
    found = set(kept_otherwise(run, run.decided)["sku"])
    for sku in run.decided["sku"]:
        if sku in found or sku == "K008":
            assert (SAID[language] in client.get(f"/products/{sku}", headers=headers).text) == (sku in found), sku
            assert client.get(f"/products/{sku}?format=json").json()["ends_otherwise"] == (sku in found)
    twin = client.get("/prices?size=100&format=json").json()["rows"]
    assert {row["sku"] for row in twin if row["ends_otherwise"]} == found
    assert client.get("/prices?size=100", headers=headers).text.count(SAID[language]) == len(found)
    assert client.get("/?format=json").json()["keep_otherwise"] == len(found)
    assert f'<data value="{len(found)}"' in client.get("/", headers=headers).text.partition('id="keep-otherwise"')[2].partition("</p>")[0]


def test_a_shop_whose_prices_all_end_as_asked_says_nothing_of_it(tmp_path: Path) -> None:
    found = place(tmp_path / "shop")
    text = found.client("viewer").get("/", headers={"Accept": "text/html", "Accept-Language": "en"}).text
    assert 'id="keep-otherwise"' not in text
