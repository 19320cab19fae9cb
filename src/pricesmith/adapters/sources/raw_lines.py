"""Rows of a file as they stand there, by their line: what somebody has to look at who mends them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

MOST_BYTES, LONGEST = 256 * 2**20, 2000
"""Bytes of a CSV file that are looked through at most, and characters of a line that are shown."""


def raw_lines(path: Path, lines: Iterable[int]) -> dict[int, str]:
    """Line -> its text. In a CSV file the header is line 1; in Parquet rows count from 1. Lines that cannot be found are left out."""
    wanted = sorted(set(lines))
    try:
        return _of_parquet(path, wanted) if path.suffix == ".parquet" else _of_text(path, wanted)
    except (OSError, pl.exceptions.PolarsError):
        return {}


def _of_text(path: Path, wanted: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    left, read = set(wanted), 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            read += len(line)
            if number in left:
                found[number] = line.decode("utf-8", errors="replace").rstrip("\r\n").removeprefix("\ufeff")[:LONGEST]
                left.remove(number)
            if not left or read > MOST_BYTES:
                break
    return found


def _of_parquet(path: Path, wanted: list[int]) -> dict[int, str]:
    rows = pl.scan_parquet(path, hive_partitioning=False).with_row_index("_line", offset=1).filter(pl.col("_line").is_in(wanted)).collect()
    shown = [name for name in rows.columns if name != "_line"]
    texts = rows.select(shown).iter_rows()
    return {
        number: ", ".join(f"{name} = {value}" for name, value in zip(shown, row, strict=True))[:LONGEST]
        for number, row in zip(rows["_line"], texts, strict=True)
    }
