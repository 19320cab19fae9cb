"""The cells of a snapshot as matrices of items by periods: what baselines and scores read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pricesmith.contracts.snapshot import Snapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

KEY = ("sku", "channel", "region")
"""Columns that tell one item from another, in every snapshot alike."""
CYCLES = {"day": 7, "week": 52, "month": 12}
"""Periods of the shortest season that a period length knows: days of a week, weeks or months of a year."""


@dataclass(frozen=True, slots=True)
class Panel:
    """n items over T periods in a row.

    items    (n) rows of table ITEMS, in the order of the matrices
    dates    (T) first day of each period
    seen     (n, T) the item was on sale for the whole period and its sales are known
    units    (n, T) units sold in the period, 0 where not seen
    price    (n, T) unit price, major units; NaN before the first cell, else the last known price
    promo    (n, T) 1 where the price was a promotion, 0 elsewhere
    kind     (n, T) place of the promotion's kind in `kinds`, of which the first is "": none is said
    events   (T, E) 1 where the event falls into the period
    """

    items: pl.DataFrame
    period: str
    dates: tuple[dt.date, ...]
    seen: Flags
    units: Floats
    price: Floats
    promo: Floats
    kind: Ints
    kinds: tuple[str, ...]
    events: Floats

    @property
    def cycle(self) -> int:
        return CYCLES[self.period]

    def index(self, day: dt.date) -> int:
        """Number of the period that holds the day; T for days after the last one."""
        return int(np.searchsorted(np.array(self.dates), np.array(day), side="right")) - 1 if day < self._end else len(self.dates)

    @property
    def _end(self) -> dt.date:
        return step(self.dates[-1], self.period, 1)

    def codes(self, column: str) -> Ints:
        """(n,) the column of items as numbers from 0, nulls included as a value."""
        return self.items[column].cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) - 1


def step(day: dt.date, period: str, count: int) -> dt.date:
    """The day `count` periods later; months keep their first day."""
    if period == "month":
        months = day.year * 12 + day.month - 1 + count
        return dt.date(months // 12, months % 12 + 1, 1)
    return day + dt.timedelta(days=count * {"day": 1, "week": 7}[period])


def panel(snapshot: Snapshot) -> Panel:
    """All cells of the snapshot. Several cells of an item in one period add up; their price is the mean over their time."""
    weight = pl.col("days").clip(1e-9)
    merged = snapshot.cells.group_by("item", "date").agg(
        pl.col("units").sum(),
        (pl.col("price") * weight).sum() / weight.sum(),
        pl.col("promo").fill_null(0).max(),
        pl.col("promo_kind").fill_null("").max(),
        (pl.col("days") * pl.col("available")).sum().alias("open"),
    )
    first = merged["date"].min()
    assert isinstance(first, dt.date), "a snapshot without cells has no panel"
    dates = _dates(first, merged["date"].max(), snapshot.period)  # type: ignore[arg-type]
    row = merged["item"].to_numpy().astype(np.int64)
    column = _columns(merged["date"], dates)
    shape = (snapshot.items.height, len(dates))
    seen = np.zeros(shape, dtype=bool)
    seen[row, column] = merged["open"].to_numpy() > 0.999
    kinds = ("", *sorted(set(merged["promo_kind"]) - {""}))
    kind = np.zeros(shape, dtype=np.int64)
    kind[row, column] = merged["promo_kind"].replace_strict(kinds, range(len(kinds)), return_dtype=pl.Int64).to_numpy()
    units, promo, price = np.zeros(shape), np.zeros(shape), np.full(shape, np.nan)
    units[row, column] = merged["units"].to_numpy()
    promo[row, column] = merged["promo"].to_numpy()
    price[row, column] = merged["price"].to_numpy()
    items = snapshot.items.sort("item")
    seen &= ~_closed(items, units)
    return Panel(items, snapshot.period, dates, seen, units * seen, _carry(price), promo, kind, kinds, _events(snapshot, dates))


def _closed(items: pl.DataFrame, units: Floats) -> Flags:
    """(n, T) True where a place (channel, region) of three items or more that sells in most periods sold nothing: not observed."""
    place = items.select(pl.struct("channel", "region").rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    total = np.zeros((place.max() + 1, units.shape[1]))
    np.add.at(total, place, units)
    usual = ((total > 0).mean(axis=1) > 0.5) & (np.bincount(place) >= 3)
    closed: Flags = ((total == 0) & usual[:, None])[place]
    return closed


def _dates(first: dt.date, last: dt.date, period: str) -> tuple[dt.date, ...]:
    days = [first]
    while days[-1] < last:
        days.append(step(days[-1], period, 1))
    return tuple(days)


def _columns(days: pl.Series, dates: tuple[dt.date, ...]) -> Ints:
    grid = np.array(dates, dtype="datetime64[D]")
    return np.searchsorted(grid, days.to_numpy().astype("datetime64[D]"), side="right").astype(np.int64) - 1


def _carry(price: Floats) -> Floats:
    """Fill gaps with the last value to the left."""
    known = np.where(np.isfinite(price), np.arange(price.shape[1]), -1)
    last = np.maximum.accumulate(known, axis=1)
    return np.where(last >= 0, np.take_along_axis(price, np.maximum(last, 0), axis=1), np.nan)


def _events(snapshot: Snapshot, dates: tuple[dt.date, ...]) -> Floats:
    until = step(dates[-1], snapshot.period, 1)
    inside = snapshot.calendar.filter((pl.col("date") >= dates[0]) & (pl.col("date") < until)).unique(["date", "event"])
    names = sorted(inside["event"].unique().to_list())
    flags = np.zeros((len(dates), len(names)))
    if names:
        place = inside["event"].replace_strict(names, list(range(len(names))), return_dtype=pl.Int64).to_numpy()
        flags[_columns(inside["date"], dates), place] = 1.0
    return flags
