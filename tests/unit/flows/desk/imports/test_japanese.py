"""Files of Japanese shops: their usual headers, with a note on tax in brackets or without a space before it."""

from __future__ import annotations

import pytest

from pricesmith.flows.desk.imports import headers, margins, marks, numerals, rivals, stores


def guessed(table: str, *pairs: tuple[str, str]) -> dict[str, str]:
    """What is guessed of headers, each with a cell below it."""
    return headers.guess(table, [header for header, _ in pairs], [[cell for _, cell in pairs]])


def test_products() -> None:
    found = guessed(
        "products",
        ("商品番号", "15056BL"), ("商品名", "日傘 黒"), ("ジャンル", "その他雑貨"), ("販売価格（税込）", "1,080"),
        ("仕入原価（税抜）", "486"),
        ("消費税率", "10%"), ("メーカー希望小売価格", "1,200"), ("在庫数", "0"),
    )  # fmt: skip
    assert found == {
        "sku": "商品番号", "name": "商品名", "category": "ジャンル", "price": "販売価格（税込）", "unit_cost": "仕入原価（税抜）",
        "tax_rate": "消費税率", "rrp": "メーカー希望小売価格",
    }  # fmt: skip


def test_order_lines() -> None:
    found = guessed(
        "orders",
        ("受注番号", "510446"), ("注文日時", "2010/06/01 09:02"), ("商品番号", "22348"), ("商品名", "ティーバッグ皿"), ("個数", "12"),
        ("単価（税込）", "150"), ("小計（税込）", "1,800"), ("ステータス", "発送済"),
    )  # fmt: skip
    assert found == {"order_id": "受注番号", "at": "注文日時", "sku": "商品番号", "units": "個数", "price": "単価（税込）"}
    assert (
        headers.better("sales", ["受注番号", "注文日時", "商品番号", "個数", "単価"], [["1", "2010/06/01 09:02", "22348", "12", "150"]])
        == "orders"
    )


def test_sales_of_a_till() -> None:
    found = guessed(
        "sales",
        ("売上日", "2010/06/01"),
        ("店舗コード", "12"),
        ("JANコード", "4901234567894"),
        ("販売数量", "3"),
        ("売上金額", "450"),
        ("特売", "○"),
    )
    assert found == {
        "date": "売上日",
        "region": "店舗コード",
        "sku": "JANコード",
        "units": "販売数量",
        "price": "売上金額",
        "promo": "特売",
    }
    assert headers.total("売上金額") and headers.total("小計 税込") and not headers.total("売上数量")


def test_competitors_prices() -> None:
    found = guessed("competitor_prices", ("取得日時", "2010/06/01 09:02"), ("商品コード", "22348"), ("競合店", "A社"), ("価格", "150"))
    assert found == {"observed_at": "取得日時", "sku": "商品コード", "competitor": "競合店", "price": "価格"}


@pytest.mark.parametrize("header", ["単価 税込", "単価_税抜き", "単価 円", "税込単価", "単価(円)"])
def test_what_stands_beside_a_price_is_no_name_of_it(header: str) -> None:
    assert guessed("sales", ("日付", "2010/06/01"), ("品番", "22348"), ("数量", "3"), (header, "150"))["price"] == header


def test_whose_prices_a_header_names() -> None:
    assert rivals.called("ニトリ価格") == "ニトリ" and rivals.called("ニトリ_売価") == "ニトリ"
    assert {
        rivals.called(header) for header in ("販売価格", "税込価格", "通常販売価格", "競合他社価格", "希望小売価格", "定価", "最低売価")
    } == {""}


def test_amounts() -> None:
    written = ("\\1,350", "１，３５０", "1,350円", "￥１，３５０", "￥1350")
    assert [numerals.number(text, "point", "JPY") for text in written] == ["1350"] * 5
    assert numerals.number("\\1,350", "point", "USD") == "\\1,350", "they name another currency"
    assert numerals.number("－１，２３４．５", "point") == "-1234.5" and numerals.number("１２箱", "point") == "１２箱"
    assert numerals.percent("１０％", "point") == numerals.percent("10%", "point") == "0.1"


def test_other_words() -> None:
    assert [marks.flag(cell) for cell in ("はい", "あり", "○", "いいえ", "なし")] == ["1", "1", "1", "0", "0"]
    assert marks.named("チラシ") and marks.speaks("キャンペーン期間中") and not marks.speaks("仕入先")
    assert margins.named("粗利率") and stores.named("店舗名") and not stores.named("店舗面積")
