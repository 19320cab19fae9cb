"""What preparation hands on: clean tables, what was set aside and why, and the data report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pricesmith.contracts.tables import SALES

from .weekly import Weekly

QUARANTINE = pl.Schema(
    {"table": pl.String, "file": pl.String, "line": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String}
)
"""One row for each row set aside: the first value in it that cannot be, in the order of the table's columns."""

REASONS = (
    "ragged_row",
    "missing_value",
    "not_text",
    "not_a_number",
    "not_finite",
    "negative",
    "out_of_range",
    "bad_date",
    "not_a_choice",
    "unknown_currency",
    "duplicate_key",
    "unknown_sku",
    "product_set_aside",
)
"""The stable codes of column `reason`."""

SALE_KEY = list(SALES.key)
Warning_ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one table: rows = accepted + quarantined. Rows that repeat another one are accepted, without effect."""

    rows: int
    accepted: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A shop's tables after validation.

    tables      every table of INPUT by name, typed, sorted by key, without duplicates; empty where the shop has none
    quarantine  rows that cannot be, schema QUARANTINE
    counts      by table, for the tables that the shop has
    warnings    the data report: dicts as `warn` makes them, level "blocking", "warning" or "info"
    blocked     True where a table has more bad rows than the policy allows: nothing may be priced
    unknown     keys of `sales` whose row is in quarantine: days that are not observed, which is not the same as days without a sale
    derived     True where `sales` was made from `orders`
    weekly      the sales of a shop too large to hold as rows; then table `sales` is empty, and snapshots have period "week"
    barred      products whose own row is in quarantine: key -> the place of that row, "data/products.csv:2"
    """

    tables: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    counts: dict[str, Counts]
    warnings: list[Warning_]
    blocked: bool
    unknown: pl.DataFrame = field(default_factory=lambda: SALES.empty().select(SALE_KEY))
    derived: bool = False
    weekly: Weekly | None = None
    barred: Mapping[str, str] = field(default_factory=dict)


def warn(
    code: str,
    table: str,
    level: str,
    message: str,
    count: int,
    examples: Iterable[object] = (),
    places: Iterable[str] = (),
    products: Iterable[str] = (),
) -> Warning_:
    """One entry of the data report.

    examples  columns or spans that it is about, the first 5 are kept; where it is about products, the first of them
    places    rows that it is about, such as "data/sales.csv:12", the first 5 are kept;  products: all SKUs that it is about
    """
    named = list(products)
    return {
        "code": code,
        "table": table,
        "level": level,
        "message": message,
        "count": int(count),
        "examples": [str(e) for e in examples or named][:5],
        "places": list(places)[:5],
        "products": named,
    }
