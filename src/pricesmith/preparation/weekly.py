"""Sales by item, week, price and promotion: sums that add, so that a large history can be read in streams.

A sum keeps which days it covers: each row adds 2**(day of the week) to the low half of `mask` and 1 to its high half. Sums of distinct
powers of two have as many ones in binary as terms, so in an item's week a day that stands twice shows as fewer ones than rows. Units are
added in millionths as integers: the order of the rows cannot change a digit.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

ITEM = ["sku", "channel", "region"]
ROW = 2**32
"""One row, in `mask`."""
MILLIONTHS = 1e6
_MONDAY = 3
"""Days from the Monday of its week to 1970-01-01, day 0."""
_UNKNOWN = 2
"""Promotion flag of a sum whose rows do not say."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A sales table as weekly sums.

    keys  number, sku, channel, region: the items, sorted by name
    sums  number, week, promo (null where the rows do not say), price, units, bits (one for each day with a row, Monday the lowest),
          list_price, views (null where not given)
    """

    keys: pl.DataFrame
    sums: pl.DataFrame

    @property
    def last(self) -> dt.date | None:
        """Date of the last row."""
        ends = self.sums.select((week_start(pl.col("week")) + pl.duration(days=last_bit(pl.col("bits")))).max())
        last = ends.item()
        return last if isinstance(last, dt.date) else None

    def unobserved(self, bad: pl.DataFrame) -> pl.DataFrame:
        """Of the keys of bad rows (date and ITEM), those whose day no sum covers."""
        coded = bad.join(self.keys, on=ITEM, how="left").with_columns(
            monday(pl.col("date")).cast(pl.Int32).alias("week"), day_bit(pl.col("date")).alias("_bit")
        )
        covered = self.sums.join(coded, on=["number", "week"], how="semi").group_by("number", "week").agg(pl.col("bits").sum())
        joined = coded.join(covered, on=["number", "week"], how="left")
        free = (pl.col("bits").fill_null(0) // pl.col("_bit")) % 2 == 0
        return joined.filter(free).select("date", *ITEM).sort("date", *ITEM)


def day_bit(date: pl.Expr) -> pl.Expr:
    """The bit of a date's day in its week."""
    return pl.lit(2, dtype=pl.Int64).pow((date.to_physical() + _MONDAY) % 7)


def last_bit(bits: pl.Expr) -> pl.Expr:
    """Days from Monday to the last day that is set (0 to 6)."""
    return sum(((bits >= 2**day).cast(pl.Int32) for day in range(1, 7)), pl.lit(0, dtype=pl.Int32))


def first_bit(bits: pl.Expr) -> pl.Expr:
    """Days from Monday to the first day that is set (0 to 6)."""
    return sum(((bits % 2**day == 0).cast(pl.Int32) for day in range(1, 7)), pl.lit(0, dtype=pl.Int32))


def item_numbers(sums: pl.DataFrame, given: set[str]) -> tuple[NDArray[np.int64], pl.DataFrame]:
    """Number of each sum's item, and the items (number and ITEM) sorted by name. A missing channel or region reads as `default`."""
    names = [name for name in ITEM if name in given]
    distinct = sums.select(names).unique()
    clean = [_clean(pl.col(name)) if name in given else pl.lit("default").alias(name) for name in ITEM]
    items = distinct.select(*(pl.col(name).alias(f"_{name}") for name in names), *clean)
    keys = items.select(ITEM).unique().sort(ITEM).with_row_index("number")
    coded = items.join(keys, on=ITEM, how="left").select("number", *(pl.col(f"_{name}").alias(name) for name in names))
    numbers = sums.select(names).join(coded, on=names, how="left", nulls_equal=True, maintain_order="left")["number"]
    return numbers.to_numpy().astype(np.int64), keys.with_columns(pl.col("number").cast(pl.Int32))


def _clean(name: pl.Expr) -> pl.Expr:
    text = name.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).otherwise(pl.lit("default"))


def monday(date: pl.Expr) -> pl.Expr:
    """Number of the week of a date; week 0 holds 1970-01-01."""
    return (date.to_physical() + _MONDAY) // 7


def week_start(week: pl.Expr) -> pl.Expr:
    """Monday of a week by its number."""
    return (week * 7 - _MONDAY).cast(pl.Int32).cast(pl.Date)


def weekly_sums(rows: pl.LazyFrame, given: set[str]) -> pl.LazyFrame:
    """Sums of typed sales rows: columns of ITEM that are given, week_promo, price, units, mask, and list_price and views where given.

    rows   columns date, units, price and those of `given`
    given  which of sku, channel, region, promo, list_price, views the rows have
    """
    item = [name for name in ITEM if name in given]
    promo = pl.col("promo").cast(pl.Int32).fill_null(_UNKNOWN) if "promo" in given else pl.lit(_UNKNOWN)
    keyed = rows.select(
        *(pl.col(name).cast(pl.Categorical) for name in item),
        (monday(pl.col("date")) * 3 + promo).cast(pl.Int32).alias("week_promo"),
        "price",
        _whole(pl.col("units")).alias("units"),
        (day_bit(pl.col("date")) + ROW).alias("mask"),
        *([pl.col("list_price")] if "list_price" in given else []),
        *([_whole(pl.col("views")).alias("views")] if "views" in given else []),
    )
    return keyed.group_by(*item, "week_promo", "price").agg(*_totals(given))


def _whole(column: pl.Expr) -> pl.Expr:
    return (column * MILLIONTHS).round().cast(pl.Int64)


def _totals(given: set[str]) -> list[pl.Expr]:
    views = pl.when(pl.col("views").count() > 0).then(pl.col("views").sum())
    return [
        pl.col("units").sum(),
        pl.col("mask").sum(),
        *([pl.col("list_price").max()] if "list_price" in given else []),
        *([views.alias("views")] if "views" in given else []),
    ]


def add(parts: list[pl.DataFrame], given: set[str]) -> pl.DataFrame:
    """The sum of sums: equal to the sums of all their rows."""
    keys = [*(name for name in ITEM if name in given), "week_promo", "price"]
    return pl.concat(parts).group_by(keys).agg(*_totals(given))


def doubled(item: NDArray[np.int64], week: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sums belong to an item's week that has two rows of one day.

    item, week, mask  (n,) of each sum
    """
    if not len(item):
        return np.zeros(0, dtype=bool)
    code = item * (int(week.max()) - int(week.min()) + 1) + (week - int(week.min()))
    if code.max() < 20 * len(code) + 10**6:
        total = np.bincount(code, weights=mask.astype(np.float64)).astype(np.int64)
        position = code
    else:
        _, position = np.unique(code, return_inverse=True)
        total = np.bincount(position, weights=mask.astype(np.float64)).astype(np.int64)
    twice = np.bitwise_count(total % ROW) != total // ROW
    return np.asarray(twice[position], dtype=bool)
