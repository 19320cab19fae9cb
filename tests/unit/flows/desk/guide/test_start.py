"""The guide's work: headers are guessed, decimals and days are not, nothing is lost, and an empty folder becomes a shop."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.apps.cli import main
from pricesmith.apps.remedies import remedy
from pricesmith.contracts.errors import DataError, PricesmithError
from pricesmith.contracts.policy import Policy, parse_policy
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import batch, example
from pricesmith.flows.desk.guide.settings import Settings, settle
from pricesmith.flows.desk.guide.start import begin, start, starter
from pricesmith.flows.desk.imports import days, foreign, headers, numerals, suspects, uploads
from pricesmith.flows.desk.imports.last_days import Ends
from pricesmith.flows.desk.imports.matched import Wanted
from pricesmith.flows.desk.imports.trial import UnfitError
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.office import office
from pricesmith.flows.shop_toml import answered
from pricesmith.rules import RULES

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
POLICY = Policy(currency="EUR")
CHINESE = "日期,商品编号,销量,价格\n2026/1/5,甲1,3,29.90\n2026/1/6,甲1,x,29.90\n"
GERMAN = "Datum;Artikelnummer;Menge;Preis;Filiale\n05.01.2026;A1;3;1.029,90 €;Süd\n06.01.2026;A1;2;12.50;Süd\n31.02.2026;A1;2;9,50\n"


def table(path: Path) -> list[list[str]]:
    return list(csv.reader(path.open(encoding="utf-8", newline="")))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["日期", "商品编号", "销量", "价格"], {"date": "日期", "sku": "商品编号", "units": "销量", "price": "价格"}),
        (
            ["Datum", "Artikel-Nr.", "Menge", "Preis (EUR)"],
            {"date": "Datum", "sku": "Artikel-Nr.", "units": "Menge", "price": "Preis (EUR)"},
        ),
        (["Order Date", "SKU", "Qty", "Unit Price"], {"date": "Order Date", "sku": "SKU", "units": "Qty", "price": "Unit Price"}),
        (["when", "thing"], {"date": "when"}),
        (["price", "Preis"], {"price": "price"}),
    ],
)
def test_usual_headers_are_known(names: list[str], found: dict[str, str]) -> None:
    assert headers.guess("sales", names, [["2026-01-05", *["x"] * (len(names) - 1)]]) == found


@pytest.mark.parametrize(
    "header", ["Retail", "Retail Price", "Shelf Price", "Unit Retail", "Avg. Retail", "Price paid", "零售价", "Ladenpreis"]
)
def test_what_a_shelf_says_is_the_price(header: str) -> None:
    names = ["Store", "Item", "Week Ending", "Movement", header]
    found = headers.guess("sales", names, [["2", "Juice", "06/20/1990", "129", "3.87"]])
    assert found == {"region": "Store", "sku": "Item", "date": "Week Ending", "units": "Movement", "price": header}


@pytest.mark.parametrize("header", ["Suggested Retail", "Retailer", "Regular Retail", "Retail Sales"])
def test_other_retail_is_no_price(header: str) -> None:
    assert "price" not in headers.guess("sales", ["Store", "Item", "Week Ending", "Movement", header], [])


def test_a_price_that_says_so_goes_before_the_shelf() -> None:
    assert headers.guess("sales", ["Retail", "Sale Price"], [])["price"] == "Sale Price"


def test_rows_with_the_number_of_an_order_are_order_lines() -> None:
    names = ["Pedido", "Data", "Código", "Qtde", "Preço"]
    assert headers.better("sales", names, [["7", "05.01.2026", "A", "1", "2"]]) == "orders"
    assert headers.better("sales", names[1:], [["05.01.2026", "A", "1", "2"]]) == ""
    assert headers.better("orders", names, [["7", "05.01.2026", "A", "1", "2"]]) == ""


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("costs", {"sku": "Art.-Nr.", "valid_from": "gültig ab", "unit_cost": "EK netto"}),
        ("costs", {"sku": "Artikelnummer", "valid_from": "Gültig von", "unit_cost": "Einkaufspreis (EUR)", "shipping": "Versandkosten"}),
        ("costs", {"sku": "Référence", "valid_from": "Valable à partir du", "unit_cost": "Prix d'achat HT"}),
        ("costs", {"sku": "Código artículo", "valid_from": "Válido desde", "unit_cost": "Precio de compra"}),
        ("sales", {"date": "Verkaufsdatum", "sku": "Artikel-Nr", "units": "Menge", "price": "VK brutto"}),
        ("sales", {"date": "Tag", "sku": "ARTIKELNUMMER", "units": "Stückzahl", "price": "Preis brutto"}),
        ("sales", {"date": "Woche", "sku": "Art.Nr.", "units": "Verkaufte Menge", "price": "Preis inkl. MwSt. in EUR"}),
        ("sales", {"date": "Date de vente", "sku": "Réf. produit", "units": "Quantité", "price": "Prix unitaire TTC"}),
        ("sales", {"date": "Fecha", "sku": "Referencia", "units": "Unidades", "price": "Precio con IVA"}),
        ("products", {"sku": "Artikelnr.", "name": "Bezeichnung", "category": "Warengruppe", "unit_cost": "EK", "tax_rate": "MwSt-Satz"}),
        ("products", {"sku": "Artikel-Nr.", "tax_rate": "MwSt. in %", "rrp": "UVP brutto", "min_price": "Mindestpreis", "brand": "Marke"}),
        ("products", {"sku": "Código", "name": "Descrição", "category": "Categoria", "unit_cost": "Custo"}),
        ("sales", {"date": "Data vendita", "sku": "Codice articolo", "units": "Quantità", "price": "Prezzo unitario (EUR)"}),
        ("products", {"sku": "商品條碼", "name": "商品名稱", "category": "小類", "unit_cost": "進貨價", "tax_rate": "稅率"}),
        ("orders", {"order_id": "Pedido", "at": "Data do pedido", "sku": "Código", "units": "Qtde", "price": "Valor total"}),
        ("orders", {"order_id": "Receipt no.", "at": "Time", "sku": "Item code", "units": "Qty", "price": "Amount (USD)"}),
        ("sales", {"date": "Datum", "sku": "Artikelnummer", "units": "Aantal", "price": "Verkoopprijs incl. btw", "promo": "Actie"}),
        (
            "products",
            {
                "sku": "artikelnummer",
                "name": "omschrijving",
                "brand": "merk",
                "category": "groep",
                "unit_cost": "inkoopprijs",
                "tax_rate": "btw",
            },
        ),
        ("competitor_prices", {"observed_at": "gezien op", "sku": "artikelnummer", "competitor": "concurrent", "price": "prijs"}),
        ("sales", {"date": "Data sprzedaży", "sku": "Kod produktu", "units": "Ilość", "price": "Cena brutto", "promo": "Promocja"}),
        (
            "products",
            {"sku": "Symbol", "name": "Nazwa towaru", "category": "Grupa", "unit_cost": "Cena zakupu netto", "tax_rate": "Stawka VAT"},
        ),
        ("products", {"sku": "Code produit", "name": "Désignation", "category": "Catégorie", "tax_rate": "Taux de TVA"}),
    ],
)
def test_usual_headers_of_neighbours_are_known_and_no_other_table_is_offered(table: str, names: dict[str, str]) -> None:
    found = list(names.values())
    assert headers.guess(table, found, []) == names
    assert headers.better(table, found, [["05.01.2026"] * len(found)]) == ""


@pytest.mark.parametrize(
    "header",
    ["Frete", "Freight", "Frais de port", "Versandkosten", "Fracht", "运费", "Gastos de envío", "Spese di spedizione", "Custo do frete"],
)
def test_freight_is_a_cost_of_the_shop_or_what_a_competitor_asks_and_nothing_of_sales(header: str) -> None:
    assert headers.guess("costs", ["SKU", header], []) == {"sku": "SKU", "shipping": header}
    assert headers.guess("competitor_prices", ["SKU", header], []) == {"sku": "SKU", "shipping": header}
    for table in ("sales", "orders", "products"):
        assert headers.guess(table, ["SKU", header], []) == {"sku": "SKU"}, table
    sold = ["Date", "SKU", "Units", "Price", header]
    assert headers.better("sales", sold, [["2026-01-05", "A", "1", "2", "3"]]) == ""


def test_money_is_not_taken_for_units() -> None:
    assert headers.guess("sales", ["SKU", "Net sales"], []) == {"sku": "SKU"}


def test_one_column_of_days_is_not_two_columns_of_ours() -> None:
    assert headers.guess("promotions", ["Artikel", "seit"], [["A1", "05.01.2026"]]) == {"sku": "Artikel", "start": "seit"}


def test_a_table_is_known_by_its_columns_and_only_a_clear_case_is_said() -> None:
    for name, own in INPUT.items():
        names = [column.name for column in own.columns]
        assert headers.better(name, names, []) == "", name
        assert headers.better(name, list(own.required), []) == "", name
    assert headers.better("products", ["date", "sku", "units", "price"], []) == "sales"
    assert headers.better("sales", ["sku", "title", "brand", "category"], []) == "products"
    assert headers.better("products", ["sku", "price", "colour"], []) == ""


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("1.234,50", "comma", "1234.50"), ("12,5", "comma", "12.5"), ("1.234", "comma", "1234"), ("1.234", "point", "1.234"),
        ("1,234.50", "point", "1234.50"), ("¥ 12.50", "point", "12.50"), ("12,50 €", "comma", "12.50"), ("-3", "comma", "-3"),
        ("12.50", "comma", "?12.50"), ("12,50", "point", "12,50"), ("nan", "point", "nan"), ("", "comma", ""),
        ("1.23,4.5", "comma", "1.23,4.5"), ("R$ 1.600,92", "comma", "1600.92"), ("-R$\u00a05,00", "comma", "-5.00"),
        ("R$ -5,00", "comma", "-5.00"), ("1 299,50 zł", "comma", "1299.50"), ("CHF 1'299.50", "point", "1299.50"),
        ("R$ 12.90", "comma", "?R$ 12.90"), ("12 kg", "point", "12 kg"), ("12 EUR/kg", "point", "12 EUR/kg"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_was_said_or_not_at_all(text: str, decimal: str, told: str) -> None:
    assert numerals.number(text, decimal) == told


def test_an_amount_in_another_currency_is_not_read() -> None:
    assert numerals.number("US$ 12.90", "point", "BRL") == "US$ 12.90"
    assert numerals.number("R$ 12.90", "point", "BRL") == numerals.number("$12.90", "point", "BRL") == "12.90"


@given(st.text(max_size=12), st.sampled_from(sorted(numerals.DECIMALS)))
def test_no_text_becomes_another_number(text: str, decimal: str) -> None:
    told = numerals.number(text, decimal)
    digits = [letter for letter in text if letter.isdigit()]
    assert [letter for letter in told if letter.isdigit()] == digits
    assert told == text or told.endswith(text) or not set(told) - set("+-.0123456789") or any(letter.isdigit() for letter in text)


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("19", "point", "0.19"), ("19 %", "comma", "0.19"), ("7,50", "comma", "0.075"), ("20", "comma", "0.2"), ("100", "point", "1"),
        ("0", "point", "0"), (",5", "comma", "0.005"), ("12.50", "comma", "?12.50"), ("none", "point", "none"), ("", "point", ""),
        ("%", "point", "%"),
    ],
)  # fmt: skip
def test_percent_becomes_a_share_or_stays(text: str, decimal: str, told: str) -> None:
    assert numerals.percent(text, decimal) == told


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["", "0", "19", "7,5"], ("19", "0.19")), (["7,5", "19"], ("7,5", "0.075")), (["0.5 %"], ("0.5 %", "0.005")),
        (["1", "3", "5"], ("3", "0.03")), (["13", "9", "1"], ("13", "0.13")), (["1 %", "1"], ("1 %", "0.01")),
        (["0.05", "0.19"], None), (["1", "1"], None), (["0.19", "19"], None), (["1"], None),
        (["101"], None), (["0"], None), ([], None), (["A"], None),
    ],
)  # fmt: skip
def test_shares_that_look_like_percent(values: list[str], found: tuple[str, str] | None) -> None:
    assert suspects.as_percent(values) == found


def test_prices_of_nothing_are_seen() -> None:
    assert suspects.free("price", ["1,50", "0,00 €", "", "0"], [2, 3, 4, 5]) == suspects.Free("price", 2, 4, 3, "0,00 €")
    assert suspects.free("price", ["", "0,01"], [2, 3]) is None
    assert suspects.free("shipping", ["0"], [2]) is None


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b'sku,name,price\r\n\r\nA1,"two\r\nlines",1\r\n\r\nA2,x,0\r\n')
    seen = foreign.look(path)
    assert (foreign.values(path, seen, "price"), foreign.lines(path, seen)) == (["1", "0"], [3, 6])


def test_days_are_read_as_was_said_or_not_at_all() -> None:
    assert days.day("3/5/2026", "mdy/") == "2026-03-05"
    assert days.day("3/5/2026", "dmy/") == "2026-05-03"
    assert days.day("13/5/2026", "mdy/") == "13/5/2026"
    assert days.day("2026年1月5日", "ymd年") == "2026-01-05"
    assert days.day("05.01.2026 9:30", "dmy.", time=True) == "2026-01-05T09:30"
    assert days.day("05.01.2026 00:00:00", "dmy.") == "2026-01-05"
    assert days.day("", "dmy.") == ""


def keep(folder: Path, name: str, data: bytes) -> str:
    return uploads.keep(folder, name, f"C:\\files\\{name}.csv", io.BytesIO(data), "ana", AT).upload


def test_nothing_of_a_file_is_lost(tmp_path: Path) -> None:
    begin(tmp_path)
    upload = keep(tmp_path, "sales", GERMAN.encode("cp1252"))
    assert uploads.one(tmp_path, upload).file == "sales.csv"
    path = uploads.path_of(tmp_path, upload)
    unsaid = foreign.look(path)
    assert (unsaid.encoding, unsaid.likely, unsaid.delimiter, unsaid.rows[0][-1]) == ("", "cp1252", "semicolon", "Süd")
    seen = foreign.look(path, "cp1252")
    assert (seen.delimiter, seen.rows[0][-1]) == ("semicolon", "Süd")
    columns = {"date": "Datum", "sku": "Artikelnummer", "units": "Menge", "price": "Preis"}
    how = foreign.Reading("cp1252", "semicolon", "comma", "dmy.", columns)
    assert uploads.take_over(tmp_path, upload, how, AT, POLICY, "").rows == 3
    assert table(tmp_path / "data" / "sales.csv") == [
        ["date", "sku", "units", "price", "Filiale"],
        ["2026-01-05", "A1", "3", "1029.90", "Süd"],
        ["2026-01-06", "A1", "2", "?12.50", "Süd"],
        ["31.02.2026", "A1", "2", "9.50"],
    ]
    assert uploads.waiting(tmp_path) == []
    with (tmp_path / "data" / "products.csv").open("w", encoding="utf-8") as file:
        file.write("sku\nA1\n")
    reasons = batch.load(tmp_path).prepared.quarantine["reason"].to_list()
    assert sorted(reasons) == ["not_a_number", "ragged_row"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"), ("Größe;sku\n5;A\n", "cp1252"), ("Größe;Maß;Spaß\nä;ö;ü\n", "cp1252"),
        ("Référence;Quantité\nété;5\n", "cp1252"),
        (CHINESE, "gb18030"), ("商品编号,sku\n甲,A\n", "gb18030"),
    ],
)  # fmt: skip
def test_the_likely_encoding_is_shown_and_still_asked(tmp_path: Path, text: str, encoding: str) -> None:
    begin(tmp_path)
    upload = keep(tmp_path, "sales", text.encode(encoding))
    found = start(Reading(office(tmp_path)), Wanted(upload=upload)).match
    assert found is not None
    names = text.splitlines()[0].split(";" if ";" in text else ",")
    assert (found.encoding, found.likely, found.headers) == ("", encoding, names)
    assert not any(column.guess for column in found.columns) and not found.unmatched
    said = start(Reading(office(tmp_path)), Wanted(upload=upload, encoding=encoding)).match
    assert said is not None and (said.encoding, said.likely, said.headers) == (encoding, "", found.headers)


POLISH = "Miesiąc;EAN;Ilość;Cena brutto\n11.2024;A1;3;17,52\n12.2024;A1;4;17,52\n01.2025;A1;2;16,99\n2025-02-28;A1;2;16,99\n"


@pytest.mark.parametrize("ends", ["first", "week", "month", "within"])
def test_months_are_read_as_their_first_day_and_the_period_is_a_month(tmp_path: Path, ends: Ends) -> None:
    begin(tmp_path)
    upload = keep(tmp_path, "sales", POLISH.encode("cp1250"))
    found = start(Reading(office(tmp_path)), Wanted(upload=upload, encoding="cp1250")).match
    assert found is not None and (found.dates, found.closing.offered) == ("my.", "first")
    columns = {one.column: one.guess for one in found.columns if one.guess}
    assert columns == {"date": "Miesiąc", "sku": "EAN", "units": "Ilość", "price": "Cena brutto"}
    uploads.take_over(tmp_path, upload, foreign.Reading("cp1250", "semicolon", "comma", "my.", columns, ends=ends), AT, POLICY, "")
    told = [row[0] for row in table(tmp_path / "data" / "sales.csv")[1:]]
    assert told[:3] == ["2024-11-01", "2024-12-01", "2025-01-01"]
    assert told[3] == {"first": "2025-02-28", "week": "2025-02-22", "month": "2025-02-01", "within": "2025-02-01"}[ends]
    if ends in ("month", "within"):
        assert start(Reading(office(tmp_path)), Wanted()).dated == "month"


def test_a_promotion_that_ends_in_a_month_ends_on_its_last_day(tmp_path: Path) -> None:
    begin(tmp_path)
    upload = keep(tmp_path, "promotions", b"sku,start,end\nA1,01.2024,02.2024\nA1,2024-04-03,2024-04-09\n")
    columns = {name: name for name in ("sku", "start", "end")}
    how = foreign.Reading("utf-8", "comma", "point", "my.", columns)
    rows = list(foreign.written(uploads.path_of(tmp_path, upload), "promotions", how))
    assert [row[1:3] for row in rows[1:]] == [["2024-01-01", "2024-02-29"], ["2024-04-03", "2024-04-09"]]


def test_a_table_gives_way_only_where_it_is_said_and_is_kept(tmp_path: Path) -> None:
    begin(tmp_path)
    old = tmp_path / "data" / "sales.csv"
    old.write_text("old\n", encoding="utf-8")
    upload = keep(tmp_path, "sales", CHINESE.encode("gb18030"))
    columns = {"date": "日期", "sku": "商品编号", "units": "销量", "price": "价格"}
    how = foreign.Reading("gb18030", "comma", "point", "ymd/", columns)
    with pytest.raises(DataError, match="there is a table sales already"):
        uploads.take_over(tmp_path, upload, how, AT, POLICY, "")
    wrong = foreign.Reading("utf-8", "comma", "point", "ymd/", columns)
    with pytest.raises(DataError, match="encoding"):
        uploads.take_over(tmp_path, upload, wrong, AT, POLICY, "replace")
    lacking = foreign.Reading("gb18030", "comma", "point", "ymd/", {"date": "日期"})
    with pytest.raises(DataError, match="sku, units, price"):
        uploads.take_over(tmp_path, upload, lacking, AT, POLICY, "replace")
    twice = foreign.Reading("gb18030", "comma", "point", "ymd/", {**columns, "price": "销量"})
    with pytest.raises(DataError, match="chosen twice"):
        uploads.take_over(tmp_path, upload, twice, AT, POLICY, "replace")
    assert old.read_text(encoding="utf-8") == "old\n" and len(uploads.waiting(tmp_path)) == 1
    assert uploads.take_over(tmp_path, upload, how, AT, POLICY, "replace").rows == 2
    assert table(old)[1:] == [["2026-01-05", "甲1", "3", "29.90"], ["2026-01-06", "甲1", "x", "29.90"]]
    (kept,) = (tmp_path / ".desk" / "replaced").rglob("sales.csv")
    assert kept.read_text(encoding="utf-8") == "old\n"
    assert sorted(file.name for file in (tmp_path / "data").iterdir()) == ["sales.csv"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04zip", b"\n\n", b"\xff\xfea"])
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(DataError):
        foreign.look(uploads.path_of(tmp_path, keep(tmp_path, "sales", data)))


def test_headers_are_told_apart() -> None:
    assert foreign.headers(["a", "a", "", "_line"]) == ["a", "a (2)", "(column 3)", "line"]


def test_an_empty_folder_becomes_a_shop_and_nothing_else_does(tmp_path: Path) -> None:
    folder = tmp_path / "my shop"
    assert begin(folder)
    assert not begin(folder)
    reading = Reading(office(folder))
    found = start(reading, Wanted())
    assert (found.step, found.lacking, found.settings.name, found.settled) == ("tables", ["products", "sales"], "my shop", False)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    assert not begin(other)
    assert not begin(other / "thesis.txt")
    assert sorted(file.name for file in other.iterdir()) == ["thesis.txt"]


def test_settings_are_written_where_they_stand_and_checked(tmp_path: Path) -> None:
    begin(tmp_path)
    asked = Settings('Mei"s', "CNY", "net", "week", 0.1, 0.08, [0.9, 0.5], timezone="Europe/Paris")
    settle(tmp_path, asked)
    text = (tmp_path / "shop.toml").read_text(encoding="utf-8")
    policy = parse_policy(text, RULES)
    assert (policy.name, policy.currency, policy.tax, policy.period) == (
        'Mei"s',
        "CNY",
        "net",
        "week",
    ) and policy.timezone == "Europe/Paris"
    for name, rows in (("products", "sku\nA\n"), ("sales", "date,sku,units,price\n2026-01-05,A,7,5\n")):
        (tmp_path / "data" / f"{name}.csv").write_text(rows, encoding="utf-8")
    found = start(Reading(office(tmp_path)), Wanted())
    assert found.settings == asked and found.settled and found.step == "price"
    assert text.count("#") == starter("x").count("#") - 1 and answered(text)
    settle(tmp_path, asked)
    assert (tmp_path / "shop.toml").read_text(encoding="utf-8") == text, "answered again, a name with a quotation mark too"
    settle(tmp_path, asked, "zh")
    spoken = (tmp_path / "shop.toml").read_text(encoding="utf-8")
    assert policy.locale == "en" and parse_policy(spoken, RULES).locale == "zh" and spoken.replace('locale = "zh"', 'locale = "en"') == text
    settle(tmp_path, asked, "en")
    for wrong in (Settings("x", "EURO", "net", "day", 0.1, 0.1, [0.9]), Settings("x", "JPY", "net", "day", 0.1, 0.1, [0.99])):
        with pytest.raises(PricesmithError):
            settle(tmp_path, wrong)
    assert (tmp_path / "shop.toml").read_text(encoding="utf-8") == text


def test_only_what_the_guide_began_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begin(tmp_path / "new")
    shutil.rmtree(tmp_path / "new" / ".desk", ignore_errors=True)
    assert not start(Reading(office(tmp_path / "new")), Wanted()).settled
    with pytest.raises(SystemExit):
        main.main(["price", str(tmp_path / "new"), "--out", str(tmp_path / "prices.csv")])
    assert "shop.toml: nobody has said yet what this shop wants: currency," in capsys.readouterr().err
    example.write(tmp_path / "made")
    found = start(Reading(office(tmp_path / "made")), Wanted())
    assert found.settled and found.step == "price"
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "shop.toml").write_text('currency = "EUR"\n', encoding="utf-8")
    assert start(Reading(office(tmp_path / "hand")), Wanted()).settled


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"PK\x03\x04\x14\0\x06\0", b"%PDF-1.7 ..."])
def test_what_is_no_text_is_refused_and_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    begin(tmp_path)
    with pytest.raises(DataError, match="no table of text"):
        keep(tmp_path, "sales", data)
    assert uploads.waiting(tmp_path) == []


def test_text_of_two_bytes_a_character_is_text(tmp_path: Path) -> None:
    begin(tmp_path)
    assert foreign.look(uploads.path_of(tmp_path, keep(tmp_path, "sales", GERMAN.encode("utf-16")))).encoding == "utf-16"


def test_a_till_in_chinese_is_paired_by_itself() -> None:
    names = ["商品编号", "类别", "进货成本"]
    assert headers.guess("products", names, []) == {"sku": "商品编号", "category": "类别", "unit_cost": "进货成本"}


def test_the_other_decimal_mark_is_told_by_what_to_do(tmp_path: Path) -> None:
    begin(tmp_path)
    upload = keep(tmp_path, "products", b"sku,cost\nA1,88.0\n")
    how = foreign.Reading("utf-8", "comma", "comma", "ymd-", {"sku": "sku", "unit_cost": "cost"})
    with pytest.raises(UnfitError) as refused:
        uploads.take_over(tmp_path, upload, how, AT, POLICY, "")
    (row,) = refused.value.aside
    assert row["value"] == "?88.0"
    assert "another decimal mark than was chosen" in remedy("products", "unit_cost", row["value"], row["reason"])


def test_the_guide_offers_orders_where_the_shop_has_them_in_place_of_sales(tmp_path: Path) -> None:
    begin(tmp_path)
    (tmp_path / "data" / "orders.csv").write_text("order_id,at,sku,units,price\n", encoding="utf-8")
    assert start(Reading(office(tmp_path)), Wanted(table="sales")).wanted.table == "orders"
    (tmp_path / "data" / "orders.csv").rename(tmp_path / "data" / "sales.csv")
    assert start(Reading(office(tmp_path)), Wanted(table="sales")).wanted.table == "sales"
