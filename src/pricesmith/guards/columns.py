"""Columns of CHANGES as arrays that cannot lie: what is null, absent, infinite or of a wrong kind becomes NaN, and NaN holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats
from pricesmith.contracts.guard import Verdict

HOUR = 3.6e9
"""Microseconds."""
SLACK = 1e-9
"""Relative float error forgiven where a price stands exactly on a bound."""


def number(changes: pl.DataFrame, name: str) -> Floats:
    """(n,) Float64; NaN where null, not finite, absent, or no number."""
    given = changes.get_column(name, default=None)
    if given is None or not given.dtype.is_numeric():
        return np.full(changes.height, np.nan)
    values = np.asarray(given.cast(pl.Float64).to_numpy(), dtype=np.float64)
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.nan)


def moment(changes: pl.DataFrame, name: str) -> Floats:
    """(n,) microseconds since 1970 UTC; NaN where null, absent, or no moment with a time zone."""
    given = changes.get_column(name, default=None)
    if given is None or not isinstance(given.dtype, pl.Datetime) or given.dtype.time_zone is None:
        return np.full(changes.height, np.nan)
    return np.asarray(given.cast(pl.Datetime("us", "UTC")).to_physical().cast(pl.Float64).to_numpy(), dtype=np.float64)


def micros(at: dt.datetime) -> float:
    """Microseconds since 1970 of a moment with a time zone."""
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1)


def age_hours(changes: pl.DataFrame, name: str, at: dt.datetime) -> Floats:
    """(n,) hours from a moment until `at`; NaN where unknown, negative where it lies ahead."""
    return np.asarray((micros(at) - moment(changes, name)) / HOUR)


def maybe(changes: pl.DataFrame, name: str) -> Flags:
    """(n,) True unless the flag is exactly 0: what is unknown is taken as so."""
    return np.asarray(number(changes, name) != 0.0)


def undoing(changes: pl.DataFrame) -> Flags:
    """(n,) True where the flag `undo` is exactly 1."""
    return np.asarray(number(changes, "undo") == 1.0)


def held(count: int, reasons: Sequence[tuple[str, Any]]) -> Verdict:
    """Verdict of (code, (n,) flags) pairs; where several are true the first one counts."""
    codes = np.full(count, "", dtype=object)
    for code, flags in reversed(reasons):
        codes[flags] = code
    return Verdict(codes)
