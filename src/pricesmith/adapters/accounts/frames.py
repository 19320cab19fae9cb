"""Lists of the accounts as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

_FLAGS, _MOMENTS = ("active", "revoked"), ("at", "expires", "made_at", "seen_at")


def frame_of(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pl.DataFrame:
    """Rows in stored form -> a table: moments in UTC, flags as Boolean, `scopes` as a list."""
    stored = {name: pl.Int64() if name in (*_FLAGS, *_MOMENTS) else pl.String() for name in columns}
    frame = pl.DataFrame([tuple(row) for row in rows], schema=stored, orient="row")
    return frame.with_columns(_read(name) for name in columns)


def _read(name: str) -> pl.Expr:
    column = pl.col(name)
    if name in _MOMENTS:
        return pl.from_epoch(column, "us").dt.replace_time_zone("UTC")
    if name == "scopes":
        return column.str.split(" ")
    return column.cast(pl.Boolean) if name in _FLAGS else column
