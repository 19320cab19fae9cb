"""Raw rows of one table -> typed rows, and those that cannot be, each with its first fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import RawTable
from pricesmith.contracts.shop import UNNAMED
from pricesmith.contracts.tables import TOLD_COSTS, Column, Table

from .ordering import sorted_by
from .parse import absent, parse, with_times
from .prepared import QUARANTINE, Warning_, warn
from .slips import meant

PLACE = ("_file", "_line", "_ragged")
BRACKETS = re.compile(r"\(.*\)")
DEFAULTS: dict[str, dict[str, str]] = {
    "sales": {"channel": UNNAMED, "region": UNNAMED},
    "orders": {"channel": UNNAMED, "region": UNNAMED},
}
"""What a missing value of a column reads as."""
ORDER = {"sales": ["sku", "channel", "region", "date"]}
"""Tables that are sorted otherwise than by their key as it stands: sales by item first."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome for one table.

    table       definition
    accepted    columns of the table's definition, sorted by key (sales by item first); no two rows with one key
    bad         rows set aside, as far as they could be read, with `_column` and `_reason` of the first fault
    quarantine  the same rows, schema QUARANTINE
    source      raw rows with their place
    sound       rows without a fault of their own, with their row number in `source`
    repeated    rows that repeat another one
    """

    table: Table
    accepted: pl.DataFrame
    bad: pl.DataFrame
    quarantine: pl.DataFrame
    source: pl.DataFrame
    sound: pl.DataFrame
    repeated: int
    warnings: list[Warning_]

    def places(self, rows: pl.DataFrame) -> list[str]:
        """Where the first 5 sound rows stand that agree with one of `rows` in each of its columns: "data/sales.csv:12"."""
        return _places(self.source, self.sound.join(rows, on=rows.columns, how="semi")["_row"])

    def without(self, strange: pl.Series, column: str, reason: str) -> Checked:
        """The same with the accepted rows where `strange` is True in quarantine."""
        moved = self.sound.join(self.accepted.filter(strange), on=self.table.key, how="semi", nulls_equal=True)
        marked = _marked(moved, column, reason)
        entries = pl.concat([self.quarantine, _entries(self.table, self.source, marked)]).sort("file", "line")
        return replace(self, accepted=self.accepted.filter(~strange), bad=pl.concat([self.bad, marked]), quarantine=entries)

    def unknown(self, strange: pl.Series, barred: Collection[str]) -> Checked:
        """The same with rows of unknown products in quarantine; `barred` are products whose own row is there."""
        aside = strange & self.accepted["sku"].is_in(pl.Series(list(barred), dtype=pl.String).implode())
        rest = self.without(aside, "sku", "product_set_aside") if aside.any() else self
        return rest.without(strange.filter(~aside), "sku", "unknown_sku") if (strange & ~aside).any() else rest


def validate(table: Table, raw: RawTable, timezone: str) -> Checked:
    """Type and check the rows of a table.

    A row goes to quarantine where a value cannot be, or where another row has the same key and other values: nothing says which of
    them is right, so all of them go. Rows that repeat another one in every column count once.
    Raises DataError where a required column is missing.
    """
    _require(table, raw.frame)
    frame = _with_place(table, raw.frame)
    sound, bad = _typed(table, frame, timezone)
    good, clash, again = _resolve(table, sound)
    bad = pl.concat([bad, clash])
    accepted = good.select(table.schema.names())
    warnings = column_warnings(table, raw.frame.columns) + repeat_warnings(table, len(again), _places(frame, again))
    return Checked(table, accepted, bad, _entries(table, frame, bad), frame, sound, len(again), warnings)


def _places(frame: pl.DataFrame, rows: pl.Series) -> list[str]:
    """The first 5 of some rows of a table. rows: values of `_row`"""
    few = frame[rows.unique()].select("_file", "_line").sort("_file", "_line").head(5)
    return [f"{file}:{line}" for file, line in few.iter_rows()]


def _marked(rows: pl.DataFrame, column: str, reason: str) -> pl.DataFrame:
    return rows.with_columns(pl.lit(column).alias("_column"), pl.lit(reason).alias("_reason"))


def _with_place(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """The known columns, those that rows may leave empty too, with all of `_file`, `_line`, `_ragged` and a row number."""
    empty = [pl.lit(None, dtype=pl.String).alias(name) for name in table.required if name not in frame.columns]
    frame = frame.with_columns(empty)
    missing = {"_file": pl.lit(""), "_line": pl.int_range(1, pl.len() + 1, dtype=pl.Int64), "_ragged": pl.lit(None, dtype=pl.String)}
    place = [pl.col(name) if name in frame.columns else value.alias(name) for name, value in missing.items()]
    return frame.select(*(name for name in table.by_name if name in frame.columns), *place).with_row_index("_row")


def _require(table: Table, frame: pl.DataFrame) -> None:
    for name in table.lacking(frame.columns):
        found = ", ".join(column for column in frame.columns if not column.startswith("_"))
        raise DataError(f"column {name!r} is missing", where=table.name, hint=f"columns found: {found}")


def _typed(table: Table, frame: pl.DataFrame, timezone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Typed rows in which nothing is wrong, and the others with `_column` and `_reason` of their first fault; both with `_row`."""
    given = [column for column in table.columns if column.name in frame.columns]
    parsed = {column.name: parse(table.name, column, frame.schema[column.name], timezone, _excused(column, frame)) for column in given}
    frame = with_times(table, frame, timezone)
    whole = pl.col("_ragged").is_null()
    sound = pl.all_horizontal(whole, *(one.sound for one in parsed.values()))
    read = frame.select("_row", *(one.value.alias(name) for name, one in parsed.items()), sound.alias("_sound"))
    good = read.filter("_sound").select("_row", *_schema(table, {name: pl.col(name) for name in parsed}))
    if good.height == frame.height and table.name != "promotions":
        return good, _marked(good.clear(), "", "")
    wrong = frame.filter(~read["_sound"])
    faults = wrong.select(one.reason.alias(name) for name, one in parsed.items())
    possible = {name: pl.when(faults[name].is_null()).then(one.value) for name, one in parsed.items()}
    ragged = pl.when(wrong["_ragged"].is_not_null())
    place = ragged.then(pl.lit("")).otherwise(pl.coalesce(pl.when(faults[name].is_not_null()).then(pl.lit(name)) for name in parsed))
    reason = ragged.then(pl.lit("ragged_row")).otherwise(pl.coalesce(faults[name] for name in parsed))
    bad = wrong.select("_row", *_schema(table, possible), place.alias("_column"), reason.alias("_reason"))
    return _crosschecked(table, good, bad)


