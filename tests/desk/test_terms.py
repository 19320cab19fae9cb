"""Words that not everybody knows are explained where they are shown, behind what a tap or a key unfolds, in both languages."""

from __future__ import annotations

import re

import polars as pl
import pytest

from tests.desk.place import Place, place


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place(tmp_path_factory.mktemp("terms") / "shop")


def told(desk: Place, address: str, language: str) -> dict[str, str]:
    """Word -> what it means, as the page says it."""
    text = desk.client("viewer", "vera").get(address, headers={"Accept": "text/html", "Accept-Language": language}).text
    lists = re.findall(r'<details class="terms"><summary>[^<]+</summary><dl>(.*?)</dl></details>', text)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", "".join(lists)))


@pytest.mark.parametrize(
    ("language", "grade", "said", "cost"),
    [("en", "pooled", "from products like it", "Landed cost"), ("zh", "参考同类商品", "同类商品", "到岸成本")],
)
def test_grades_of_evidence_and_landed_cost_are_explained(desk: Place, language: str, grade: str, said: str, cost: str) -> None:
    sku = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")["sku"][0]
    assert said in told(desk, "/", language)[grade] and len(told(desk, "/", language)) == 5
    product = {name.lower(): text for name, text in told(desk, f"/products/{sku}", language).items()}
    assert said in product[grade] and len(product) == 8 and product[cost.lower()]


def test_a_list_price_and_a_price_charged_are_two_things(desk: Place) -> None:
    sku = desk.desk.reading.run(desk.run).decided.filter(pl.col("action") == "change")["sku"][0]
    for language, asked, charged in (
        ("en", "list price (asked outside promotions)", "at the price charged"),
        ("zh", "标价（无促销时的要价）", "按实收价"),
    ):
        text = desk.client("viewer", "vera").get(f"/products/{sku}", headers={"Accept": "text/html", "Accept-Language": language}).text
        assert asked in text and text.count(charged) == 2 and "regular price" not in text and "正价" not in text
