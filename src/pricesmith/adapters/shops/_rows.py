"""Rows of a shop folder's table, as text, exactly as a file of it would hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import polars as pl

from pricesmith.contracts.tables import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShopRows:
    """Rows pulled from a shop (the protocol RawTable): text columns, and `_file` and `_line` of where they would stand."""

    frame: pl.DataFrame


def rows_of(table: Table, rows: Iterable[Mapping[str, str | None]]) -> ShopRows:
    """Rows of a table; a column that no row fills is left out, unless the table must have it. Null and "" are both absent."""
    listed = list(rows)
    used = [column.name for column in table.columns if column.required or any(row.get(column.name) for row in listed)]
    data = {name: pl.Series(name, [row.get(name) or None for row in listed], dtype=pl.String) for name in used}
    frame = pl.DataFrame(data, schema=dict.fromkeys(used, pl.String()))
    file = pl.lit(f"data/{table.name}.csv").alias("_file")
    return ShopRows(frame.with_row_index("_line", offset=2).with_columns(pl.col("_line").cast(pl.Int64), file))


def chunks(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """The items in parts of at most that many."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
