"""Feeds in files: one price changes, every other byte stays; what cannot be read is said, and nothing is half written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pricesmith.adapters.shops import SHOPS
from pricesmith.contracts.errors import ShopError
from pricesmith.contracts.shop import Key, Surroundings, Writing
from pricesmith.testing.fake_shop import VirtualClock
from tests.shops.benches import policy_of

KEY = Key("a1", "web", "DE")
GERMAN = {"sku": "Artikel", "price": "Preis", "currency": "Währung", "delimiter": ";"}
XML = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop 10.00 EUR</title>
<item><g:id><![CDATA[a1]]></g:id><title>Lamp &amp; more</title><g:price> 10.00 EUR </g:price><g:sale_price>9.00 EUR</g:sale_price></item>
<item><g:id>b&amp;2</g:id><g:price>20.00 EUR</g:price></item>
</channel></rss>
"""


def feed(platform: str, file: Path | str, **more: Any) -> Any:
    clock = VirtualClock()
    around = Surroundings(clock, clock.sleep, np.random.default_rng(0))
    return SHOPS[platform].open(policy_of(platform, "EUR", url=str(file), **more), "", around)


def put(shop: Any, price: int, key: Key = KEY) -> str:
    (answer,) = shop.write([Writing(key, price, "EUR", key.sku)])
    return str(answer.fate)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ('sku,name,price\na1,"x, ""y""\nz",10.00\nb2,,7.5\n', {}),
        ("\ufeffArtikel;Preis;Währung\r\na1;10.00;EUR\r\nb2;7.00;USD\r\n", GERMAN),
    ],
)
def test_csv_changes_one_price_only(text: str, options: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(text.encode())
    file.chmod(0o640)
    shop = feed("csv_feed", file, options=options)
    assert put(shop, 1234) == "applied"
    assert file.read_bytes() == text.replace("10.00", "12.34").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["prices.csv"]
    assert ("b2" in {key.sku for key in shop.prices()}) == ("USD" not in text)


def test_the_export_of_a_shop_program_keeps_all_that_its_import_needs(tmp_path: Path) -> None:
    """Handles, options, texts over several lines, and rows that only hold a picture."""
    text = (
        "Handle,Title,Body (HTML),Option1 Value,Variant SKU,Variant Price,Image Src\r\n"
        'lamp,Lamp,"<p>A ""lamp"",\r\nwith a shade</p>",Red,a1,10.00,https://x.example/1.jpg\r\n'
        "lamp,,,Blue,a2,11.00,\r\nlamp,,,,,,https://x.example/2.jpg\r\nlamp,,,,,,https://x.example/3.jpg\r\n"
    )
    (tmp_path / "products_export.csv").write_bytes(text.encode())
    shop = feed("csv_feed", tmp_path / "products_export.csv", options={"sku": "Variant SKU", "price": "Variant Price"})
    assert {key.sku: reading.price for key, reading in shop.prices().items()} == {"a1": 1000, "a2": 1100}
    assert put(shop, 1234) == "applied"
    assert (tmp_path / "products_export.csv").read_bytes() == text.replace("10.00", "12.34").encode()


SHOPIFY = "Handle,Title,Body (HTML),Vendor,Option1 Value,Variant SKU,Variant Grams,Variant Price,Image Src\nlamp,Lamp,,,Red,a1,0,10.00,\n"
NEWER = "Title,URL handle,Vendor,SKU,Price,Cost per item\nLamp,lamp,Mill,a1,10.00,8.00\n"
WOO = "ID;Type;SKU;Name;Visibility in catalog;Sale price;Regular price\n7;simple;a1;Lamp;visible;9.00;10.00\n"


@pytest.mark.parametrize("text", [SHOPIFY, NEWER, WOO, "\ufeff" + SHOPIFY])
def test_the_columns_of_an_export_need_not_be_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "products_export.csv"
    file.write_bytes(text.encode())
    shop = feed("csv_feed", file)
    assert {key.sku: reading.price for key, reading in shop.prices().items()} == {"a1": 1000}
    assert put(shop, 1234) == "applied"
    assert file.read_bytes() == text.replace("10.00", "12.34").encode()


def test_what_is_named_comes_before_what_an_export_has(tmp_path: Path) -> None:
    file = tmp_path / "products_export.csv"
    file.write_text(SHOPIFY.replace("Image Src", "price").replace("10.00,", "10.00,11.00"))
    assert [one.price for one in feed("csv_feed", file).prices().values()] == [1100], "a column of our name is ours"
    assert [one.price for one in feed("csv_feed", file, options={"price": "Variant Price"}).prices().values()] == [1000]
    with pytest.raises(ShopError, match=r"no column 'Cost'; found: Handle, .*, Variant SKU, .*; needed: 'Variant SKU' .* and 'Cost'"):
        feed("csv_feed", file, options={"price": "Cost"}).prices()


def test_an_error_names_every_header(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(",".join([f"Option{number}" for number in range(40)] + ["My SKU", "My price"]) + "\n")
    with pytest.raises(ShopError, match="Option39, My SKU, My price; needed: 'sku'"):
        feed("csv_feed", file).prices()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("sku,cost\na1,1\n", "no column 'price'; found: sku, cost; needed: 'sku' .the product key. and 'price'"),
        ("Código;Preço\n1;1,00\n", "no column 'sku'; found: Código, Preço;"),
        ("sku,price,price\na1,1,1\n", "column 'price' more than once"),
        ("sku,price\na1\n", "row 2"),
        ('sku,price\na1,"1\n', "unexpected end"),
        (b"sku,price\na1,\xff\n", "line 2 is not written in utf-8.*encoding = .cp1252"),
        ('sku,price\na1,"86,00"\nb2,100\n', "decimal comma, such as 86,00.*decimal = .comma"),
    ],
)
def test_csv_that_cannot_be_read(text: str | bytes, words: str, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ShopError, match=words):
        feed("csv_feed", file).prices()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_csv_as_programs_elsewhere_write_it(encoding: str, delimiter: str, tmp_path: Path) -> None:
    file, mark = tmp_path / "precos.csv", "\ufeff" if encoding == "utf-16-be" else ""
    text = mark + "Código;Descrição;Preço\r\na1;Relógio;1.299,90\r\nb2;Mesa;86\r\nc3;Banho;12.50\r\n".replace(";", delimiter)
    file.write_bytes(text.encode(encoding))
    told = {"encoding": encoding} if encoding == "cp1252" else {}
    shop = feed("csv_feed", file, options={"sku": "Código", "price": "Preço", "decimal": "comma", **told})
    assert {key.sku: reading.price for key, reading in shop.prices().items()} == {"a1": 129990, "b2": 8600}, "12.50 is no decimal comma"
    assert [tuple(one) for one in shop.unread()] == [("c3", "no_amount", "12.50")]
    assert put(shop, 123400) == "applied"
    assert file.read_bytes() == text.replace("1.299,90", "1234,00").encode(encoding)


