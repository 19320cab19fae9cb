"""Columns that cannot lie."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from pricesmith.guards.columns import age_hours, held, maybe, micros, moment, number, undoing
from tests.unit.guards.cases import NOW

NAN = float("nan")


def test_numbers() -> None:
    frame = pl.DataFrame({"x": [1.5, None, NAN, float("inf"), float("-inf")], "whole": [1, 2, None, 4, 5], "text": list("abcde")})
    np.testing.assert_array_equal(number(frame, "x"), [1.5, NAN, NAN, NAN, NAN])
    np.testing.assert_array_equal(number(frame, "whole"), [1, 2, NAN, 4, 5])
    np.testing.assert_array_equal(number(frame, "text"), [NAN] * 5)
    np.testing.assert_array_equal(number(frame, "none"), [NAN] * 5)


def test_moments() -> None:
    frame = pl.DataFrame({"at": [NOW, None]}, schema={"at": pl.Datetime("us", "UTC")})
    np.testing.assert_array_equal(moment(frame, "at"), [micros(NOW), NAN])
    np.testing.assert_array_equal(moment(frame.with_columns(pl.col("at").dt.cast_time_unit("ms")), "at"), [micros(NOW), NAN])
    np.testing.assert_array_equal(moment(frame.with_columns(pl.col("at").dt.replace_time_zone(None)), "at"), [NAN, NAN])
    np.testing.assert_array_equal(moment(frame, "none"), [NAN, NAN])
    assert micros(dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC)) == 1e6
    np.testing.assert_array_equal(age_hours(frame, "at", NOW + dt.timedelta(hours=2)), [2.0, NAN])


def test_flags() -> None:
    frame = pl.DataFrame({"flag": [0, 1, None, 2, -1]})
    assert maybe(frame, "flag").tolist() == [False, True, True, True, True]
    assert undoing(frame.rename({"flag": "undo"})).tolist() == [False, True, False, False, False]


def test_the_first_reason_counts() -> None:
    first, second = np.array([True, False, False]), np.array([True, True, False])
    assert held(3, [("a", first), ("b", second)]).held.tolist() == ["a", "b", ""]
