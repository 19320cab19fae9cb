"""Which products are said in place of one that is not there."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.flows.near import NEAR, searched, unknown_product

PRODUCTS = pl.DataFrame(
    {
        "sku": ["B-10", "A-1", "A-2", "C-7", "A-1"],
        "name": ["Pump B-10", "Espresso cup", None, "Espresso machine", "a later name"],
    }
)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("espresso", "did you mean A-1 (Espresso cup), C-7 (Espresso machine)?"),
        ("MACHINE espresso", "did you mean C-7 (Espresso machine)?"),
        ("b-1", "did you mean B-10 (Pump B-10)?"),
        ("A-3", "did you mean A-2, A-1?"),
        ("zzzzz", "valid: A-1, A-2, B-10, C-7"),
        ("", "valid: A-1, A-2, B-10, C-7"),
    ],
)
def test_words_of_a_name_come_before_what_looks_alike(asked: str, hint: str) -> None:
    error = unknown_product(PRODUCTS, asked, where="here")
    assert (error.kind, error.where, error.what, error.hint) == ("product", "here", f"unknown product {asked!r}", hint)


def test_without_names_skus_alone_are_compared() -> None:
    assert unknown_product(PRODUCTS.select("sku"), "espresso", otherwise="look elsewhere").hint == "look elsewhere"
    assert unknown_product(PRODUCTS.select("sku"), "B-1").hint == "did you mean B-10?"
    assert unknown_product(PRODUCTS.head(0), "x").hint == "there is none yet"


def test_few_are_said_of_many() -> None:
    many = pl.DataFrame({"sku": [f"S{number:05d}" for number in range(5_000)], "name": ["Espresso"] * 5_000})
    assert unknown_product(many, "espresso").hint.count("(Espresso)") == NEAR
    assert unknown_product(many, "zzzzz").hint.endswith("S00039, ...")


def test_each_word_is_a_part_of_one_of_the_columns() -> None:
    brands = PRODUCTS.with_columns(brand=pl.Series(["Acme", "Blau", "Acme", None, "Blau"]))
    assert brands.filter(*searched("acme pump", "sku", "name", "brand"))["sku"].to_list() == ["B-10"]
    assert brands.filter(*searched("acme pump")).is_empty()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("relógio", ["1", "2", "3"]),
        ("RELOGIO", ["1", "2", "3"]),
        ("relógios", ["1", "2"]),
        ("grosse", ["4"]),
        ("GRÖßE", ["4"]),
        ("groß 4", ["4"]),
        ("łódź", ["5"]),
        ("lodz", ["5"]),
        ("手表", ["6"]),
        ("acao acao", ["7"]),
        ("1 2", []),
        ("", [*"1234567"]),
    ],
)
def test_accents_and_capitals_part_no_word_from_another(asked: str, found: list[str]) -> None:
    names = ["Relogios Presentes", "RELÓGIOS", "relo\u0301gio", "Große Pfanne", "Łódź", "蓝色手表", "Ação"]
    table = pl.DataFrame({"sku": [*"1234567"], "name": names, "brand": [None, "B", None, "B", None, None, "B"]})
    assert table.filter(*searched(asked, "sku", "name", "brand"), True)["sku"].to_list() == found
