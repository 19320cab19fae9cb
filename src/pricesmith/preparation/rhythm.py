"""What one sales row adds up, as the dates show it: rows of weeks lie on one weekday, rows of months on one day of the month."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LEAST, SHARE = 4, 0.95
"""Dates that are enough to tell; share of the rows that must lie on one weekday, or on one day of the month. The rest may be slips."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """period: `day`, `week` or `month`;  rows: those that lie so, of `total`"""

    period: str
    rows: int
    total: int


def rhythm(dates: pl.Series) -> Rhythm | None:
    """The rhythm of the dates of sales rows; None where there are too few.

    dates  one a row, null where it is not known
    """
    counts = dates.drop_nulls().alias("date").value_counts()
    total = int(counts["count"].sum())
    if counts.height < LEAST:
        return None
    for period, place in (("month", pl.col("date").dt.day()), ("week", pl.col("date").dt.weekday())):
        most = counts.group_by(place.alias("place")).agg(pl.col("count").sum(), pl.len().alias("dates")).sort("count").tail(1)
        if most["count"].item() >= SHARE * total and most["dates"].item() >= LEAST:
            return Rhythm(period, int(most["count"].item()), total)
    return Rhythm("day", total, total)
