"""Forecasts of blocks that they have not seen: the level moves half-way, the interval becomes as wide as it must be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.held_back import BLOCKS, Correction, correction, spans
from pricesmith.demand.widths import NARROWEST, TAIL, WIDEST

FIRST = dt.date(2021, 1, 4)
ITEMS, WEEKS, HORIZON = 40, 60, 8
MEAN = 200.0


def shop(weeks: int = WEEKS) -> Snapshot:
    """Weekly sales around one mean, spread by a tenth."""
    rng = np.random.default_rng(5)
    item, week = np.divmod(np.arange(ITEMS * weeks), weeks)
    cells = pl.DataFrame(
        {
            "item": item.astype(np.int32),
            "date": [FIRST + dt.timedelta(weeks=int(w)) for w in week],
            "price": 2.0,
            "promo": np.zeros(ITEMS * weeks, dtype=np.int8),
            "promo_kind": pl.Series([None] * (ITEMS * weeks), dtype=pl.String),
            "units": np.round(MEAN * rng.normal(1.0, 0.1, ITEMS * weeks)),
            "days": 1.0,
            "available": 1.0,
        }
    )
    items = pl.DataFrame({"item": np.arange(ITEMS, dtype=np.int32), "sku": [f"s{k:02d}" for k in range(ITEMS)]}).with_columns(
        channel=pl.lit("default"), region=pl.lit("default"), category=pl.lit("c"), family=pl.lit("f")
    )
    return Snapshot(FIRST + dt.timedelta(weeks=weeks), "EUR", "week", items, cells)


def told(mean: float, half: float):
    """A forecaster that says the same of every row."""

    def foretell(known: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(units=pl.lit(mean), units_lo=pl.lit(mean - half), units_median=pl.lit(mean), units_hi=pl.lit(mean + half))

    return foretell


def test_blocks_follow_one_another_to_the_end_and_leave_a_third_before_them():
    assert spans(WEEKS, HORIZON) == [(52, 60), (44, 52)]
    assert len(spans(WEEKS, HORIZON)) == BLOCKS
    assert spans(12, HORIZON) == [(10, 12), (8, 10)]
    assert spans(4, HORIZON) == []


def test_each_block_is_foretold_from_what_was_known_before_it():
    asked = []

    def foretell(known: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
        asked.append((known.cells["date"].max(), known.as_of, rows["date"].min(), rows["date"].n_unique(), rows.height))
        return told(MEAN, 30.0)(known, rows)

    correction(shop(), foretell)
    starts = [FIRST + dt.timedelta(weeks=52), FIRST + dt.timedelta(weeks=44)]
    assert asked == [(start - dt.timedelta(weeks=1), start, start, HORIZON, HORIZON * ITEMS) for start in starts]


def test_an_interval_that_is_too_narrow_leaves_its_tails_outside_when_it_is_widened():
    found = correction(shop(), told(MEAN, 24.0))
    assert found.level == pytest.approx(0.0, abs=0.011)
    assert min(found.halves) > 1.2
    told_now = found.of(told(MEAN, 24.0)(shop(), shop().cells.filter(pl.col("date") >= FIRST + dt.timedelta(weeks=44))))
    units = told_now.select(pl.col("units").alias("mean"), "units_lo", "units_hi").to_numpy()
    actual = shop().cells.filter(pl.col("date") >= FIRST + dt.timedelta(weeks=44))["units"].to_numpy()
    assert np.mean(actual < units[:, 1]) == pytest.approx(TAIL, abs=0.015)
    assert np.mean(actual > units[:, 2]) == pytest.approx(TAIL, abs=0.015)


def test_an_interval_is_neither_narrowed_nor_widened_without_bounds():
    assert correction(shop(), told(MEAN, 1000.0)).halves == (NARROWEST, NARROWEST)
    assert correction(shop(), told(MEAN, 1.0)).halves == (WIDEST, WIDEST)


def test_the_level_moves_half_of_the_way():
    assert correction(shop(), told(MEAN / 1.08, 24.0)).level == pytest.approx(np.log(1.08) / 2, abs=0.006)
    assert correction(shop(), told(MEAN * 3.0, 24.0)).level == pytest.approx(-0.05), "not farther than half of a tenth"


def test_what_could_not_be_bought_all_the_time_or_is_new_is_no_trial():
    seen = []

    def foretell(known: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
        seen.append(set(rows["item"]))
        return told(MEAN, 24.0)(known, rows)

    late = pl.col("date") >= FIRST + dt.timedelta(weeks=44)
    cells = shop().cells.filter(late | (pl.col("item") != 3))
    cells = cells.with_columns(available=pl.when(late & (pl.col("item") == 4)).then(0.4).otherwise("available"))
    correction(replace(shop(), cells=cells), foretell)
    assert [3 in items for items in seen] == [True, False], "item 3 had sold before the later block alone"
    assert not any(4 in items for items in seen)


def test_nothing_is_corrected_where_the_history_is_too_short():
    def foretell(known: Snapshot, rows: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError("nobody is to be asked")

    assert correction(shop(weeks=4), foretell) == Correction()
    few = replace(shop(), cells=shop().cells.filter(pl.col("item") == 0))
    assert correction(few, foretell) == Correction()
    rows = told(MEAN, 24.0)(shop(), shop().cells.head(3))
    assert Correction().of(rows).equals(rows)
