"""Tables as files for spreadsheets, CSV and XLSX: figures are figures, and no text of ours or of a feed ever becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pricesmith.contracts.money import exponent

from .sheet_xml import Column, workbook

DANGEROUS = r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"
"""Text that a spreadsheet may take for a formula: OWASP's list of first letters, behind any space."""

PRICES = ("current_price", "price", "landed_cost", "competitor_price")
SHARES = ("move",)
Words = Mapping[str, Callable[[str], str]]
NONE: Words = {}


def plain(table: pl.DataFrame, currency: str) -> pl.DataFrame:
    """The table as it leaves: amounts in major units, text made safe, and what they are in."""
    digits = exponent(currency)
    amounts = [
        (pl.col(name).cast(pl.Float64) / 10.0**digits).round(digits if table.schema[name].is_integer() else digits + 4)
        for name in PRICES
        if name in table.columns
    ]
    texts = [safe(pl.col(name)) for name, kind in table.schema.items() if kind == pl.String]
    days = [pl.col(name).cast(pl.String) for name, kind in table.schema.items() if kind == pl.Date]
    shares = [pl.col(name).round(6) for name in SHARES if name in table.columns]
    return table.with_columns(*amounts, *texts, *days, *shares, currency=pl.lit(currency))


def safe(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before it where a spreadsheet might reckon with it."""
    return pl.when(text.str.contains(DANGEROUS)).then(pl.lit("'") + text).otherwise(text).name.keep()


def to_csv(table: pl.DataFrame, currency: str) -> bytes:
    """UTF-8 with a mark that spreadsheets know it by; text is always quoted, so that no separator in it starts a cell of its own."""
    return b"\xef\xbb\xbf" + plain(table, currency).write_csv(quote_style="non_numeric").encode()


def to_xlsx(table: pl.DataFrame, currency: str, titles: Mapping[str, str], words: Words = NONE) -> bytes:
    """One sheet with a head that stays in sight.

    titles  column -> its head in words
    words   column of codes -> what turns one into words
    """
    shown = plain(told(table, words), currency)
    columns = [
        Column(safe_text(titles.get(name, name)), _form(name, currency), 24 if kind == pl.String else 12)
        for name, kind in shown.schema.items()
    ]
    return workbook(shown, columns, "prices")


def told(table: pl.DataFrame, words: Words) -> pl.DataFrame:
    """The table with codes in words; each code is looked up once."""
    known = {name: table[name].drop_nulls().unique().to_list() for name in words if name in table.columns}
    texts = {name: {code: words[name](code) for code in codes} for name, codes in known.items() if codes}
    return table.with_columns(pl.col(name).replace_strict(each, default=None, return_dtype=pl.String) for name, each in texts.items())


def safe_text(text: str) -> str:
    found: str = pl.DataFrame({"text": [text]}).select(safe(pl.col("text"))).item()
    return found


def _form(name: str, currency: str) -> str:
    """How a spreadsheet shows the figures of a column."""
    if name in SHARES:
        return "0.0%"
    places = exponent(currency)
    if name in PRICES or name.startswith(("profit_change", "expected_revenue", "expected_profit")):
        return "#,##0" + ("." + "0" * places if places else "")
    return "General"
