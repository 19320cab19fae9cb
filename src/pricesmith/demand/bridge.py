"""From what was sold lately to what is expected: the steps between the two, product by product, so that they add up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.snapshot import Snapshot, days_of

PERIODS = {"day": 28, "week": 4, "month": 1}
"""The latest periods of the history that are looked at: four weeks, or a month."""
STEPS = ("promotions", "price", "season", "absent", "rest")


@dataclass(frozen=True, slots=True)
class Bridge:
    """Units a day of n items: what was sold in the latest periods, what is expected at today's prices, and what lies between.

    since     first day of the latest periods;  sold, expected: (n,)
    steps     each of STEPS -> (n,); sold plus all steps is expected
      promotions  those of then, its own and its family's, are not expected to run: neither their prices nor what else they add
      price       today's regular prices, its own and its family's, in place of those of then
      season      season, weekdays and events of the days ahead in place of those of then
      absent      it could not be bought all the time: out of stock, or not launched yet
      rest        more or less was sold than the model explains, and it does not expect that to last
    """

    since: dt.date
    sold: Floats
    expected: Floats
    steps: Mapping[str, Floats]


def latest(snapshot: Snapshot) -> pl.DataFrame:
    """Cells of the latest periods, with a list price: that charged where none is known."""
    dates = snapshot.cells["date"].unique().sort().tail(PERIODS[snapshot.period])
    cells = snapshot.cells.filter((pl.col("date") >= dates.min()) & (pl.col("price") > 0)) if len(dates) else snapshot.cells.clear()
    regular = pl.col("list_price").fill_nan(None)
    return cells.with_columns(list_price=pl.when(regular > 0).then(regular).otherwise("price"))


def bridge(snapshot: Snapshot, cells: pl.DataFrame, means: tuple[Floats, Floats, Floats], expected: Floats) -> Bridge:
    """Steps from the units of the cells to those expected.

    cells     of `latest`;  expected: (n,) units a day at today's prices
    means     units a period of each cell as the model has them: as it was; at its regular prices without promotion; at today's prices
    """
    item, days, available = (cells[name].to_numpy() for name in ("item", "days", "available"))
    window, length = _windows(cells, snapshot.cells, expected.size, snapshot.period), cells.select(days_of(snapshot.period)).to_series()

    def total(values: Floats) -> Floats:
        return np.bincount(item, values, expected.size).astype(np.float64)

    there = total(days * length.to_numpy())
    sold, fitted = (total(each) / window for each in (cells["units"].to_numpy(), means[0] * days * available))
    whole, regular, today = (np.where(there > 0, total(each * days) / np.where(there > 0, there, 1.0), expected) for each in means)
    steps = (regular - whole, today - regular, expected - today, whole - fitted, fitted - sold)
    since = cells["date"].min()
    return Bridge(since if isinstance(since, dt.date) else snapshot.as_of, sold, expected, dict(zip(STEPS, steps, strict=True)))


def _windows(cells: pl.DataFrame, history: pl.DataFrame, count: int, period: str) -> Floats:
    """Days of the cells' periods, item by item, (count,): a period counts for as much of it as the product that was there longest.

    One in which an item has no cell though it had one before was not observed, and counts for nothing; before its first it was not there.
    """
    parts = cells.group_by("item", "date").agg(pl.col("days").sum())
    periods = parts.group_by("date").agg(length=pl.col("days").max().clip(upper_bound=1.0)).with_columns(pl.col("length") * days_of(period))
    first = history.group_by("item").agg(pl.col("date").min().alias("first"))
    unseen = first.join(periods, how="cross").filter(pl.col("date") > pl.col("first")).join(parts, on=["item", "date"], how="anti")
    lost = np.bincount(unseen["item"].to_numpy(), unseen["length"].to_numpy(), count)
    found: Floats = np.maximum(float(periods["length"].sum()) - lost, 1e-9)
    return found
