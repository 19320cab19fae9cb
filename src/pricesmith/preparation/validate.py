"""Raw rows of one table -> typed rows, and those that cannot be, each with its first fault."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import RawTable
from pricesmith.contracts.tables import Table

from .parse import parse
from .prepared import QUARANTINE, Warning_, warn

PLACE = ("_file", "_line", "_ragged")
DEFAULTS: dict[str, dict[str, str]] = {
    "sales": {"channel": "default", "region": "default"},
    "orders": {"channel": "default", "region": "default"},
}
"""What a missing value of a column reads as."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome for one table.

    table       definition
    accepted    columns of the table's definition, sorted by key; no two rows with one key
    bad         rows set aside, as far as they could be read
    quarantine  the same rows, schema QUARANTINE
    rows        rows read
    source      raw rows with their place
    typed       rows as read, with their row number in `source`
    repeated    rows that repeat another one
    """

    table: Table
    accepted: pl.DataFrame
    bad: pl.DataFrame
    quarantine: pl.DataFrame
    rows: int
    repeated: int
    warnings: list[Warning_]
    source: pl.DataFrame
    typed: pl.DataFrame

    def without(self, strange: pl.Series, column: str, reason: str) -> Checked:
        """The same with the accepted rows where `strange` is True in quarantine."""
        keep = self.accepted.filter(~strange)
        marks = (pl.lit(column).alias("_column"), pl.lit(reason).alias("_reason"))
        moved = (
            self.typed.filter(pl.col("_reason").is_null())
            .join(self.accepted.filter(strange), on=self.table.key, how="semi", nulls_equal=True)
            .with_columns(marks)
        )
        entries = pl.concat([self.quarantine, _entries(self.table, self.source, moved)]).sort("file", "line")
        return replace(self, accepted=keep, bad=pl.concat([self.bad, moved]), quarantine=entries)


def validate(table: Table, raw: RawTable, timezone: str) -> Checked:
    """Type and check the rows of a table.

    A row goes to quarantine where a value cannot be, or where another row has the same key and other values: nothing says which of
    them is right, so all of them go. Rows that repeat another one in every column count once.
    Raises DataError where a required column is missing.
    """
    frame = _with_place(raw.frame)
    _require(table, frame)
    typed = _typed(table, frame, timezone)
    good, bad = typed.filter(pl.col("_reason").is_null()), typed.filter(pl.col("_reason").is_not_null())
    good, clash, repeated = _resolve(table, good)
    bad = pl.concat([bad, clash]) if clash.height else bad
    accepted = good.select(table.schema.names()).sort(table.key)
    warnings = _column_warnings(table, frame) + _repeat_warnings(table, repeated)
    return Checked(table, accepted, bad, _entries(table, frame, bad), frame.height, repeated, warnings, frame, typed)


def _with_place(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with all of `_file`, `_line`, `_ragged` and a row number."""
    missing = {"_file": pl.lit(""), "_line": pl.int_range(1, pl.len() + 1, dtype=pl.Int64), "_ragged": pl.lit(None, dtype=pl.String)}
    added = [value.alias(name) for name, value in missing.items() if name not in frame.columns]
    return frame.with_columns(added).with_row_index("_row")


def _require(table: Table, frame: pl.DataFrame) -> None:
    for name in table.required:
        if name not in frame.columns:
            found = ", ".join(column for column in frame.columns if not column.startswith("_"))
            raise DataError(f"column {name!r} is missing", where=table.name, hint=f"columns found: {found}")


