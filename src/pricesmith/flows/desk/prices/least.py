"""Changes by the least profit that they are expected to bring: round amounts to choose from, and one that is typed."""

from __future__ import annotations

import math

import polars as pl

from pricesmith.contracts.errors import UsageError

POWERS = range(-2, 6)
"""Tens whose one, two and five fold is offered."""


def amount(text: str) -> float:
    """Raises UsageError for what is no amount."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise UsageError(f"{text!r} is no amount of money", where="least", hint="major units a day, such as 1 or 0.5")
    return found


def steps(table: pl.DataFrame) -> dict[str, int]:
    """Round amounts that some of the changes bring and others do not, as they are written, with how many bring each."""
    gain = table.filter((pl.col("action") == "change") & pl.col("profit_change").is_finite())["profit_change"]
    every = {f"{factor * 10.0**power:g}": int((gain >= factor * 10.0**power).sum()) for power in POWERS for factor in (1, 2, 5)}
    return {text: count for text, count in every.items() if 0 < count < gain.len()}
