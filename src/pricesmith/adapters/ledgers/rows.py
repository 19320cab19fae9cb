"""Tables <-> rows as they are stored. What cannot be is refused here, before the database would.

Stored form: text, 64-bit integers, doubles, bytes. A day is the number of days, a moment the number of microseconds, since 1970-01-01 UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import polars as pl

from pricesmith.contracts.errors import LedgerError, UnknownChoice
from pricesmith.contracts.tables import Column, Table

from .laws import NAMES, broken

Row = tuple[Any, ...]

_WHOLE = {"integer", "minor", "index", "flag"}
_REAL = {"number", "fraction", "money"}
_LATEST = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""


def stored_type(column: Column) -> pl.DataType:
    """Type of a column as it is stored."""
    if column.kind in {"text", "binary"}:
        return column.dtype
    return pl.Float64() if column.kind in _REAL else pl.Int64()


def stored(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table in stored form, columns in the order of the table. Raises LedgerError that names the column that cannot be."""
    unknown = [name for name in frame.columns if name not in table.by_name]
    if unknown:
        raise LedgerError(f"table has no column {unknown[0]!r}", where=table.name, hint=f"valid: {', '.join(table.by_name)}")
    spoilt = _spoilt(frame)
    columns = [_column(table, column, frame, column.name in spoilt) for column in table.columns]
    ready = pl.DataFrame(columns)
    _keys(table, ready)
    law = broken(table.name, ready)
    if law:
        raise LedgerError(law, where=table.name, hint="nothing was written")
    return ready


def narrowed(table: Table, columns: Sequence[str]) -> Table:
    """The table with these columns alone, in its own order; the whole one where none is named."""
    for name in columns:
        if name not in table.by_name:
            raise UnknownChoice(f"column of {table.name}", name, table.by_name)
    return replace(table, columns=tuple(column for column in table.columns if not columns or column.name in columns))


def restored(table: Table, rows: Sequence[Row], *more: str) -> pl.DataFrame:
    """Rows as read -> the table, with further whole-numbered columns at its end."""
    if not rows:
        return _without_rows(table.columns, more).clone()
    schema = {column.name: stored_type(column) for column in table.columns} | dict.fromkeys(more, pl.Int64())
    frame = pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)
    return frame.with_columns(_read(column) for column in table.columns if stored_type(column) != column.dtype)


@lru_cache(maxsize=1_000)
def _without_rows(columns: tuple[Column, ...], more: tuple[str, ...]) -> pl.DataFrame:
    """Made once: most readings find nothing new, and a frame without rows costs as much to make as one with some."""
    return pl.DataFrame(schema={column.name: column.dtype for column in columns} | dict.fromkeys(more, pl.Int64()))


def plain(column: Column, value: object) -> object:
    """One value in stored form."""
    series = pl.Series(column.name, [value])
    return _convert(column, series).item() if value is not None else None


def wanted_values(table: Table, where: Mapping[str, object | Sequence[object]]) -> dict[str, list[object]]:
    """Values in stored form that each named column may have."""
    wanted = {}
    for name, value in where.items():
        if name not in table.by_name:
            raise UnknownChoice(f"column of {table.name}", name, table.by_name)
        several = value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]
        wanted[name] = [plain(table.by_name[name], one) for one in several]
    return wanted


def _read(column: Column) -> pl.Expr:
    name = pl.col(column.name)
    if column.kind == "date":
        return name.cast(pl.Int32).cast(pl.Date)
    return name.cast(column.dtype)


def _spoilt(frame: pl.DataFrame) -> tuple[str, ...]:
    """Columns of text in which the character 0 stands, all of them asked at once."""
    texts = pl.col(pl.String, pl.Categorical, pl.Enum).cast(pl.String)
    found = frame.select(texts.str.contains("\0", literal=True).any())
    return tuple(column.name for column in found if column.item())


def _column(table: Table, column: Column, frame: pl.DataFrame, spoilt: bool) -> pl.Series:
    where = f"{table.name}.{column.name}"
    if column.name not in frame.columns:
        if column.required:
            raise LedgerError("column is missing", where=where, hint="every row needs it")
        return pl.Series(column.name, [None] * frame.height, dtype=stored_type(column))
    given = frame.get_column(column.name)
    if column.required and given.null_count():
        raise LedgerError("a value is missing", where=where, hint=f"row {given.is_null().arg_max()} has none")
    ready = _convert(column, given, where)
    bad = _impossible(column, ready, spoilt)
    if bad is not None:
        raise LedgerError(f"{bad!r} cannot be", where=where, hint=_bounds(column))
    return ready


def _convert(column: Column, given: pl.Series, where: str = "") -> pl.Series:
    """In stored form; only conversions that lose nothing."""
    name, kind, dtype = given.name, column.kind, given.dtype
    if dtype == pl.Null:
        return given.cast(stored_type(column))
    if kind == "text" and dtype in (pl.String, pl.Categorical, pl.Enum):
        return given.cast(pl.String)
    if kind == "binary" and dtype == pl.Binary:
        return given
    if kind in _WHOLE and (dtype.is_integer() or (kind == "flag" and dtype == pl.Boolean)):
        return _whole(given, where)
    if kind in _REAL and (dtype.is_float() or dtype.is_integer()):
        real = given.cast(pl.Float64)
        return real.set(real == 0.0, 0.0)  # SQLite keeps no negative zero
    if kind == "date" and dtype == pl.Date:
        return given.cast(pl.Int32).cast(pl.Int64)
    if kind == "moment" and isinstance(dtype, pl.Datetime) and dtype.time_zone == "UTC":
        return given.dt.epoch("us").alias(name)
    raise LedgerError(f"{dtype} is not {kind}", where=where or name, hint=f"give {column.dtype}")


def _whole(given: pl.Series, where: str) -> pl.Series:
    try:
        return given.cast(pl.Int64)
    except pl.exceptions.InvalidOperationError:
        raise LedgerError("a number is too large", where=where, hint="64 bits are kept") from None


def _impossible(column: Column, values: pl.Series, spoilt: bool) -> object | None:
    """The first value that cannot be, or None.

    spoilt  True for text in which the character 0 stands
    """
    low, high = _limits(column)
    bad = pl.Series(values.name, [False]).new_from_index(0, len(values))
    if column.kind in _REAL:
        bad = bad | ~values.is_finite()
    if spoilt:
        bad = bad | values.str.contains("\0", literal=True)
    if low is not None:
        bad = bad | (values < low)
    if high is not None:
        bad = bad | (values > high)
    wrong = values.filter(bad)
    return None if wrong.is_empty() else wrong[0]


def _limits(column: Column) -> tuple[float | None, float | None]:
    if column.kind == "moment":
        return 0, _LATEST
    return (0, 1) if column.kind == "flag" else (column.low, column.high)


def _bounds(column: Column) -> str:
    low, high = _limits(column)
    if column.kind == "text":
        return "text must not hold the character 0"
    return f"finite, from {'anything' if low is None else low} to {'anything' if high is None else high}"


def _keys(table: Table, frame: pl.DataFrame) -> None:
    for name in table.by_name:
        if (name in table.key or name in NAMES) and table.by_name[name].kind == "text" and (frame.get_column(name) == "").any():
            raise LedgerError("a name is empty", where=f"{table.name}.{name}", hint="every row needs one")
    twice = frame.filter(frame.select(table.key).is_duplicated())
    if not twice.is_empty():
        key = ", ".join(str(value) for value in twice.select(table.key).row(0))
        raise LedgerError(f"key {key} comes twice", where=table.name, hint="every row needs its own")
