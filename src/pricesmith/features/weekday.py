"""The day of the week and of the month."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats

from .known import Family, Known


def weekday(known: Known) -> pl.Series:
    """Day of the week of the row's first day, as a name: `1` Monday to `7` Sunday."""
    return pl.Series(known.day).cast(pl.Int32).cast(pl.Date).dt.weekday().cast(pl.String)


def weekend(known: Known) -> Floats:
    """1 where the row's first day is a Saturday or Sunday."""
    return ((known.day + 3) % 7 >= 5).astype(np.float64)


def day_of_month(known: Known) -> Floats:
    """Day of the month of the row's first day."""
    return pl.Series(known.day).cast(pl.Int32).cast(pl.Date).dt.day().cast(pl.Float64).to_numpy()


FAMILY = Family("weekday", (weekday, weekend, day_of_month))
