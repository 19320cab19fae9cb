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

from .grouping import Groups, Ints, combined, grouped, positions, separate

ITEM = ["sku", "channel", "region"]
CODED = [*ITEM, "promo_kind"]
"""Texts that tell sums apart; they are held as codes."""
ROW = 2**32
"""One row, in `mask`."""
MILLIONTHS = 1e6
_MONDAY = 3
"""Days from the Monday of its week to 1970-01-01, day 0."""
_BITS = pl.Series([2**day for day in range(7)], dtype=pl.Int64)
_UNKNOWN = 2
"""Promotion flag of a sum whose rows do not say."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """A sales table as weekly sums.

    keys  number, sku, channel, region: the items, sorted by name
    sums  number, week, promo and promo_kind (null where the rows do not say), price, units, bits (one for each day with a row, Monday the
          lowest), list_price, views (null where not given)
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
    return pl.lit(_BITS).gather((date.to_physical() + _MONDAY) % 7)


def last_bit(bits: pl.Expr) -> pl.Expr:
    """Days from Monday to the last day that is set (0 to 6)."""
    return sum(((bits >= 2**day).cast(pl.Int32) for day in range(1, 7)), pl.lit(0, dtype=pl.Int32))


def first_bit(bits: pl.Expr) -> pl.Expr:
    """Days from Monday to the first day that is set (0 to 6)."""
    return sum(((bits % 2**day == 0).cast(pl.Int32) for day in range(1, 7)), pl.lit(0, dtype=pl.Int32))


def monday(date: pl.Expr) -> pl.Expr:
    """Number of the week of a date; week 0 holds 1970-01-01."""
    return (date.to_physical() + _MONDAY) // 7


def week_start(week: pl.Expr) -> pl.Expr:
    """Monday of a week by its number."""
    return (week * 7 - _MONDAY).cast(pl.Int32).cast(pl.Date)


def weekly_sums(rows: pl.DataFrame, given: set[str]) -> pl.DataFrame:
    """Sums of typed sales rows: columns of CODED that are given, week_promo, price, units, mask, and list_price and views where given.

    rows   columns date, units, price and those of `given`; those of CODED as codes, integers from 0
    given  which of sku, channel, region, promo, promo_kind, list_price, views the rows have
    """
    promo = pl.col("promo").cast(pl.Int32).fill_null(_UNKNOWN) if "promo" in given else pl.lit(_UNKNOWN, dtype=pl.Int32)
    single = rows.select(
        pl.col(_coded(given)).cast(pl.UInt32),
        (monday(pl.col("date")) * 3 + promo).cast(pl.Int32).alias("week_promo"),
        "price",
        _whole(pl.col("units")).alias("units"),
        (day_bit(pl.col("date")) + ROW).alias("mask"),
        *([pl.col("list_price")] if "list_price" in given else []),
        *([_whole(pl.col("views")).alias("views")] if "views" in given else []),
    )
    return _grouped(single, given)


def add(parts: list[pl.DataFrame], given: set[str]) -> pl.DataFrame:
    """The sum of sums: equal to the sums of all their rows. Only weeks that several parts have need adding."""
    weeks = pl.concat([part["week_promo"].unique() for part in parts])
    shared = pl.col("week_promo").is_in(weeks.filter(weeks.is_duplicated()).unique().implode())
    alone = [part.filter(~shared) for part in parts]
    return pl.concat([*alone, _grouped(pl.concat([part.filter(shared) for part in parts]), given)])


def _grouped(rows: pl.DataFrame, given: set[str]) -> pl.DataFrame:
    """Sums with one key as one."""
    week_promo = rows["week_promo"].to_numpy()
    low = int(week_promo.min()) if len(week_promo) else 0
    code, sizes = combined([*(rows[name].to_numpy() for name in _coded(given)), week_promo - low])
    slots, slot = positions(code)
    groups = grouped(slot, len(slots), rows["price"].to_numpy())
    *items, weeks = separate(slots[groups.slot], sizes)
    sums = {
        **{name: pl.Series(code, dtype=pl.UInt32) for name, code in zip(_coded(given), items, strict=True)},
        "week_promo": pl.Series(weeks + low, dtype=pl.Int32),
        "price": groups.value,
        "units": groups.total(rows["units"].to_numpy()),
        "mask": groups.total(rows["mask"].to_numpy()),
    }
    found = pl.DataFrame(sums)
    if "list_price" in given:
        found = found.with_columns(pl.Series("list_price", groups.largest(rows["list_price"].to_numpy()), nan_to_null=True))
    if "views" in given:
        unseen = groups.total(rows["views"].is_not_null().cast(pl.Int64).to_numpy()) == 0
        views = pl.Series("views", groups.total(rows["views"].fill_null(0).to_numpy()))
        found = found.with_columns(views.set(pl.Series(unseen), None))
    return found


def _coded(given: set[str]) -> list[str]:
    return [name for name in CODED if name in given]


def _whole(column: pl.Expr) -> pl.Expr:
    return (column * MILLIONTHS).round().cast(pl.Int64)


def doubled(item: Ints, week: Ints, mask: Ints) -> NDArray[np.bool_]:
    """Which sums belong to an item's week that has two rows of one day.

    item, week, mask  (n,) of each sum
    """
    if not len(item):
        return np.zeros(0, dtype=bool)
    code, _ = combined([item, week - week.min()])
    distinct, position = positions(code)
    total = Groups(position, distinct, np.zeros(0)).total(mask)
    twice = np.bitwise_count(total % ROW) != total // ROW
    return np.asarray(twice[position], dtype=bool)
