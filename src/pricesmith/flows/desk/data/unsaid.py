"""What the products of a shop say and leave unsaid before anything is priced: no tax rate, no cost, what they share with others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import COSTS, PRODUCTS, Table
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading

SHARED = ("family", "category", "brand")
"""Columns of the products by which the guide offers that they share one price."""


def untaxed(reading: Reading) -> int:
    """Products without a tax_rate; 0 where there is no such table, or it cannot be read. Read once while the files stay."""
    return counted(reading, "untaxed", (PRODUCTS,), lambda: _blank(_held(reading, PRODUCTS), "tax_rate").height)


def uncosted(reading: Reading) -> int:
    """Products without a unit_cost that the table costs does not name either; else as `untaxed`."""
    return counted(reading, "uncosted", (PRODUCTS, COSTS), lambda: _uncosted(reading).height)


def named(reading: Reading) -> dict[str, int]:
    """Each of SHARED -> products that have a value there; else as `untaxed`."""

    def rows_with(column: str) -> int:
        rows = _held(reading, PRODUCTS)
        return _products(rows).height - _blank(rows, column).height

    return {column: counted(reading, f"named {column}", (PRODUCTS,), partial(rows_with, column)) for column in SHARED}


def without_cost(reading: Reading) -> pl.DataFrame:
    """These products: `sku`, `name` where names are known, and an empty `unit_cost` to fill in."""
    found = _uncosted(reading)
    known = [pl.col(name).cast(pl.String) for name in ("sku", "name") if name in found.columns]
    return found.select(*known, unit_cost=pl.lit(None, pl.String)) if known else pl.DataFrame({"sku": [], "unit_cost": []})


def _uncosted(reading: Reading) -> pl.DataFrame:
    blank, costs = _blank(_held(reading, PRODUCTS), "unit_cost"), _held(reading, COSTS)
    if "sku" not in blank.columns or not {"sku", "unit_cost"} <= set(costs.columns):
        return blank
    told = costs.filter(pl.col("unit_cost").cast(pl.String).str.strip_chars().fill_null("") != "")
    return blank.join(told.select(_key()), left_on=_key(), right_on="sku", how="anti", maintain_order="left")


def counted(reading: Reading, name: str, tables: tuple[Table, ...], count: Callable[[], int]) -> int:
    """A count over tables, made once while their files stay; 0 where there is none of them."""
    held = wiring.files_of(reading.folder)
    files = [sorted(wiring.of_table(held, table.name).items(), key=str) for table in tables]
    return int(reading.shelf(name, 1).get(str(files), lambda _files: count())) if any(files) else 0


def _held(reading: Reading, table: Table) -> pl.DataFrame:
    """The same as `rows_of`, read once while the files stay: for tables of one row a product or few."""
    files = sorted(wiring.of_table(wiring.files_of(reading.folder), table.name).items(), key=str)
    rows: pl.DataFrame = reading.shelf(f"rows of {table.name}", 1).get(str(files), lambda _files: rows_of(reading, table))
    return rows


def rows_of(reading: Reading, table: Table) -> pl.DataFrame:
    """Rows as they stand in the files; empty where there are none that can be read."""
    try:
        raw = wiring.source_of(reading.folder).read(table)
    except DataError:
        raw = None
    return pl.DataFrame() if raw is None or isinstance(raw, LargeTable) else raw.frame


def _blank(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """A row of each product of which no row has a value of that column; of every product where there is no such column."""
    if column not in rows.columns:
        return _products(rows)
    text = pl.col(column).cast(pl.String).str.strip_chars()
    said = text.is_not_null() & (text != "")
    blank = rows.filter(~said)
    if blank.is_empty() or "sku" not in rows.columns:
        return _products(blank)
    return _products(blank).join(rows.filter(said).select(_key()), left_on=_key(), right_on="sku", how="anti", maintain_order="left")


def _products(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each product: a file may name it many times. Rows without a key are none; all stay where nothing is a key."""
    if "sku" not in rows.columns:
        return rows
    return rows.filter(_key().is_not_null() & (_key() != "")).filter(_key().is_first_distinct())


def _key() -> pl.Expr:
    return pl.col("sku").cast(pl.String).str.strip_chars()
