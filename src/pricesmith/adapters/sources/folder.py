"""A shop folder on disk as a source: `data/<table>.csv`, `data/<table>.parquet`, or a folder of such files."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.tables import Table

from .csv_text import read_csv
from .large import LargeRows, count_rows

ENDINGS = (".csv", ".parquet")
LARGE_TABLES = ("sales",)
LARGE_ROWS = 10_000_000
NAMED = 12
"""Columns of a file that a message names at most."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they stand in their files (the protocol RawTable).

    frame  columns as in the files (CSV: text; Parquet: typed), `_file` (name within the folder), `_line` (the header of a CSV is line 1;
           for Parquet the number of the row, from 1), `_ragged` (text of a row with too many or too few fields)
    """

    frame: pl.DataFrame


class FolderSource:
    """The tables of a shop folder.

    path        folder that holds `data/`
    large_rows  tables of LARGE_TABLES in Parquet files with at least as many rows are not loaded but read in parts
    Raises DataError where the folder does not exist.
    """

    def __init__(self, path: Path | str, large_rows: int = LARGE_ROWS) -> None:
        self.path, self.large_rows = Path(path), large_rows
        if not self.path.is_dir():
            raise DataError("there is no such folder", where=str(path), hint="`pricesmith init DIR` writes an example shop")

    def files(self, table: Table) -> list[Path]:
        """The files of a table, sorted by name; a file and a folder of one name are both read."""
        data = self.path / "data"
        single = [data / (table.name + ending) for ending in ENDINGS]
        parts = [file for ending in ENDINGS for file in (data / table.name).glob(f"*{ending}")]
        return sorted(file for file in [*single, *parts] if file.is_file())

    def read(self, table: Table) -> Rows | LargeRows | None:
        """The rows of a table; None where it has no file. Raises DataError where a file cannot be read or lacks a required column."""
        files = self.files(table)
        if table.name in LARGE_TABLES and files and all(file.suffix == ".parquet" for file in files):
            named = {file.relative_to(self.path).as_posix(): file for file in files}
            counts = {name: count_rows(file, name) for name, file in named.items()}
            if sum(counts.values()) >= self.large_rows:
                return self._large(table, named, counts)
        frames = [self._one(file, table) for file in files]
        return Rows(_together(frames)) if frames else None

    def _large(self, table: Table, files: dict[str, Path], counts: dict[str, int]) -> LargeRows:
        for name, file in files.items():
            found = pl.read_parquet_schema(file)
            missing = table.lacking(found)
            if missing:
                raise _lacks(missing[0], list(found), table, name)
        return LargeRows(files, counts)

    def _one(self, file: Path, table: Table) -> pl.DataFrame:
        where = file.relative_to(self.path).as_posix()
        frame = read_csv(file, where) if file.suffix == ".csv" else _read_parquet(file, where)
        missing = table.lacking(frame.columns)
        if missing:
            raise _lacks(missing[0], frame.columns, table, where)
        return frame.with_columns(pl.lit(where).alias("_file"))


def _read_parquet(file: Path, where: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(file, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot be read as Parquet: {str(error).splitlines()[0]}", where=where) from None
    frame = frame.rename({name: f"({name})" for name in frame.columns if name.startswith("_")})
    return frame.with_row_index("_line", offset=1).with_columns(pl.col("_line").cast(pl.Int64))


def _lacks(name: str, found: list[str], table: Table, where: str) -> DataError:
    """The error for a missing column, with the columns found and the nearest of those that the table does not know."""
    columns = [column for column in found if not column.startswith("_")]
    near = difflib.get_close_matches(name, [column for column in columns if column not in table.by_name], n=1)
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        hint = (
            "columns are separated by commas here: save the file as CSV with commas between columns and points in decimals, "
            "or send it through the guide of `pricesmith serve`, which reads other headers, separators and encodings"
        )
    else:
        shown = ", ".join([*map(_shown, columns[:NAMED]), *([f"and {len(columns) - NAMED} more"] if len(columns) > NAMED else [])])
        hint = (
            f"columns found: {shown}; rename them, or send the file through the guide of `pricesmith serve`, which reads other headers, "
            "separators and encodings"
        )
        if near:
            hint = f"is it {near[0]!r}? {hint}"
    return DataError(f"column {name!r} is missing", where=where, hint=hint)


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Rows of all files; where their types differ, the column is text in all of them."""
    names = sorted({name for frame in frames for name in frame.columns})
    mixed = {name for name in names if len({str(frame.schema[name]) for frame in frames if name in frame.columns}) > 1}
    same = [frame.with_columns(pl.col(name).cast(pl.String, strict=False) for name in mixed if name in frame.columns) for frame in frames]
    return pl.concat(same, how="diagonal") if len(same) > 1 else same[0]


SOURCE = FolderSource
