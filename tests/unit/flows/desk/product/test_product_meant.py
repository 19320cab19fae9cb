"""Which product a text means."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.what_if.choices import _choices
from pricesmith.flows.desk.what_if.scenario._product import label_of, product_of

ITEMS = pl.DataFrame(
    {
        "item": [0, 1, 2, 3],
        "sku": ["A100", "A101", "B7", "B7"],
        "name": ["Soft drink 1 l", "Soft drink 2 l", "Milk", "Milk"],
        "brand": ["Pop", None, "Alm", "Alm"],
        "channel": ["web", "web", "web", "store"],
        "region": ["all"] * 4,
    }
)


@pytest.mark.parametrize(("text", "item"), [("A101", 1), ("soft drink 1 L", 0), ("B7 · store · all", 3)])
def test_a_product_is_meant_by_sku_name_or_key(text: str, item: int) -> None:
    assert product_of(ITEMS, text) == item


@pytest.mark.parametrize(
    ("text", "item"),
    [("A1 · Berlin", 0), ("A1 · web", 1), ("A1 · web · Berlin", 2), ("A1 · default · default", 3), ("A1 · default · Berlin", 0)],
)
def test_a_key_is_read_as_it_is_written_where_the_tables_name_no_channel_or_no_region(text: str, item: int) -> None:
    keys = [("default", "Berlin"), ("web", "default"), ("web", "Berlin"), ("default", "default")]
    rows = [{"item": k, "sku": "A1", "name": "Milk", "brand": "", "channel": one, "region": two} for k, (one, two) in enumerate(keys)]
    assert product_of(pl.DataFrame(rows), text) == item
    assert product_of(pl.DataFrame(rows), label_of(rows[item])) == item, "what is offered is read"
    assert label_of(rows[item]) == text.replace("default · Berlin", "Berlin")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("soft", "A100 · web · all (Soft drink 1 l, Pop), A101 · web · all (Soft drink 2 l)"),
        ("A109", "A1"),
        ("zzz", "near it: –"),
        ("milk", "B7 · web · all (Milk, Alm); B7 · store · all (Milk, Alm)"),
    ],
)
def test_a_text_that_means_none_or_several_names_what_is_near(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as found:
        product_of(ITEMS, text)
    assert hint in str(found.value.hint)


def test_products_of_one_name_are_offered_with_their_brand() -> None:
    facts = {"category": [""] * 4, "current_price": [100, 200, 300, 300], "revenue": [9.0, 8.0, 7.0, 6.0]}
    table = ITEMS.with_columns(*(pl.Series(name, values) for name, values in facts.items()))
    assert [one.name for one in _choices(table).products] == ["Soft drink 1 l", "Soft drink 2 l", "Milk · Alm", "Milk · Alm"]
