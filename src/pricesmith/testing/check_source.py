"""What every source must keep to: rows as they stand, each with its place, the same each time.

A source of your own comes with a function that puts tables where the source reads them:

    def make(tables: Mapping[str, pl.DataFrame]) -> Source: ...

    def test_my_source() -> None:
        check_source(make)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
from polars.testing import assert_frame_equal

from pricesmith.contracts.protocols import Source
from pricesmith.contracts.tables import INPUT, Table

from .fakes import made_rows

Make = Callable[[Mapping[str, pl.DataFrame]], Source]


def check_source(make: Make, *, rows: int = 40) -> None:
    """Raise AssertionError with the promise that a source breaks.

    make  puts the given tables (typed as their definitions say) where the source reads them, and returns the source
    """
    tables = {name: made_rows(table, rows, seed) for seed, (name, table) in enumerate(INPUT.items())}
    tables["products"] = tables["products"].with_columns(pl.lit("unasked").alias("colour"))
    source = make(tables)
    for name, table in INPUT.items():
        _check_read(source, table, tables[name])
    some = make({"products": tables["products"], "sales": tables["sales"].clear()})
    assert some.read(INPUT["costs"]) is None, "a table that the shop has not is None"
    empty = some.read(INPUT["sales"])
    assert empty is not None, "a table without rows is there"
    assert empty.frame.is_empty(), "a table without rows is empty"


def _check_read(source: Source, table: Table, expected: pl.DataFrame) -> None:
    raw, again = source.read(table), source.read(table)
    assert raw is not None, f"{table.name} was not found"
    assert again is not None, f"{table.name} was not found the second time"
    assert_frame_equal(raw.frame, again.frame)
    found = raw.frame
    assert {"_file", "_line"} <= set(found.columns), f"{table.name}: rows without their place"
    assert found["_file"].null_count() == 0, f"{table.name}: a row without its file"
    assert found.select("_file", "_line").is_duplicated().sum() == 0, f"{table.name}: two rows with one place"
    assert found.height == expected.height, f"{table.name}: rows are lost or doubled"
    for name in expected.columns:
        assert name in found.columns, f"{table.name}.{name} is lost"
        wanted, got = expected[name], found[name]
        got = got if got.dtype == wanted.dtype else _typed(got.cast(pl.String), wanted.dtype)
        assert got.equals(wanted, check_names=False), f"{table.name}.{name} is not as it stands"


def _typed(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    if dtype == pl.Date:
        return text.str.to_date()
    return text.str.to_datetime(time_zone="UTC", time_unit="us") if isinstance(dtype, pl.Datetime) else text.cast(dtype)
