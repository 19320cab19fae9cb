"""Months have 28 to 31 days: what sells alike on every day is expected so after any of them, and foretold by the days of a month."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy, Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.panel import lengths
from pricesmith.demand.response import ResponseModel
from tests.shop_folders import taken

A_DAY = np.arange(20, 32)
POLICY = Policy(currency="EUR", period="month")
MODEL = ModelPolicy(draws=8, boosting="never")


def days_in(month: dt.date) -> int:
    return calendar.monthrange(month.year, month.month)[1]


def shop(folder: Path, as_of: dt.date) -> Snapshot:
    """Products p00 and on, each of which sells as many a day as A_DAY says, in the fourteen months before a day."""
    months = [dt.date(as_of.year - (as_of.month <= back), (as_of.month - 1 - back) % 12 + 1, 1) for back in range(1, 15)]
    rows = [f"{month},p{k:02},{units * days_in(month)},5" for month in sorted(months) for k, units in enumerate(A_DAY)]
    products = "sku,unit_cost,tax_rate\n" + "".join(f"p{k:02},2,0\n" for k in range(A_DAY.size))
    return taken(folder, str(as_of), POLICY, products=products, sales="\n".join(["date,sku,units,price", *rows, ""]))


@pytest.mark.parametrize("as_of", [dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 5, 1)])
def test_a_day_is_expected_to_be_as_those_before(tmp_path: Path, as_of: dt.date) -> None:
    """After December (31 days), February (28) and April (30)."""
    snapshot = shop(tmp_path, as_of)
    model = ResponseModel.fit(snapshot, MODEL)
    found = model.demand(snapshot, 28).bridge()
    np.testing.assert_allclose(found.sold, A_DAY, rtol=1e-9)
    np.testing.assert_allclose(found.expected, A_DAY, rtol=0.005)
    for name, step in found.steps.items():
        assert np.abs(step).max() < 0.005 * A_DAY.max(), name
    coming = [dt.date(2026, month, 1) for month in (5, 6, 7)]
    rows = pl.DataFrame({"item": [0] * 3, "date": coming, "price": [5.0] * 3, "promo": [0] * 3})
    told = model.forecast(snapshot, rows)["units"].to_numpy()
    np.testing.assert_allclose(told, [A_DAY[0] * days_in(month) for month in coming], rtol=0.005)


def test_other_periods_are_all_alike() -> None:
    day = np.array([0, 31, 59, 10_957 + 31], np.int64)
    assert [lengths(day, period).tolist() for period in ("day", "week")] == [[1.0] * 4] * 2
    np.testing.assert_allclose(lengths(day, "month") * 365.25 / 12, [31, 28, 31, 29])
