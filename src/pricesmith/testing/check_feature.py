"""What every feature family must keep to. For plug-in authors:

def test_my_family() -> None:
    check_feature(FAMILY)
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.features.build import ROW, columns_of
from pricesmith.features.known import Family, known

from .fakes import made_snapshot


def check_feature(family: Family, seed: int = 0) -> None:
    """Raise AssertionError where the family breaks a promise: names, plain values, no look ahead, no care for the order of rows."""
    _check_names(family)
    for period in ("day", "week", "month"):
        snapshot = made_snapshot(seed, products=6, days=120, period=period)
        _check_values(family, snapshot)
        _check_order(family, snapshot, seed)
        _check_past(family, snapshot, seed)
    empty = made_snapshot(seed, products=0, days=0)
    assert columns_of(family, known(empty, empty.cells.select(ROW))).height == 0, f"{family.name}: a shop without rows has no features"


def features(family: Family, snapshot: Snapshot, rows: pl.DataFrame | None = None) -> pl.DataFrame:
    """The family's columns alone."""
    return columns_of(family, known(snapshot, (snapshot.cells if rows is None else rows).select(ROW)))


def _check_names(family: Family) -> None:
    assert family.features, f"{family.name} has no features"
    for feature in family.features:
        assert (feature.__doc__ or "").strip(), f"{feature.__name__} says not what it is"
    assert len(set(family.columns)) == len(family.columns), f"{family.name} names a column twice"


def _check_values(family: Family, snapshot: Snapshot) -> None:
    built = features(family, snapshot)
    assert built.columns == list(family.columns)
    assert built.height == snapshot.cells.height
    for column in built:
        assert column.dtype in (pl.Float64, pl.String), f"{column.name} is {column.dtype}: features are Float64, names String"
        if column.dtype == pl.Float64:
            assert column.drop_nulls().is_finite().all(), f"{column.name} is not finite; unknown is null"


def _check_order(family: Family, snapshot: Snapshot, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(snapshot.cells.height)
    shuffled = replace(snapshot, cells=snapshot.cells[order])
    same = features(family, shuffled).equals(features(family, snapshot)[order])
    assert same, f"{family.name} depends on the order of rows"


def _check_past(family: Family, snapshot: Snapshot, seed: int) -> None:
    """Rows of one day: whatever happened on that day or later is of no account."""
    rng = np.random.default_rng(seed)
    days = snapshot.cells["date"].unique().sort()
    for day in [days[int(place)] for place in rng.integers(1, days.len(), 3)] + [snapshot.as_of, snapshot.as_of + dt.timedelta(days=9)]:
        rows = snapshot.cells.filter(pl.col("date") == day).select(ROW)
        if rows.is_empty():
            rows = snapshot.cells.group_by("item", maintain_order=True).last().select(ROW).with_columns(pl.lit(day).alias("date"))
        expected = features(family, snapshot, rows)
        for other in (forgetful(snapshot, day), spoiled(snapshot, day)):
            assert features(family, other, rows).equals(expected), f"{family.name}: what happened on {day} or later enters a row of {day}"


def forgetful(snapshot: Snapshot, day: dt.date) -> Snapshot:
    """The same shop with nothing that happened on `day` or later; plans and the day of the run stay."""
    return replace(
        snapshot,
        cells=snapshot.cells.filter(pl.col("date") < day),
        reviews=snapshot.reviews.filter(pl.col("date") < day),
    )


def spoiled(snapshot: Snapshot, day: dt.date) -> Snapshot:
    """The same shop with everything that happened on `day` or later made otherwise, and rows added after the day of the run."""
    late = pl.col("date") >= day
    measured = ("price", "units", "available", "list_price", "competitor_price", "cost", "views")
    changed = [pl.when(late).then(pl.col(name) * 0.37 + 0.11).otherwise(pl.col(name)).alias(name) for name in measured]
    cells = snapshot.cells.with_columns(*changed, pl.when(late).then(1 - pl.col("promo")).otherwise(pl.col("promo")).alias("promo"))
    newer = cells.with_columns(pl.col("date").dt.offset_by("10y"))
    stars = pl.when(late).then(5.0 - pl.col("stars")).otherwise(pl.col("stars")).alias("stars")
    return replace(snapshot, cells=pl.concat([cells, newer]), reviews=snapshot.reviews.with_columns(stars))
