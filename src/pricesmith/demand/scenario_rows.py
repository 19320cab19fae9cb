"""Rows that are to be foretold: as numbers before, with their forecast after."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .panel import days_since_epoch
from .state import Known


def rows_of(rows: pl.DataFrame, known: Known) -> tuple[Ints, Ints, Floats, Floats]:
    """Item, day, log price over the reference, and promotion of each row."""
    item = rows["item"].to_numpy().astype(np.int64)
    price = np.log(np.maximum(rows["price"].cast(pl.Float64).to_numpy(), 1e-9) / known.reference[item])
    return item, days_since_epoch(rows["date"]), price, rows["promo"].cast(pl.Float64).fill_null(0.0).to_numpy()


def told(scenario: pl.DataFrame, mean: Floats, low: Floats, middle: Floats, high: Floats) -> pl.DataFrame:
    """The scenario with its forecast; the mean lies inside the interval."""
    return scenario.with_columns(
        units=pl.Series(mean),
        units_lo=pl.Series(np.minimum(low, mean)),
        units_median=pl.Series(np.clip(middle, np.minimum(low, mean), np.maximum(high, mean))),
        units_hi=pl.Series(np.maximum(high, mean)),
    )
