"""Which product is meant by its name: words of it, each whole."""

from __future__ import annotations

import pytest

from pricesmith.apps.cli.story import known
from pricesmith.apps.cli.story_text import because, effects
from pricesmith.apps.report.words import Words
from pricesmith.contracts.errors import UnknownChoice
from pricesmith.flows import batch
from pricesmith.preparation.prepared import Prepared

NAMES = {
    "B-10": "Pump",
    "P7": "Seal of B-20, large",
    "P8": "Seal (small)",
    "P9": "Kaffeemühle Größe 3",
    "Z1": "浓缩咖啡杯",
    "Q": "",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("story") / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    rows = "".join(f'{sku},"{name}",1\n' for sku, name in NAMES.items())
    (folder / "data" / "products.csv").write_text(f"sku,name,unit_cost\n{rows}", encoding="utf-8")
    sales = "".join(f"2026-01-{day:02d},P7,1,2.50\n" for day in range(1, 10))
    (folder / "data" / "sales.csv").write_text(f"date,sku,units,price\n{sales}", encoding="utf-8")
    return batch.load(folder).prepared


@pytest.mark.parametrize(
    ("asked", "sku"),
    [("B-10", "B-10"), ("pump", "B-10"), ("large b-20", "P7"), ("Seal (small)", "P8"), ("größe", "P9"), ("浓缩咖啡", "Z1"), ("Q", "Q")],
)
def test_a_product_is_found_by_its_sku_or_by_whole_words_of_its_name(prepared: Prepared, asked: str, sku: str) -> None:
    assert known(prepared, asked) == sku


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("B-1", "did you mean B-10 (Pump)?"),
        ("B-2", "did you mean P7 (Seal of B-20, large)?"),
        ("mühle", "did you mean P9 (Kaffeemühle Größe 3)?"),
        ("seal", "2 products have it in their name: P7 (Seal of B-20, large), P8 (Seal (small))"),
        ("p", "did you mean B-10 (Pump), P7 (Seal of B-20, large), P8 (Seal (small)), P9 (Kaffeemühle Größe 3)?"),
        (" ", "valid: B-10, P7, P8, P9, Q, Z1"),
    ],
)
def test_a_part_of_a_word_is_not_what_is_meant_but_is_said(prepared: Prepared, asked: str, hint: str) -> None:
    with pytest.raises(UnknownChoice) as refused:
        known(prepared, asked)
    assert refused.value.hint == hint


def test_a_related_product_that_loses_on_every_unit_gains_by_selling_fewer() -> None:
    related = [
        {"sku": "A", "name": None, "sold": -0.42, "loses": True},
        {"sku": "B", "name": "Pan", "sold": 0.3, "loses": True},
        {"sku": "C", "name": "Pot", "sold": -0.3, "loses": False},
    ]
    drivers = [{"name": "family", "effect": 1.0}]
    told = {
        "currency": "EUR",
        "profit_change": 1.0,
        "profit_change_lo": 0.5,
        "profit_change_hi": 2.0,
        "drivers": drivers,
        "related": related,
    }
    assert effects(told, Words("en"))[2:] == [
        "  A sells 0.42 fewer a day, and loses less: its price, less tax and fees, is below its cost.",
        "  Pan sells 0.30 more a day, and loses more: its price, less tax and fees, is below its cost.",
    ]
    assert effects(told, Words("zh"))[2] == "  A 每天少卖 0.42 件，亏损也随之减少：其价格扣除税费后低于成本。"


def test_a_price_that_a_limit_forces_names_the_limit() -> None:
    told = {"currency": "EUR", "reason": "floor", "outside": {"rule": "margin_floor", "limit": 479.0}}
    assert because(told, Words("en")) == "the present price lies below what the rules allow: margin floor, at least 479.00"
    assert because(told, Words("zh")) == "现价低于规则允许的范围：毛利下限要求不低于 479.00"
