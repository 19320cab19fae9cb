"""Tables as files for spreadsheets, CSV and XLSX: figures are figures, and no text of ours or of a feed ever becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
import polars as pl

from pricesmith.contracts.errors import UsageError
from pricesmith.contracts.money import exponent, format_minor

from .sheet_xml import Column, workbook

DANGEROUS = r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"
"""Text that a spreadsheet may take for a formula: OWASP's list of first letters, behind any space."""

MARK = b"\xef\xbb\xbf"
"""By which spreadsheets know UTF-8."""
PRICES = ("current_price", "price", "price_now", "own_price", "shop_price", "landed_cost", "competitor_price")
"""Amounts in minor units."""
MONEY = ("profit_change", "expected_revenue", "expected_profit")
"""How the names of amounts in major units begin."""
SHARES = ("move", "margin_now", "margin")
FINE = 4
"""Digits behind the point of shares and other figures that are no money."""
SAID = "_said"
"""Ends the name of a column that has the words beside a column of codes."""
Words = Mapping[str, Callable[[str], str]]
NONE: Words = {}


def plain(table: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The table as it leaves: amounts in major units and no finer than the currency, text made safe, and what they are in."""
    digits = exponent(currency)
    floats = [name for name, kind in table.schema.items() if kind.is_float() and name not in PRICES]
    amounts = [_rounded((pl.col(name).cast(pl.Float64) / 10.0**digits), digits) for name in PRICES if name in table.columns]
    figures = [_rounded(pl.col(name), digits) if name.startswith(MONEY) else pl.col(name).round(FINE) for name in floats]
    texts = [safe(pl.col(name)) for name, kind in table.schema.items() if kind == pl.String]
    days = [pl.col(name).cast(pl.String) for name, kind in table.schema.items() if kind == pl.Date]
    return table.with_columns(*amounts, *texts, *days, *figures, currency=pl.lit(currency))


def _rounded(amount: pl.Expr, digits: int) -> pl.Expr:
    """No finer than the currency; without a point where that has no decimals."""
    return amount.round(digits) if digits else amount.fill_nan(None).round().cast(pl.Int64)


def safe(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before it where a spreadsheet might reckon with it."""
    return pl.when(text.str.contains(DANGEROUS)).then(pl.lit("'") + text).otherwise(text).name.keep()


class Signs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a CSV file is written: what separates its columns, and its decimal mark. Excel in most of Europe wants `;` and `comma`."""

    delimiter: Literal[",", ";"] = ","
    decimal: Literal["point", "comma"] = "point"


PLAIN = Signs()


def to_csv(table: pl.DataFrame, currency: str, words: Words = NONE, signs: Signs = PLAIN) -> bytes:
    """UTF-8 with a mark that spreadsheets know it by; text is always quoted, so that no separator in it starts a cell of its own.

    words   column of codes -> what turns one into words, which stand beside it in a column of the same name with SAID
    """
    _told_apart(signs)
    shown, comma = plain(told(table, words), currency), signs.decimal == "comma"
    return MARK + shown.write_csv(quote_style="non_numeric", separator=signs.delimiter, decimal_comma=comma).encode()


def price_list(table: pl.DataFrame, currency: str, signs: Signs) -> bytes:
    """Prices for the import of a shop system: every amount with all digits of the currency, and the mark only where it is needed.

    table  text columns, and prices in minor units (null: empty)
    """
    _told_apart(signs)
    texts = [safe(pl.col(name)) for name, kind in table.schema.items() if kind == pl.String]
    mark = "," if signs.decimal == "comma" else "."
    amounts = {
        name: [None if price is None else format_minor(price, currency).replace(".", mark) for price in table[name]]
        for name, kind in table.schema.items()
        if kind.is_integer()
    }
    shown = table.with_columns(*texts, *(pl.Series(name, values, dtype=pl.String) for name, values in amounts.items()))
    text = shown.write_csv(separator=signs.delimiter, line_terminator="\r\n").encode()
    return text if text.isascii() else MARK + text


def _told_apart(signs: Signs) -> None:
    if signs.delimiter == "," and signs.decimal == "comma":
        raise UsageError("a comma cannot both separate columns and stand in prices", hint="separate columns by semicolons")


def to_xlsx(table: pl.DataFrame, currency: str, titles: Mapping[str, str], words: Words = NONE) -> bytes:
    """One sheet with a head that stays in sight; columns of codes that have words stand behind all others.

    titles  column -> its head in words
    words   as of `to_csv`
    """
    shown = plain(told(table, words), currency)
    codes = [name for name in shown.columns if name + SAID in shown.columns]
    shown = shown.select(pl.exclude(codes), *codes)
    columns = [
        Column(safe_text(titles.get(name, name)), _form(name, currency), 24 if kind == pl.String else 12)
        for name, kind in shown.schema.items()
    ]
    return workbook(shown, columns, "prices")


def told(table: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The table with words beside codes; each code is looked up once. A column that has its SAID already gives words to that one."""
    columns: list[str] = []
    for name in table.columns:
        if name.endswith(SAID):
            continue
        columns.append(name)
        if name in words:
            source = name + SAID if name + SAID in table.columns else name
            codes = table[source].drop_nulls().unique().to_list()
            each = {code: words[name](code) for code in codes}
            put = pl.col(source).replace_strict(each, default=None, return_dtype=pl.String) if each else pl.lit(None, pl.String)
            table = table.with_columns(put.alias(name + SAID))
            columns.append(name + SAID)
    return table.select(columns)


def safe_text(text: str) -> str:
    found: str = pl.DataFrame({"text": [text]}).select(safe(pl.col("text"))).item()
    return found


def _form(name: str, currency: str) -> str:
    """How a spreadsheet shows the figures of a column."""
    if name in SHARES:
        return "0.0%"
    places = exponent(currency)
    if name in PRICES or name.startswith(MONEY):
        return "#,##0" + ("." + "0" * places if places else "")
    return "General"
