"""Promises over time: were intervals as wide as they had to be, and did gains come as they were promised?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

RUNS = pl.Schema(
    {
        "run": pl.String,
        "since": pl.Date,
        "until": pl.Date,
        "products": pl.Int64,
        "coverage90": pl.Float64,
        "bias": pl.Float64,
        "promised": pl.Float64,
        "realised": pl.Float64,
        "realised_lo": pl.Float64,
        "realised_hi": pl.Float64,
    }
)
"""One row a run: number of changed products, share of them inside their 90 % interval, units over the promise less 1, gain promised and
realised a day with its 90 % interval. Null where the run cannot be reckoned yet."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """All runs together.

    runs, products   that could be reckoned
    coverage         share of the products inside their 90 % interval
    inside           number of runs whose promised gain lies inside the 90 % interval of the realised one
    promised, realised   gains a day, summed over the runs;  low, high: 90 % interval of the realised one, errors of runs being independent
    """

    runs: int
    products: int
    coverage: float
    inside: int
    promised: float
    realised: float
    low: float
    high: float


def calibration(runs: pl.DataFrame) -> Calibration | None:
    """Sum up rows of RUNS; None where none could be reckoned."""
    known = runs.filter(pl.col("realised").is_finite() & pl.col("coverage90").is_finite())
    if known.is_empty():
        return None
    products = int(known["products"].sum())
    low, high = known["realised_lo"].to_numpy(), known["realised_hi"].to_numpy()
    promised, width = known["promised"].to_numpy(), float(np.sqrt((((high - low) / 2.0) ** 2).sum()))
    realised = float(known["realised"].sum())
    return Calibration(
        runs=known.height,
        products=products,
        coverage=float((known["coverage90"] * known["products"]).sum()) / max(products, 1),
        inside=int(((low <= promised) & (promised <= high)).sum()),
        promised=float(promised.sum()),
        realised=realised,
        low=realised - width,
        high=realised + width,
    )
