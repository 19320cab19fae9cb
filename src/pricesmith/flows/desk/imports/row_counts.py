"""How many rows files have, without looking at what stands in them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import polars as pl


def rows_of(files: Sequence[Path], delimiter: str = ",", encoding: str = "utf-8") -> int:
    """Rows below the headers, of CSV files that are written so and of Parquet files; a cell may hold several lines."""
    return sum(_rows(file, delimiter, encoding) for file in files)


def _rows(file: Path, delimiter: str, encoding: str) -> int:
    if file.suffix.lower() == ".parquet":
        return int(pl.scan_parquet(file).select(pl.len()).collect().item())
    if encoding.startswith("utf-16"):
        with file.open(encoding=encoding, newline="") as lines:
            return max(sum(bool(row) for row in csv.reader(lines, delimiter=delimiter)) - 1, 0)
    scan = pl.scan_csv(file, separator=delimiter, encoding="utf8-lossy", infer_schema=False, truncate_ragged_lines=True)
    return int(scan.select(pl.len()).collect().item())
