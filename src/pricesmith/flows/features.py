"""The features of a shop as of a day, and which of them say something about its demand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.features.build import ROW, build
from pricesmith.features.select import Selection, select

from .batch import Loaded, Progress, silent, take

ALWAYS = ("log_price", "promo")
"""The price and the promotion stay whatever they say: their effect is what is asked."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Features of every cell, and the verdict on each.

    table      columns item, date, price, promo, then the features; one row a cell of the snapshot
    selection  which features to keep for forecasting units per available day, and why the others go
    """

    snapshot: Snapshot
    table: pl.DataFrame
    selection: Selection


def judge(loaded: Loaded, as_of: dt.date | None = None, *, lead_days: int = 0, progress: Progress = silent) -> Judged:
    """Build the features of a shop and judge them against its units per available period; cells never available do not count."""
    progress("snapshot")
    snapshot = take(loaded, as_of)
    progress("features")
    built = build(snapshot, lead_days=lead_days)
    exposure = snapshot.cells["days"] * snapshot.cells["available"]
    open_ = exposure > 0
    rate = (snapshot.cells["units"] / exposure).filter(open_)
    selection = select(built.filter(open_), rate, keep=ALWAYS)
    keys = snapshot.cells.select(ROW).rename({"promo": "promo_flag"})
    return Judged(snapshot, pl.concat([keys, built], how="horizontal"), selection)