def _excused(column: Column, frame: pl.DataFrame) -> pl.Expr | None:
    """Where a required cell may be empty: see `Column.unless`."""
    filled = [~absent(pl.col(name), frame.schema[name]) for name in column.unless if name in frame.columns]
    return pl.any_horizontal(filled) if filled else None


def _schema(table: Table, values: Mapping[str, pl.Expr]) -> list[pl.Expr]:
    """Every column of the definition in its type, defaults filled in."""
    defaults = DEFAULTS.get(table.name, {})
    columns = []
    for column in table.columns:
        value = values.get(column.name, pl.lit(None)).cast(column.dtype)
        columns.append((value.fill_null(defaults[column.name]) if column.name in defaults else value).alias(column.name))
    return columns


def _crosschecked(table: Table, good: pl.DataFrame, bad: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Faults that need two columns: a promotion that ends before it starts."""
    if table.name != "promotions":
        return good, bad
    wrong = pl.col("end") < pl.col("start")
    return good.filter(~wrong), pl.concat([bad, _marked(good.filter(wrong), "end", "out_of_range")])


def _resolve(table: Table, good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    """Rows sorted by key (or ORDER) without duplicates, rows whose key has several values, and `_row` of those that repeat another one."""
    key, columns = list(table.key), table.schema.names()
    good = sorted_by(good, ORDER.get(table.name, key))
    if not good.select(pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in key).slice(1).any()).item():
        return good, _marked(good.clear(), "", ""), good["_row"].clear()
    doubled = good.filter(pl.struct(key).is_duplicated())
    clashing = doubled.unique(subset=columns).group_by(key).len().filter(pl.col("len") > 1)
    clash = doubled.join(clashing, on=key, how="semi", nulls_equal=True)
    rest = good.join(clashing, on=key, how="anti", nulls_equal=True)
    once = rest.unique(subset=columns, keep="first", maintain_order=True)  # leaves one row of each key, so the sort by key is total
    return once, _marked(clash, "+".join(key), "duplicate_key"), rest.join(once, on="_row", how="anti")["_row"]


def _entries(table: Table, frame: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Quarantine entries: the value as it stands in the file; for a key, its parts joined by `|`."""
    if not bad.height:
        return pl.DataFrame(schema=QUARANTINE)
    rows = _flat(frame[bad["_row"]]).with_columns(bad["_column"], bad["_reason"])
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


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """Lists, structs and bytes as text."""
    nested = [column for column in rows.get_columns() if column.dtype.is_nested() or column.dtype == pl.Binary]
    return rows.with_columns(pl.Series(column.name, [str(value) for value in column.to_list()], dtype=pl.String) for column in nested)


def column_warnings(table: Table, columns: Sequence[str]) -> list[Warning_]:
    """Columns that the table does not know, each with the one that may be meant; those in brackets were kept aside on purpose."""
    beside = [name for name in columns if name not in table.by_name and name not in PLACE and not BRACKETS.fullmatch(name)]
    found = []
    for name in beside:
        if name in TOLD_COSTS and table.name in ("sales", "orders"):
            message = f"{table.name}: column {name!r} takes no part by itself; the page Data reads costs from it into the table of costs"
            found.append(warn("cost_column", table.name, "info", message, 1, [name]))
            continue
        begun = sorted((known for known in table.by_name if name.startswith(known)), key=len)[-1:]
        near = begun[0] if begun else meant(name, table.by_name)
        advice = f"; did you mean {near!r}?" if near and near not in columns else ""
        message = f"{table.name}: column {name!r} is not known and is ignored{advice}"
        found.append(warn("unknown_column", table.name, "warning", message, 1, [name]))
    return found


def repeat_warnings(table: Table, repeated: int, places: Sequence[str] = ()) -> list[Warning_]:
    """Rows that repeat another one. places: of the first of them"""
    if not repeated:
        return []
    if "units" in table.by_name:
        message = (
            f"{table.name}: {repeated} rows repeat another row in every column that is read; of each such row one is read, the rest are "
            "left out; where they are no repeats, add their units up in one row"
        )
    else:
        message = (
            f"{table.name}: {repeated} rows repeat another row in every column that is read; of each such row one is read, the rest are "
            "left out"
        )
    return [warn("exact_duplicate", table.name, "warning", message, repeated, places=places)]