def test_csv_says_why_a_price_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("sku,price,code\na,1.00,EUR\nb,,EUR\nc,2.00,USD\nd,3.00,EUR\nd,4.00,EUR\n")
    shop = feed("csv_feed", file, options={"currency": "code"})
    told = [("b", "no_amount", ""), ("c", "currency", "2.00"), ("d", "twice", "3.00"), ("d", "twice", "4.00")]
    assert [tuple(one) for one in shop.unread()] == told


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1250", "Żółta łódź"),
        ("cp1251", "Жёлтая лодка"),
        ("cp932", "黄色いボート能表"),
        ("cp950", "黃色的船許功蓋"),
        ("gb18030", "黄色的船"),
    ],
)
def test_csv_in_each_encoding_is_written_back_as_it_was(encoding: str, name: str, tmp_path: Path) -> None:
    """Second bytes of Shift_JIS and Big5 may be a backslash or a bar: cells are told apart in the text, not in its bytes."""
    file, text = tmp_path / "prices.csv", f"sku|{name}|price\na1|{name}|12.50\nb2|{name}|86.00\n"
    file.write_bytes(text.encode(encoding))
    shop = feed("csv_feed", file, options={"encoding": encoding})
    assert {key.sku: reading.price for key, reading in shop.prices().items()} == {"a1": 1250, "b2": 8600}
    assert put(shop, 123400) == "applied"
    assert file.read_bytes() == text.replace("12.50", "1234.00").encode(encoding)


@pytest.mark.parametrize(("name", "value"), [("decimal", "dot"), ("encoding", "latin-9")])
def test_csv_written_in_a_way_that_there_is_not(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(ShopError, match=value):
        feed("csv_feed", tmp_path / "prices.csv", options={name: value})


def test_csv_price_that_is_none_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text('sku,price\na1,"1,99"\nb,NaN\nc,-1\nd,\ne,1e3\nf,2.00\nf,3.00\ng,4.00\n')
    assert {key.sku: reading.price for key, reading in feed("csv_feed", file).prices().items()} == {"g": 400}
    assert put(feed("csv_feed", file), 100, Key("f", "web", "DE")) == "rejected", "two rows with one key"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ShopError, match="cannot be read"):
        feed("csv_feed", tmp_path / "none.csv").prices()
    with pytest.raises(ShopError, match="missing"):
        feed("csv_feed", "")


def test_merchant_xml_changes_one_price_only(tmp_path: Path) -> None:
    file = tmp_path / "google.xml"
    file.write_text(XML, encoding="utf-8")
    shop = feed("merchant_feed", file)
    assert {key.sku: reading.price for key, reading in shop.prices().items()} == {"a1": 1000, "b&2": 2000}
    assert put(shop, 1234) == "applied"
    assert put(shop, 4321, Key("b&2", "web", "DE")) == "applied"
    expected = XML.replace("<g:price> 10.00 EUR", "<g:price> 12.34 EUR").replace("<g:price>20.00 EUR", "<g:price>43.21 EUR")
    assert file.read_text(encoding="utf-8") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "b">]>' + XML, "document type"),
        (XML.replace("<g:price>20.00 EUR</g:price>", ""), "one g:id and one g:price"),
    ],
)
def test_merchant_xml_that_cannot_be_read(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "google.xml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ShopError, match=words):
        feed("merchant_feed", file).prices()


def test_merchant_text_changes_one_price_only(tmp_path: Path) -> None:
    text = "id\ttitle\tprice\tsale_price\r\na1\t10.00 EUR lamp\t10.00 EUR\t9.00 EUR\r\nb2\tx\t7.00 USD\t\r\n"
    file = tmp_path / "google.txt"
    file.write_bytes(text.encode())
    shop = feed("merchant_feed", file)
    assert set(shop.prices()) == {KEY}, "a price in another currency is not read"
    assert put(shop, 700, Key("b2", "web", "DE")) == "rejected", "its price is in another currency"
    assert put(shop, 1234) == "applied"
    assert file.read_bytes() == text.replace("\t10.00 EUR\t", "\t12.34 EUR\t").encode()
