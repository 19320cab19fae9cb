"""Parquet tables that are not loaded as rows: read in parts, and picked from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError

PART_ROWS = 1_000_000
"""Rows that are held at a time."""


@dataclass(frozen=True)
class LargeRows:
    """A typed table in Parquet files (the protocol LargeTable).

    files   name within the shop folder -> path
    counts  name within the shop folder -> number of rows
    """

    files: dict[str, Path]
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @cached_property
    def schema(self) -> pl.Schema:
        """Columns of all files: numbers of several types as Float64, any other column of several types as text."""
        kinds: dict[str, set[pl.DataType]] = {}
        for path in self.files.values():
            for column, kind in _scan(path).collect_schema().items():
                kinds.setdefault(column, set()).add(kind)
        return pl.Schema({column: _common(found) for column, found in kinds.items()})

    @property
    def frame(self) -> pl.DataFrame:
        return self.pick(pl.lit(True))

    def parts(self) -> Iterator[pl.LazyFrame]:
        """All rows in pieces of at most PART_ROWS, none of which is read before it is collected."""
        for name, rows in self.counts.items():
            whole = self._file(name)
            for start in range(0, rows, PART_ROWS):
                yield whole if rows <= PART_ROWS else whole.slice(start, PART_ROWS)

    def pick(self, wanted: pl.Expr) -> pl.DataFrame:
        """The rows for which the expression holds, with `_file` and `_line` (number of the row in its file, from 1)."""
        picked = [
            self._file(name)
            .with_row_index("_line", offset=1)
            .filter(wanted)
            .with_columns(pl.col("_line").cast(pl.Int64), pl.lit(name).alias("_file"))
            .collect()
            for name in self.files
        ]
        return pl.concat(picked)

    def _file(self, name: str) -> pl.LazyFrame:
        """A file with the columns of all files: those that it lacks hold nulls."""
        scan = _scan(self.files[name])
        own = scan.collect_schema()
        absent = [pl.lit(None, dtype=kind).alias(column) for column, kind in self.schema.items() if column not in own]
        changed = [pl.col(column).cast(kind, strict=False) for column, kind in self.schema.items() if own.get(column, kind) != kind]
        return scan.with_columns(*absent, *changed).select(self.schema.names())


def _scan(path: Path) -> pl.LazyFrame:
    """A file; names that start with an underscore are ours, so those of the file are put in brackets."""
    scan = pl.scan_parquet(path, hive_partitioning=False)
    return scan.rename({name: f"({name})" for name in scan.collect_schema() if name.startswith("_")})


def _common(kinds: set[pl.DataType]) -> pl.DataType:
    if len(kinds) == 1:
        return next(iter(kinds))
    return pl.Float64() if all(kind.is_numeric() for kind in kinds) else pl.String()


def count_rows(path: Path, where: str) -> int:
    """Rows of a Parquet file, from its footer. Raises DataError where it is none."""
    try:
        return int(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot be read as Parquet: {str(error).splitlines()[0]}", where=where) from None
