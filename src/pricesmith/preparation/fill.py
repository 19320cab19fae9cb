"""Days (weeks, months) without a sales row: a product on sale that nobody bought, at the last known price."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

LONG_GAP = 7
"""A run of this many days without any row in a shop that sells on most days is a hole in the data, not a time without sales."""
MOST_DAYS = 0.5


@dataclass(frozen=True, slots=True)
class Grid:
    """The periods in which the shop was observed.

    days     (g,) first day of each, as days since 1970-01-01, ascending
    regular  False where the dates fit no weekly or monthly rhythm: then nothing is filled in
    holes    (h, 2) first and last day of long gaps, which are left out (period "day"); one may reach to the day before the run
    """

    days: NDArray[np.int64]
    regular: bool
    holes: NDArray[np.int64]


def grid_of(dates: pl.Series, period: str, as_of: dt.date) -> Grid:
    """The grid of the dates on which the shop has rows, up to the day before `as_of`."""
    seen = dates.unique().sort().cast(pl.Int32).to_numpy().astype(np.int64)
    none = np.zeros((0, 2), dtype=np.int64)
    if period == "week":
        return Grid(seen, bool(((seen - seen[:1]) % 7 == 0).all()), none)
    if period == "month":
        return Grid(seen, dates.dt.day().n_unique() <= 1, none)
    if not len(seen):
        return Grid(seen, True, none)
    end = (as_of - dt.date(1970, 1, 1)).days
    days, marks = np.arange(seen[0], end), np.append(seen, end)
    long = np.flatnonzero(np.diff(marks) > LONG_GAP)
    holes = np.stack([marks[long] + 1, marks[long + 1] - 1], axis=1) if len(long) else none
    lost = int((holes[:, 1] - holes[:, 0] + 1)[holes[:, 0] < seen[-1]].sum())
    if len(seen) < MOST_DAYS * (seen[-1] - seen[0] + 1 - lost):
        return Grid(days, True, none)
    inside = np.searchsorted(holes[:, 0], days, side="right") - np.searchsorted(holes[:, 1], days, side="left")
    return Grid(days[inside == 0], True, holes)


def filled(rows: pl.DataFrame, unknown: pl.DataFrame, spans: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Observed rows and rows of zero units for periods without one.

    rows     columns item, date, price, promo, promo_kind, list_price, units, views, suspect; sorted by item, date
    unknown  item, date of periods that were not observed: no row is made for them
    spans    item, first, last: dates between which the item was on sale
    returns  rows without the suspect ones, with the filled ones, and column `made` (True where filled in); sorted by item, date
    """
    empty = _absent(rows, unknown, spans, grid) if grid.regular else rows.clear().select("item", "date")
    if not empty.height:
        return rows.filter(~pl.col("suspect")).with_columns(made=pl.lit(False)).drop("suspect")
    both = pl.concat([rows.with_columns(made=pl.lit(False)), empty.with_columns(made=pl.lit(True))], how="diagonal").sort(
        "item", "date", maintain_order=True
    )
    usable = ~pl.col("made") & ~pl.col("suspect")
    last = {name: pl.when(usable).then(name) for name in ("price", "promo", "list_price")}
    kinds = rows["promo_kind"].null_count() < rows.height
    last |= {"promo_kind": pl.when(usable).then(pl.col("promo_kind").fill_null(""))} if kinds else {}
    both = both.with_columns(
        *(value.forward_fill().over("item").alias(f"_{name}_before") for name, value in last.items()),
        *(value.backward_fill().over("item").alias(f"_{name}_after") for name, value in last.items()),
    )
    amid = (pl.col("_promo_before") == 1) & (pl.col("_promo_after") == 1) & (pl.col("_price_before") == pl.col("_price_after"))
    regular = pl.coalesce("_list_price_before", "_list_price_after")
    both = both.with_columns(
        units=pl.when("made").then(0.0).otherwise("units"),
        promo=pl.when("made").then(amid.fill_null(False).cast(pl.Int8)).otherwise("promo"),
        promo_kind=_kind(amid) if kinds else pl.lit(None, pl.String),
        price=pl.when(pl.col("made") & amid.fill_null(False)).then("_price_before").when("made").then(regular).otherwise("price"),
        list_price=pl.when("made").then(regular).otherwise("list_price"),
    )
    return both.filter(~pl.col("suspect").fill_null(False) & pl.col("price").is_not_null()).select(*rows.columns, "made").drop("suspect")


def _kind(amid: pl.Expr) -> pl.Expr:
    """Kind of a filled row amid a promotion, where it is the same on both sides; else the row's own."""
    before, after = pl.col("_promo_kind_before"), pl.col("_promo_kind_after")
    alike = amid & (before == after) & (before != "")
    return pl.when(pl.col("made") & alike.fill_null(False)).then(before).when(~pl.col("made")).then("promo_kind")


def _absent(rows: pl.DataFrame, unknown: pl.DataFrame, spans: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """(item, date) on the grid within an item's span, without a row and not unknown."""
    count, items = len(grid.days), spans["item"].to_numpy()
    if not count or not len(items):
        return rows.clear().select("item", "date")
    low = np.searchsorted(grid.days, _days(spans["first"]), side="left")
    high = np.maximum(np.searchsorted(grid.days, _days(spans["last"]), side="right"), low)
    owner = np.repeat(np.arange(len(items)), high - low)
    start = np.cumsum(high - low) - (high - low)
    position = np.arange(len(owner)) - start[owner] + low[owner]
    wanted = items[owner].astype(np.int64) * count + position
    taken = np.zeros((int(items.max()) + 1) * count, dtype=bool)
    for frame in (rows, unknown):
        at = np.searchsorted(grid.days, _days(frame["date"]))
        on = (at < count) & (grid.days[np.minimum(at, count - 1)] == _days(frame["date"]))
        code = frame["item"].to_numpy().astype(np.int64) * count + at
        taken[code[on & (code < len(taken))]] = True
    free = ~taken[wanted]
    dates = pl.Series("date", grid.days[position[free]].astype(np.int32), dtype=pl.Int32).cast(pl.Date)
    return pl.DataFrame({"item": pl.Series(items[owner[free]], dtype=pl.Int32), "date": dates})


def _days(dates: pl.Series) -> NDArray[np.int64]:
    return dates.cast(pl.Int32).to_numpy().astype(np.int64)
