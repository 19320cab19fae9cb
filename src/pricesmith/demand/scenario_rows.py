"""Rows that are to be foretold: as numbers before, with their forecast after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints

from .panel import days_since_epoch
from .promotion_kinds import Kinds
from .state import Known


@dataclass(frozen=True, slots=True)
class Rows:
    """N rows: item, day, log price over the reference, promotion (0 or 1), and place of its kind among the model's."""

    item: Ints
    day: Ints
    price: Floats
    promo: Floats
    kind: Ints


def rows_of(rows: pl.DataFrame, known: Known, kinds: Kinds) -> Rows:
    """Rows with columns item, date, price (major units), promo and, where it is known, promo_kind."""
    item = rows["item"].to_numpy().astype(np.int64)
    price = np.log(np.maximum(rows["price"].cast(pl.Float64).to_numpy(), 1e-9) / known.reference[item])
    promo = rows["promo"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return Rows(item, days_since_epoch(rows["date"]), price, promo, kinds.codes(rows))


def told(scenario: pl.DataFrame, mean: Floats, low: Floats, middle: Floats, high: Floats) -> pl.DataFrame:
    """The scenario with its forecast; the mean lies inside the interval."""
    return scenario.with_columns(
        units=pl.Series(mean),
        units_lo=pl.Series(np.minimum(low, mean)),
        units_median=pl.Series(np.clip(middle, np.minimum(low, mean), np.maximum(high, mean))),
        units_hi=pl.Series(np.maximum(high, mean)),
    )