def _typed(table: Table, frame: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """All columns of the definition typed, `_column` and `_reason` of the first fault of each row, and `_row`."""
    defaults = DEFAULTS.get(table.name, {})
    values, faults = [], []
    for column in table.columns:
        if column.name not in frame.columns:
            values.append(pl.lit(defaults.get(column.name), dtype=column.dtype).alias(column.name))
            continue
        parsed = parse(table.name, column, frame.schema[column.name], timezone)
        value = parsed.value.fill_null(defaults[column.name]) if column.name in defaults else parsed.value
        values.append(value.alias(column.name))
        faults.append((column.name, parsed.reason))
    frame = frame.with_columns(reason.alias(f"_fault_{name}") for name, reason in faults)
    ragged = pl.when(pl.col("_ragged").is_not_null())
    named = [pl.when(pl.col(f"_fault_{name}").is_not_null()).then(pl.lit(name)) for name, _ in faults]
    reason = ragged.then(pl.lit("ragged_row")).otherwise(pl.coalesce(f"_fault_{name}" for name, _ in faults))
    place = ragged.then(pl.lit("")).otherwise(pl.coalesce(named))
    typed = frame.select("_row", *values, place.alias("_column"), reason.alias("_reason"))
    return _crosschecked(table, typed)


def _crosschecked(table: Table, typed: pl.DataFrame) -> pl.DataFrame:
    """Faults that need two columns: a promotion that ends before it starts."""
    if table.name != "promotions":
        return typed
    wrong = pl.col("_reason").is_null() & (pl.col("end") < pl.col("start"))
    return typed.with_columns(
        pl.when(wrong).then(pl.lit("end")).otherwise("_column").alias("_column"),
        pl.when(wrong).then(pl.lit("out_of_range")).otherwise("_reason").alias("_reason"),
    )


def _resolve(table: Table, good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Rows without duplicates, rows whose key has several values, and how many rows repeat another one."""
    key, columns = list(table.key), table.schema.names()
    if not good.select(pl.struct(key).is_duplicated().any()).item():
        return good, good.clear(), 0
    doubled = good.filter(pl.struct(key).is_duplicated())
    clashing = doubled.unique(subset=columns).group_by(key).len().filter(pl.col("len") > 1)
    clash = doubled.join(clashing, on=key, how="semi", nulls_equal=True)
    rest = good.join(clashing, on=key, how="anti", nulls_equal=True)
    once = rest.unique(subset=columns, keep="first", maintain_order=True)
    marked = clash.with_columns(pl.lit("+".join(key)).alias("_column"), pl.lit("duplicate_key").alias("_reason"))
    return once, marked, rest.height - once.height


def _entries(table: Table, frame: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Quarantine entries: the value as it stands in the file; for a key, its parts joined by `|`."""
    if not bad.height:
        return pl.DataFrame(schema=QUARANTINE)
    rows = frame[bad["_row"]].with_columns(bad["_column"], bad["_reason"])
    value: Any = pl.when(pl.col("_reason") == "ragged_row").then("_ragged")
    for name in bad["_column"].unique():
        parts = [part for part in name.split("+") if part in frame.columns]
        if parts:
            text = pl.concat_str([pl.col(part).cast(pl.String, strict=False).fill_null("") for part in parts], separator="|")
            value = value.when(pl.col("_column") == name).then(text)
    entries = rows.select(
        pl.lit(table.name).alias("table"),
        pl.col("_file").alias("file"),
        pl.col("_line").alias("line"),
        pl.col("_column").alias("column"),
        value.alias("value"),
        pl.col("_reason").alias("reason"),
    )
    return entries.sort("file", "line").cast(QUARANTINE)


def _column_warnings(table: Table, frame: pl.DataFrame) -> list[Warning_]:
    unknown = [name for name in frame.columns if name not in table.by_name and name not in (*PLACE, "_row")]
    found = []
    for name in unknown:
        near = difflib.get_close_matches(name, table.by_name, n=1)
        advice = f"; did you mean {near[0]!r}?" if near and near[0] not in frame.columns else ""
        message = f"{table.name}: column {name!r} is not known and is ignored{advice}"
        found.append(warn("unknown_column", table.name, "warning", message, 1, [name]))
    return found


def _repeat_warnings(table: Table, repeated: int) -> list[Warning_]:
    if not repeated:
        return []
    message = f"{table.name}: {repeated} rows repeat another row in every column; each counts once"
    return [warn("exact_duplicate", table.name, "warning", message, repeated)]
