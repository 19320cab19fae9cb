"""What happened, per group and day, so laid out that any past window is two look-ups and a subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

_SPAN = 1 << 22
_ZERO = 1 << 21


def keys(group: Ints, day: Ints) -> Ints:
    """One number a (group, day) that sorts by group, then day. Days count from 1970-01-01."""
    return group.astype(np.int64) * _SPAN + (day + _ZERO)


@dataclass(frozen=True, slots=True)
class History:
    """One row a (group, day), ascending.

    key      (m,) from `keys`
    values   column -> (m,) value of that day, NaN where unknown
    running  column -> (m,) sum of the group's values up to and including that day, unknown ones left out; a group's sums start anew,
             so that no other group and no later day can change a bit of them
    """

    key: Ints
    values: dict[str, Floats]
    running: dict[str, Floats]

    @classmethod
    def of(cls, daily: pl.DataFrame, group: str, sums: Sequence[str], lasts: Sequence[str] = ()) -> History:
        """Lay out a frame with one row a (group, day): running sums of `sums`, daily values of `lasts`."""
        ordered = daily.sort(group, "day")
        running = ordered.select(pl.col(name).cast(pl.Float64).fill_nan(None).fill_null(0.0).cum_sum().over(group) for name in sums)
        return cls(
            keys(ordered[group].cast(pl.Int64).to_numpy(), ordered["day"].cast(pl.Int64).to_numpy()),
            {name: ordered[name].cast(pl.Float64).to_numpy() for name in lasts},
            {name: running[name].to_numpy() for name in sums},
        )

    def before(self, group: Ints, day: Ints) -> Ints:
        """(n,) number of history rows that come before (group, day)."""
        return np.searchsorted(self.key, keys(group, day), side="left").astype(np.int64)

    def first(self, group: Ints) -> Ints:
        """(n,) number of history rows of the groups before `group`."""
        return np.searchsorted(self.key, group.astype(np.int64) * _SPAN, side="left").astype(np.int64)

    def last(self, column: str, end: Ints, start: Ints) -> Floats:
        """(n,) value of the last row in [start, end); NaN where there is none."""
        if not self.key.size:
            return np.full(end.size, np.nan)
        return np.where(end > start, self.values[column][np.maximum(end - 1, 0)], np.nan)

    def total(self, column: str, start: Ints, end: Ints, first: Ints) -> Floats:
        """(n,) sum over the rows [start, end) of one group whose rows begin at `first`."""
        if not self.key.size:
            return np.zeros(end.size)
        sums = self.running[column]
        upper = np.where(end > first, sums[np.maximum(end - 1, 0)], 0.0)
        lower = np.where(start > first, sums[np.maximum(start - 1, 0)], 0.0)
        return upper - lower
