"""Exports of shop programs are taken as they come: their columns known, rows that continue the one above made whole or left out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.web.words import Words
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy
from pricesmith.flows.desk.guide.start import begin
from pricesmith.flows.desk.imports import foreign, headers, pairings, uploads
from pricesmith.flows.desk.imports.continued import Joins, counted, joined, joins_of
from pricesmith.flows.desk.imports.matched import Match, Wanted, matched
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
POLICY = Policy(currency="EUR")
ORDERS = """Name,Email,Paid,Currency,Cancelled at,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem discount
#1001,a@example.com,paid,EUR,,2026-01-05 10:14:00 +0100,2,Print,16.00,FERN-1,0.00
#1001,a@example.com,,,,2026-01-05 10:14:00 +0100,3,Bag,10.00,TOTE-1,6.00
,,,,,,1,Gift wrap,2.00,,0.00
#1002,b@example.com,paid,EUR,,2026-01-06 09:00:00 +0100,1,Mug,25.00,MUG-1,
"""
PRODUCTS = """Handle,Title,Body (HTML),Vendor,Product Category,Type,Option1 Value,Variant SKU,Variant Price,Image Src,Cost per item,Status
shirt,Shirt,"<p>Soft,
and red.</p>",Mill,,Shirts,S,SHIRT-S,20.00,a.jpg,8.00,active
shirt,,,,,,M,SHIRT-M,20.00,,8.20,
shirt,,,,,,,,,b.jpg,,
mug,Mug,,Kiln,,,Default Title,MUG-1,25.00,c.jpg,,active
mug,,,,,,,,,d.jpg,,
"""
NEWER = "Title,URL handle,Vendor,Product category,Type,SKU,Price,Cost per item\nShirt,shirt,Mill,Clothes,,SHIRT-S,20.00,8.00\n"
WOO = 'ID,Type,SKU,Name,"Visibility in catalog",Stock,Regular price,Categories,Parent\n7,simple,A1,Mug,visible,4,9.9,Kitchen > Mugs,\n'


def sent(folder: Path, table: str, text: str) -> tuple[str, Match]:
    begin(folder)
    upload = uploads.keep(folder, table, "export.csv", io.BytesIO(text.encode()), "ana", AT).upload
    return upload, matched(Reading(office(folder)), Wanted(upload=upload))


def taken(folder: Path, table: str, text: str, **how: object) -> tuple[uploads.Taken, list[dict[str, str]]]:
    """The table as it is written where everything is taken as the guide offers it."""
    upload, match = sent(folder, table, text)
    columns = {one.column: one.guess for one in match.columns if one.guess}
    offered = {"joins": match.joins, "cancelled": match.cancelled, "discount": match.discount, "alone": bool(match.program)} | how
    reading = foreign.Reading(match.encoding, match.delimiter, "point", "ymd-", columns, **offered)  # type: ignore[arg-type]
    done = uploads.take_over(folder, upload, reading, AT, POLICY, "")
    return done, list(csv.DictReader((folder / "data" / f"{table}.csv").open(encoding="utf-8", newline="")))


def test_orders_of_shopify_are_order_lines(tmp_path: Path) -> None:
    done, rows = taken(tmp_path, "orders", ORDERS)
    assert (done.rows, done.left_out, done.cancelled) == (4, 0, 0)
    assert [(row["order_id"], row["at"], row["sku"], row["units"], row["price"]) for row in rows] == [
        ("#1001", "2026-01-05T10:14:00 +0100", "FERN-1", "2", "16.00"),
        ("#1001", "2026-01-05T10:14:00 +0100", "TOTE-1", "3", "8"),
        ("#1001", "2026-01-05T10:14:00 +0100", "", "1", "2.00"),
        ("#1002", "2026-01-06T09:00:00 +0100", "MUG-1", "1", "25.00"),
    ]
    assert {"line": 4, "column": "sku"}.items() <= done.aside[0].items(), "a line without SKU is told"


def test_orders_that_were_cancelled_are_left_out_and_counted(tmp_path: Path) -> None:
    gone = ORDERS.replace("#1001,a@example.com,paid,EUR,,", "#1001,a@example.com,voided,EUR,2026-01-05 12:00:00 +0100,")
    assert sent(tmp_path / "one", "orders", gone)[1].joined == [4, 0, 0, 3]
    done, rows = taken(tmp_path / "two", "orders", gone)
    assert (done.rows, done.left_out, done.cancelled) == (1, 0, 3)
    assert [row["order_id"] for row in rows] == ["#1002"]
    assert taken(tmp_path / "three", "orders", gone, cancelled="")[0].rows == 4


def test_what_was_cancelled_is_not_known_of_rows_that_stand_alone(tmp_path: Path) -> None:
    """A silent import of cancelled orders, with the box ticked, would be worse than a question."""
    with pytest.raises(DataError, match="told by the first row"):
        taken(tmp_path, "orders", ORDERS, joins="")
    nameless = ORDERS.replace("Name,Email", "Ref,Email")
    _, match = sent(tmp_path / "nameless", "orders", nameless)
    assert (match.program, match.joins, match.cancelled, match.joined) == ("Shopify", "", "", [])


def test_sales_that_are_orders_of_shopify_are_offered_as_such(tmp_path: Path) -> None:
    _, match = sent(tmp_path, "sales", ORDERS)
    assert match.better == "orders"


def test_products_of_shopify_lose_their_pictures_alone(tmp_path: Path) -> None:
    done, rows = taken(tmp_path, "products", PRODUCTS)
    assert done == uploads.Taken(3, 2)
    known = [(row["sku"], row["name"], row["brand"], row["category"], row["family"], row["unit_cost"], row["price"]) for row in rows]
    assert known == [
        ("SHIRT-S", "Shirt", "Mill", "Shirts", "shirt", "8.00", "20.00"),
        ("SHIRT-M", "Shirt", "Mill", "Shirts", "shirt", "8.20", "20.00"),
        ("MUG-1", "Mug", "Kiln", "", "mug", "", "25.00"),
    ]
    assert done.aside == []


def test_what_is_joined_is_said_before(tmp_path: Path) -> None:
    _, match = sent(tmp_path, "products", PRODUCTS)
    assert (match.program, match.joins, match.joined) == ("Shopify", "Handle", [5, 2, 1, 0])
    assert sent(tmp_path, "orders", ORDERS)[1].joined == [4, 0, 1, 0]


@pytest.mark.parametrize(
    ("text", "program", "found"),
    [
        (NEWER, "Shopify", {"sku": "SKU", "name": "Title", "brand": "Vendor", "category": "Product category", "family": "URL handle",
                            "unit_cost": "Cost per item", "price": "Price"}),
        (WOO, "WooCommerce", {"sku": "SKU", "name": "Name", "category": "Categories", "family": "Parent", "price": "Regular price"}),
        ("SKU;Name\nA;Mug\n", "", {"sku": "SKU", "name": "Name"}),
    ],
)  # fmt: skip
def test_programs_are_known_by_their_headers(tmp_path: Path, text: str, program: str, found: dict[str, str]) -> None:
    _, match = sent(tmp_path, "products", text)
    assert match.program == program
    assert {one.column: one.guess for one in match.columns if one.guess} == found


def test_an_order_number_is_no_name_elsewhere() -> None:
    assert "order_id" not in headers.guess("orders", ["Name", "SKU", "Quantity", "Price", "Date"], [])


@pytest.mark.parametrize(
    ("price", "units", "off", "amounts", "paid"),
    [
        ("10.00", "4", "2.00", False, "9.5"),
        ("40.00", "4", "2.00", True, "9.5"),
        ("10.00", "4", "", False, "10.00"),
        ("10.00", "4", "0.00", False, "10.00"),
        ("10.00", "4", "-2.00", False, "9.5"),
        ("10.00", "4", "two", False, "?10.00"),
        ("10.00", "0", "2.00", False, "?-2.00"),
        ("", "4", "2.00", False, ""),
    ],
)
def test_a_discount_is_taken_off_or_the_price_is_not_read(
    tmp_path: Path, price: str, units: str, off: str, amounts: bool, paid: str
) -> None:
    text = f"order,date,sku,quantity,price,line discount\n1,2026-01-05,A,{units},{price},{off}\n2,2026-01-05,A,1,9,\n"
    _, rows = taken(tmp_path, "orders", text, amounts=amounts)
    assert rows[0]["price"] == paid


def test_a_discount_needs_units(tmp_path: Path) -> None:
    upload, _ = sent(tmp_path, "products", PRODUCTS)
    how = foreign.Reading("utf-8", "comma", "point", "ymd-", {"sku": "Variant SKU"}, discount="Variant Price")
    with pytest.raises(DataError, match="a discount needs columns"):
        uploads.take_over(tmp_path, upload, how, AT, POLICY, "")


def test_a_column_that_is_not_there_joins_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column Handles"):
        taken(tmp_path, "products", PRODUCTS, joins="Handles")
    assert not (tmp_path / "data" / "products.csv").exists()


CELLS = st.sampled_from(["", "a", "b"])


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=12))
def test_joining_adds_words_and_drops_only_what_names_nothing(rows: list[list[str]]) -> None:
    """Header, own, shared and a column that is none of ours: what a row has of its own is never touched."""
    joins = Joins(0, (1,), (2,))
    found = [row for row, _ in joined(rows, joins)]
    assert len(found) == len(rows)
    for before, after in zip(rows, found, strict=True):
        if after == "nothing":
            assert not before[1]
        else:
            assert (after[0], after[1], after[3]) == (before[0], before[1], before[3])
            assert before[2] in ("", after[2])
    filled = sum(a != b for a, b in zip(rows, found, strict=True) if b != "nothing")
    assert counted(rows, joins) == (found.count("nothing"), filled, 0)


def test_numbers_are_never_shared() -> None:
    joins = joins_of(
        "orders", "Name", {"order_id": "Name", "sku": "S", "units": "U", "price": "P", "at": "D"}, ["Name", "S", "U", "P", "D"]
    )
    assert joins == Joins(0, (1, 2, 3), (0, 4))


def test_who_bought_is_not_kept(tmp_path: Path) -> None:
    _, rows = taken(tmp_path, "orders", ORDERS)
    assert set(rows[0]) == {"order_id", "at", "sku", "units", "price"}
    assert "example.com" not in (tmp_path / "data" / "orders.csv").read_text(encoding="utf-8")


def test_a_row_with_too_many_cells_stays_one(tmp_path: Path) -> None:
    _, _ = taken(tmp_path, "products", "SKU,Name,Note\nA,Mug,x\nB,Cup,y,z\n", alone=True)
    assert (tmp_path / "data" / "products.csv").read_text(encoding="utf-8") == "sku,name\nA,Mug\nB,Cup,z\n"


def test_products_that_share_a_handle_are_no_repeats(tmp_path: Path) -> None:
    pictures = "".join(f"mug,,,,,,,,,p{n}.jpg,,\n" for n in range(9))
    _, match = sent(tmp_path, "products", PRODUCTS + pictures)
    assert match.repeats == []
    assert match.joined == [14, 11, 1, 0]


WIDE = (
    "product_id,product_category_name,month_year,qty,total_price,unit_price,customers,comp_1,ps1,comp_2,ps2\n"
    "bed1,bed_bath,01-05-2017,5,229.75,45.95,57,89.9,3.9,215.0,4.4\n"
)


def test_one_file_for_two_tables_is_no_mistake(tmp_path: Path) -> None:
    """What was taken over as sales holds competitors' prices too; whoever sends it as stock, of which it tells nothing, is told."""
    said = {table: sent(tmp_path, table, WIDE)[1].better for table in ("competitor_prices", "stock")}
    assert said == {"competitor_prices": "sales", "stock": "sales"}
    _, match = sent(tmp_path, "sales", WIDE)
    columns = {"sku": "product_id", "date": "month_year", "units": "qty", "price": "unit_price"}
    how = foreign.Reading("utf-8", "comma", "point", "dmy-", columns)
    pairings.remember(tmp_path, "sales", match.headers, how)
    said = {table: sent(tmp_path, table, WIDE)[1].better for table in ("competitor_prices", "stock")}
    assert said == {"competitor_prices": "", "stock": "sales"}


@pytest.mark.parametrize(
    ("table", "text", "meant", "program"),
    [
        ("products", ORDERS, "orders", "Shopify"),
        ("sales", PRODUCTS, "products", "Shopify"),
        ("costs", NEWER, "products", "Shopify"),
        ("orders", WOO, "products", "WooCommerce"),
        ("orders", ORDERS, "", ""),
        ("sales", "date,sku,units,price\n2026-01-05,A,1,2\n", "", ""),
    ],
)
def test_an_export_that_was_sent_for_another_table_is_named(table: str, text: str, meant: str, program: str, tmp_path: Path) -> None:
    upload, match = sent(tmp_path, table, text)
    assert (match.better, match.meant) == (meant, program)
    if not meant:
        return
    with pytest.raises(DataError, match="no column of the file was chosen for") as refused:
        uploads.take_over(tmp_path, upload, foreign.Reading("utf-8", match.delimiter, "point", "ymd-", {}), AT, POLICY, "")
    assert refused.value.hint == f"it looks like the export of {meant} of {program}: import it as the table {meant}"
    assert Words("zh").error(refused.value.hint) == f"此文件看起来是 {program} 的 {meant} 导出文件：请按 {meant} 表导入"
