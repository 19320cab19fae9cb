"""The file of approved prices, byte for byte."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.apps.web.sheets import Signs, price_list

MARK = b"\xef\xbb\xbf"


def table(name: str) -> pl.DataFrame:
    return pl.DataFrame({"sku": ["A1", "=A2"], "price": [1999, 5], "currency": "EUR", "current_price": [2150, None], "name": [name, None]})


@pytest.mark.parametrize(
    ("signs", "rows"),
    [
        (Signs(), "A1,19.99,EUR,21.50,Cup\r\n'=A2,0.05,EUR,,\r\n"),
        (Signs(delimiter=";", decimal="comma"), "A1;19,99;EUR;21,50;Cup\r\n'=A2;0,05;EUR;;\r\n"),
    ],
)
def test_every_price_has_all_its_digits_and_what_is_not_known_is_empty(signs: Signs, rows: str) -> None:
    head = "sku,price,currency,current_price,name\r\n".replace(",", signs.delimiter)
    assert price_list(table("Cup"), "EUR", signs).decode() == head + rows


def test_a_mark_stands_before_texts_that_a_spreadsheet_would_misread() -> None:
    assert not price_list(table("Cup"), "EUR", Signs()).startswith(MARK)
    data = price_list(table("Kännchen"), "EUR", Signs())
    assert data.startswith(MARK) and "Kännchen" in data.decode("utf-8-sig")


def test_yen_has_no_decimals() -> None:
    assert b"A1,1999,JPY,2150,Cup" in price_list(table("Cup").with_columns(currency=pl.lit("JPY")), "JPY", Signs())
