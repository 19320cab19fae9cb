"""Periods of a shop as numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.snapshot import Snapshot

from .lags import Ints
from .panel import days_since_epoch

HORIZON = {"day": 28, "week": 8, "month": 6}
"""Periods ahead that forecasts tell apart; farther ones are foretold like the last of them."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Periods of a shop as numbers: 0 is the period of the first cell.

    first   day of the first cell, days since 1970-01-01
    period  "day", "week" or "month"
    """

    first: int
    period: str

    def number(self, day: Ints) -> Ints:
        """Periods since the first one."""
        if self.period == "month":
            months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            start = np.int64(self.first).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return np.asarray(months - start, dtype=np.int64)
        return np.asarray((day - self.first) // (7 if self.period == "week" else 1), dtype=np.int64)

    def day(self, number: Ints) -> Ints:
        """First day of the period."""
        if self.period == "month":
            start = np.int64(self.first).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
            return np.asarray((number + start).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64), dtype=np.int64)
        return np.asarray(self.first + number * (7 if self.period == "week" else 1), dtype=np.int64)


def clock_of(snapshot: Snapshot) -> Clock:
    """The clock of a snapshot's cells."""
    return Clock(int(days_since_epoch(snapshot.cells["date"]).min()), snapshot.period)
