"""What a forecast that cannot see the last blocks of the history gets wrong on them: its level, and the width of its intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pricesmith.contracts.snapshot import Snapshot

from .boosting import history
from .clock import HORIZON, clock_of
from .lags import Floats, Ints
from .widths import level_shift, outside, widened, widening

BLOCKS = 2
LEAST_CELLS = 100
"""Cells, and a third of the periods, that must lie before a block."""

Foretell = Callable[[Snapshot, pl.DataFrame], pl.DataFrame]
"""A snapshot and rows (item, date, price, promo) -> the rows with units, units_lo, units_median and units_hi as a model of it has them."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What suits forecasts of blocks that they had not seen.

    level  log factor on all units
    halves factors on the lower and the upper half of the interval
    """

    level: float = 0.0
    halves: tuple[float, float] = (1.0, 1.0)

    def of(self, told: pl.DataFrame) -> pl.DataFrame:
        """The forecast, corrected; the mean stays inside the interval."""
        factor = float(np.exp(self.level))
        mean = told["units"].to_numpy() * factor
        low, middle, high = widened(_ends(told) * factor, self.halves).T
        low, high = np.minimum(low, mean), np.maximum(high, mean)
        return told.with_columns(
            units=pl.Series(mean), units_lo=pl.Series(low), units_median=pl.Series(np.clip(middle, low, high)), units_hi=pl.Series(high)
        )


def correction(snapshot: Snapshot, foretell: Foretell) -> Correction:
    """Forecast the last blocks of the history, each from what was known before it; no correction where the history is too short for one.

    Blocks are as long as forecasts reach, or a sixth of the history. Rows are items in periods in which they could be bought all the time,
    of items that had sold before.
    """
    found = list(_blocks(snapshot, foretell))
    if not found:
        return Correction()
    units = np.concatenate([block[0] for block in found])
    told = pl.concat([block[1] for block in found])
    number = np.repeat(np.arange(len(found)), [block[1].height for block in found])
    mean = np.maximum(told["units"].to_numpy(), 1e-9)
    level = level_shift(units, np.log(mean))
    factor = float(np.exp(level))
    clusters = len(np.unique(told["item"].to_numpy().astype(np.int64) * len(found) + number))
    return Correction(level, widening(units, mean * factor, _ends(told) * factor, outside(clusters)))


def _blocks(snapshot: Snapshot, foretell: Foretell) -> Iterator[tuple[Floats, pl.DataFrame]]:
    """(m,) units of each block that has some, and their forecast; latest first."""
    if snapshot.cells.height < LEAST_CELLS:
        return
    clock = clock_of(snapshot)
    past = history(snapshot, np.zeros(snapshot.cells.height), clock, 0)
    for start, end in spans(past.units.shape[1], HORIZON[snapshot.period]):
        day = _date(clock.day(np.array([start])))
        known = replace(snapshot, as_of=day, cells=snapshot.cells.filter(pl.col("date") < day))
        sold_before = past.open[:, :start].any(axis=1, keepdims=True)
        item, ahead = np.nonzero(past.open[:, start:end] & sold_before)
        period = start + ahead
        if known.cells.height < LEAST_CELLS or not past.units[item, period].any():
            continue
        dates = pl.Series(clock.day(period).astype("datetime64[D]")).cast(pl.Date)
        price, promo = np.exp(past.price[item, period]), past.promo[item, period].astype(np.int8)
        rows = pl.DataFrame({"item": item, "date": dates, "price": price, "promo": promo})
        yield past.units[item, period], foretell(known, _with_kinds(rows, snapshot.cells))


def _with_kinds(rows: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """The rows (item, date) with the kind of promotion of their cells."""
    kinds = cells.drop_nulls("promo_kind").group_by(pl.col("item").cast(pl.Int64), "date").agg(pl.col("promo_kind").max())
    return rows.join(kinds, on=["item", "date"], how="left", maintain_order="left")


def spans(periods: int, horizon: int) -> list[tuple[int, int]]:
    """First period of each block and the first after it, latest block first."""
    length = min(horizon, max(periods // 6, 1))
    pairs = [(periods - length * (number + 1), periods - length * number) for number in range(BLOCKS)]
    return [(start, end) for start, end in pairs if start >= max(periods // 3, 4)]


def _ends(told: pl.DataFrame) -> Floats:
    return told.select("units_lo", "units_median", "units_hi").to_numpy().astype(np.float64)


def _date(day: Ints) -> dt.date:
    date: dt.date = day.astype("datetime64[D]")[0].item()
    return date
