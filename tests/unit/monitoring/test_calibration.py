"""Promises over time, summed up."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.monitoring.calibration import RUNS, calibration

DAY = dt.date(2026, 3, 3)


def run(
    name: str, products: int, coverage: float | None, promised: float | None, realised: float | None, width: float = 3.0
) -> tuple[object, ...]:
    sides = (None, None) if realised is None else (realised - width, realised + width)
    return (name, DAY, None if realised is None else DAY, products, coverage, coverage, promised, realised, *sides)


def test_sums_and_independent_errors() -> None:
    rows = [run("a", 10, 0.9, 5.0, 4.0, 3.0), run("b", 30, 0.7, 8.0, 1.0, 4.0), run("c", 5, None, None, None)]
    found = calibration(pl.DataFrame(rows, schema=RUNS, orient="row"))
    assert found is not None
    assert (found.runs, found.products, found.inside) == (2, 40, 1)
    assert found.coverage == pytest.approx(0.75)
    assert (found.promised, found.realised, found.low, found.high) == pytest.approx((13.0, 5.0, 0.0, 10.0))


def test_nothing_to_sum_up() -> None:
    assert calibration(RUNS.to_frame()) is None
    assert calibration(pl.DataFrame([run("c", 5, None, None, None)], schema=RUNS, orient="row")) is None
