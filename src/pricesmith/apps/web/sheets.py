"""Tables as files for spreadsheets, CSV and XLSX: figures are figures, and no text of ours or of a feed ever becomes a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pricesmith.contracts.money import exponent

from .sheet_xml import Column, workbook

DANGEROUS = r"^[\s\x00]*[=+\-@＝＋－＠]|^[\t\r\n\x00]"
"""Text that a spreadsheet may take for a formula: OWASP's list of first letters, behind any space."""

PRICES = ("current_price", "price", "own_price", "shop_price", "landed_cost", "competitor_price")
"""Amounts in minor units."""
MONEY = ("profit_change", "expected_revenue", "expected_profit")
"""How the names of amounts in major units begin."""
SHARES = ("move",)
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
    amounts = [(pl.col(name).cast(pl.Float64) / 10.0**digits).round(digits) for name in PRICES if name in table.columns]
    figures = [pl.col(name).round(digits if name.startswith(MONEY) else FINE) for name in floats]
    texts = [safe(pl.col(name)) for name, kind in table.schema.items() if kind == pl.String]
    days = [pl.col(name).cast(pl.String) for name, kind in table.schema.items() if kind == pl.Date]
    return table.with_columns(*amounts, *texts, *days, *figures, currency=pl.lit(currency))


def safe(text: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before it where a spreadsheet might reckon with it."""
    return pl.when(text.str.contains(DANGEROUS)).then(pl.lit("'") + text).otherwise(text).name.keep()


def to_csv(table: pl.DataFrame, currency: str, words: Words = NONE) -> bytes:
    """UTF-8 with a mark that spreadsheets know it by; text is always quoted, so that no separator in it starts a cell of its own.

    words   column of codes -> what turns one into words, which stand beside it in a column of the same name with SAID
    """
    return b"\xef\xbb\xbf" + plain(told(table, words), currency).write_csv(quote_style="non_numeric").encode()


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
