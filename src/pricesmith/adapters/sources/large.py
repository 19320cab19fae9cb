"""Parquet tables that are not loaded as rows: streamed, and picked from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from pricesmith.contracts.errors import DataError


@dataclass(frozen=True)
class LargeRows:
    """A typed table in Parquet files (the protocol LargeTable).

    files  name within the shop folder -> path
    rows   number of rows in all files
    """

    files: dict[str, Path]
    rows: int

    @cached_property
    def lazy(self) -> pl.LazyFrame:
        return pl.scan_parquet(list(self.files.values()), hive_partitioning=False, missing_columns="insert", extra_columns="ignore")

    @property
    def frame(self) -> pl.DataFrame:
        return self.pick(pl.lit(True))

    def pick(self, wanted: pl.Expr) -> pl.DataFrame:
        """The rows for which the expression holds, with `_file` and `_line` (number of the row in its file, from 1)."""
        parts = [
            pl.scan_parquet(path, hive_partitioning=False)
            .with_row_index("_line", offset=1)
            .filter(wanted)
            .with_columns(pl.col("_line").cast(pl.Int64), pl.lit(name).alias("_file"))
            .collect()
            for name, path in self.files.items()
        ]
        return pl.concat(parts, how="diagonal_relaxed")


def count_rows(path: Path, where: str) -> int:
    """Rows of a Parquet file, from its footer. Raises DataError where it is none."""
    try:
        return int(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"cannot be read as Parquet: {str(error).splitlines()[0]}", where=where) from None
