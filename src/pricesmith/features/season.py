"""The time of year, as harmonics of the tropical year and as calendar parts."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats

from .known import Family, Known

YEAR = 365.2425


def _angle(known: Known, harmonic: int) -> Floats:
    """Middle of the row's period in the year, as an angle."""
    middle: Floats = known.day.astype(np.float64) + (known.length - 1) / 2.0
    return middle * (2.0 * np.pi * harmonic / YEAR)


def season_sin_1(known: Known) -> Floats:
    """Sine of the time of year, one cycle a year."""
    return np.sin(_angle(known, 1))


def season_cos_1(known: Known) -> Floats:
    """Cosine of the time of year, one cycle a year."""
    return np.cos(_angle(known, 1))


def season_sin_2(known: Known) -> Floats:
    """Sine of the time of year, two cycles a year."""
    return np.sin(_angle(known, 2))


def season_cos_2(known: Known) -> Floats:
    """Cosine of the time of year, two cycles a year."""
    return np.cos(_angle(known, 2))


def month(known: Known) -> pl.Series:
    """Month of the row's first day, as a name: `01` to `12`."""
    return pl.Series(known.day).cast(pl.Int32).cast(pl.Date).dt.strftime("%m")


FAMILY = Family("season", (season_sin_1, season_cos_1, season_sin_2, season_cos_2, month))
