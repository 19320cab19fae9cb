"""Cells as arrays: one row a cell, sorted by category, item and date, with segment starts for fast sums."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.snapshot import PERIOD_DAYS, Snapshot, days_of

from .promotion_kinds import Kinds, kinds_in

EPOCH = dt.date(1970, 1, 1).toordinal()
"""Day 0 of the integer dates."""


@dataclass(frozen=True, slots=True)
class Panel:
    """N cells in which the product could be bought. All arrays have length N.

    item      row number in `items`
    day       first day of the period, days since 1970-01-01
    units     units sold
    exposure  periods times share of time available, a month by its days against those of the mean one; always > 0
    price     log(price / reference price of the item)
    promo     1 on promotion, else 0
    kind      place of its kind in `kinds`, 0 off promotion
    siblings  mean of `price` over the others of the family on that day, those out of stock included; a member that has no price on
              that day stands at its reference price; 0 where alone
    rival     log(competitor price / its mean for the item); 0 where unknown
    regular   log(list price / reference price)
    cost      log landed cost; NaN where unknown
    starts    (number of items with cells,) first row of each item
    owners    (same,) the item of each segment
    kinds     kinds of promotion that have effects
    """

    item: Ints
    day: Ints
    units: Floats
    exposure: Floats
    price: Floats
    promo: Floats
    kind: Ints
    siblings: Floats
    rival: Floats
    regular: Floats
    cost: Floats
    starts: Ints
    owners: Ints
    kinds: Kinds


def days_since_epoch(column: pl.Series) -> Ints:
    """Dates as whole days since 1970-01-01."""
    return column.cast(pl.Date).cast(pl.Int32).to_numpy().astype(np.int64)


def lengths(day: Ints, period: str) -> Floats:
    """(N,) length of the period that starts on each day, over that of the mean one: months have 28 to 31 days, days and weeks are alike."""
    if period != "month":
        return np.ones(day.size)
    dates = pl.DataFrame({"date": pl.Series(day, dtype=pl.Int32).cast(pl.Date)})
    return _floats(dates.select(days_of(period)).to_series()) / PERIOD_DAYS[period]


def reference_prices(snapshot: Snapshot) -> Floats:
    """(n,) price in major units against which log prices are taken: the median list price, else the current price, else 1."""
    count = snapshot.items.height
    medians = snapshot.cells.group_by("item").agg(pl.col("list_price").median().alias("usual"))
    usual = np.full(count, np.nan)
    usual[medians["item"].to_numpy()] = medians["usual"].to_numpy()
    last = snapshot.items["current_price"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    current = last / _minor_per_major(snapshot)
    reference = np.where(np.isfinite(usual) & (usual > 0), usual, current)
    return np.where(np.isfinite(reference) & (reference > 0), reference, 1.0)


def _minor_per_major(snapshot: Snapshot) -> float:
    from pricesmith.contracts.money import exponent

    return 10.0 ** exponent(snapshot.currency)


def make_panel(snapshot: Snapshot, category: Ints, rivals: Ints, reference: Floats) -> Panel:
    """The snapshot's cells as arrays; cells in which nothing could be bought are left out.

    category  (n,) number of each item's category; rows are sorted by it, so that a category is one slice
    rivals    (n,) number of the family inside which prices act on one another, -1 for none
    """
    cells = snapshot.cells.filter((pl.col("price") > 0) & (pl.col("list_price") > 0))
    kinds = kinds_in(cells.filter(pl.col("available") > 0))
    cells = cells if kinds.columns else cells.drop("promo_kind", strict=False)
    cells = cells.with_columns(_category=pl.Series(category[cells["item"].to_numpy()]))
    cells = cells.sort("_category", "item", "date", "price", "promo", maintain_order=True)
    cells = cells.with_columns(_siblings=pl.Series(_siblings(cells, rivals, reference))).filter(pl.col("available") > 0)
    item = cells["item"].to_numpy().astype(np.int64)
    starts = np.flatnonzero(np.r_[True, item[1:] != item[:-1]]) if item.size else np.zeros(0, np.int64)
    base, day = reference[item], days_since_epoch(cells["date"])
    rival = _centred(np.log(_floats(cells["competitor_price"])), item, len(reference))
    return Panel(
        item=item,
        day=day,
        units=_floats(cells["units"]),
        exposure=_floats(cells["days"]) * _floats(cells["available"]) * lengths(day, snapshot.period),
        price=np.log(_floats(cells["price"]) / base),
        promo=_floats(cells["promo"].fill_null(0)),
        kind=kinds.codes(cells),
        siblings=_floats(cells["_siblings"]),
        rival=rival,
        regular=np.log(_floats(cells["list_price"]) / base),
        cost=np.log(np.where(_floats(cells["cost"]) > 0, _floats(cells["cost"]), np.nan)),
        starts=starts,
        owners=item[starts],
        kinds=kinds,
    )


def _siblings(cells: pl.DataFrame, rivals: Ints, reference: Floats) -> Floats:
    item = cells["item"].to_numpy().astype(np.int64)
    members = np.bincount(rivals[rivals >= 0])
    return siblings_mean(np.log(_floats(cells["price"]) / reference[item]), rivals[item], days_since_epoch(cells["date"]), members)


def siblings_mean(values: Floats, family: Ints, day: Ints, members: Ints) -> Floats:
    """(N,) mean of `values` over the other members of the same family on the same day; a member without a row counts as 0.

    family   (N,) family number of each row, -1 for none;  members  number of members by family
    """
    inside = family >= 0
    if not inside.any():
        return np.zeros(values.size)
    span = int(day.max() - day.min()) + 1
    key = family * span + (day - day.min())
    _, place = np.unique(key[inside], return_inverse=True)
    total = np.bincount(place, values[inside])[place]
    number = np.maximum(np.bincount(place)[place], members[family[inside]])
    mean = np.zeros(values.size)
    mean[inside] = (total - values[inside]) / np.maximum(number - 1, 1)
    return mean


def _floats(column: pl.Series) -> Floats:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _centred(values: Floats, item: Ints, count: int) -> Floats:
    """Values minus their mean per item, limited to +-0.7; 0 where unknown."""
    known = np.isfinite(values)
    total = np.bincount(item[known], values[known], count)
    number = np.bincount(item[known], minlength=count)
    mean = total / np.maximum(number, 1)
    centred: Floats = np.where(known, np.clip(np.where(known, values, 0.0) - mean[item], -0.7, 0.7), 0.0)
    return centred
