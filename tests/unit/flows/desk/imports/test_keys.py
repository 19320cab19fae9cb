"""Which column of a file is the product key: codes before barcodes before what may be a name, and keys of tables that are there first."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricesmith.flows.desk.guide.start import begin
from pricesmith.flows.desk.imports import headers
from pricesmith.flows.desk.imports.agreement import Agreement, agreement
from pricesmith.flows.desk.imports.keys import codes
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office

NAMED = ["1111009477", "PL MINI TWIST PRETZELS", "PRIVATE LABEL", "BAG SNACKS", "PRETZELS", "15 OZ", "0.87"]


def test_a_name_is_not_the_key_where_there_is_a_barcode() -> None:
    names = ["UPC", "Item", "Vendor", "Dept", "Sub", "Size", "Unit Cost"]
    found = headers.guess("products", names, [NAMED])
    assert found == {"sku": "UPC", "name": "Item", "brand": "Vendor", "category": "Dept", "unit_cost": "Unit Cost"}


@pytest.mark.parametrize("header", ["UPC", "EAN", "EAN-13", "GTIN", "Barcode", "UPC Code", "PLU", "Código de barras", "Strichcode", "条码"])
@pytest.mark.parametrize("other", ["Item", "Artikel", "Produto", "Product", "Description", "商品"])
def test_keys_by_their_headers(header: str, other: str) -> None:
    found = headers.guess("products", [other, header], [["Pretzel sticks", "1111009497"]])
    assert (found["sku"], found["name"]) == (header, other)


@pytest.mark.parametrize(
    ("names", "row", "sku", "name"),
    [
        (["Article Number", "EAN", "Description"], ["7", "400", "Pan"], "Article Number", "Description"),
        (["Artikel", "EAN", "Bezeichnung"], ["A-100", "4006381333931", "Pan"], "Artikel", "Bezeichnung"),
        (["Artikel", "EAN", "Bezeichnung"], ["Pan", "4006381333931", "Pan, large"], "EAN", "Bezeichnung"),
        (["Item", "Price"], ["Pan", "1"], "Item", ""),
        (["Product", "Price"], ["Pan", "1"], "Product", ""),
        (["SKU", "Title", "Description"], ["A1", "Pan", "Good"], "SKU", "Title"),
        (["UPC", "Description"], ["400", "A pan that " + "never " * 20 + "burns"], "UPC", ""),
    ],
)
def test_own_codes_come_first_and_cells_tell_codes_from_names(names: list[str], row: list[str], sku: str, name: str) -> None:
    found = headers.guess("products", names, [row])
    assert (found["sku"], found.get("name", "")) == (sku, name)


def test_codes_are_words_with_digits() -> None:
    assert codes(["A1", "", "400-2"]) and not codes(["Pan"]) and not codes(["Pan 24"]) and not codes(["", ""]) and not codes([])


def place(folder: Path, **tables: list[str]) -> Reading:
    begin(folder)
    for name, skus in tables.items():
        lines = ["date,sku,units,price", *(f"2026-01-05,{sku},1,2" for sku in skus), ""]
        (folder / "data" / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    return Reading(office(folder))


CELLS = {"Item": ["Pan", "Pot", "Lid", "Pan"], "UPC": ["10", "11", "12", "10"], "Store": ["10", "10", "10", "10"]}


def test_keys_that_are_there_tell_more_than_headers(tmp_path: Path) -> None:
    reading = place(tmp_path, sales=["10", "11", "12", "13"])
    assert agreement(reading, "products", CELLS, "Item", ["UPC", "Store"]) == Agreement("UPC", 3, 3, "Item")
    assert agreement(reading, "products", CELLS, "", ["Store", "UPC"]) == Agreement("UPC", 3, 3, "")
    assert agreement(reading, "products", CELLS, "UPC", ["Item", "Store"]) == Agreement("UPC", 3, 3), "the header is right"
    assert agreement(reading, "products", CELLS, "Item", []) == Agreement("Item", 3, 0), "somebody chose it"
    assert agreement(reading, "products", CELLS, "Item", ["Store"]) == Agreement("Item", 3, 0), "one value is no key"
    assert agreement(reading, "calendar", CELLS, "Item", ["UPC"]) is None


def test_a_table_is_held_against_others_and_against_itself_where_there_are_none(tmp_path: Path) -> None:
    assert agreement(place(tmp_path / "none"), "products", CELLS, "Item", ["UPC"]) is None
    own = place(tmp_path / "own", products=["Pan", "Pot", "Lid"])
    assert agreement(own, "products", CELLS, "UPC", ["Item"]) == Agreement("Item", 3, 3, "UPC")
    both = place(tmp_path / "both", products=["Pan", "Pot", "Lid"], sales=["10", "11", "12"])
    assert agreement(both, "products", CELLS, "Item", ["UPC"]) == Agreement("UPC", 3, 3, "Item"), "what was taken wrongly is no witness"
    assert agreement(both, "sales", CELLS, "Item", ["UPC"]) == Agreement("Item", 3, 3)


def test_tables_that_came_since_are_read(tmp_path: Path) -> None:
    reading = place(tmp_path, sales=["10", "11", "12"])
    assert agreement(reading, "products", CELLS, "UPC", []) == Agreement("UPC", 3, 3)
    (tmp_path / "data" / "sales.csv").write_text("date,sku,units,price\n2026-01-05,Pan,1,2\n", encoding="utf-8")
    assert agreement(reading, "products", CELLS, "UPC", []) == Agreement("UPC", 3, 0)
