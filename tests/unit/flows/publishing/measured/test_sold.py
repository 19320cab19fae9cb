"""What was sold since prices came, from cells of days, weeks and months."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.snapshot import PERIOD_DAYS, Snapshot
from pricesmith.flows.publishing.measured.sold import sold
from pricesmith.testing.fakes import AS_OF, made_snapshot

KEY = ["sku", "channel", "region"]
STEP = {"day": 1, "week": 7, "month": 31}
DAILY = made_snapshot(3, products=6, days=120)


def begun(snapshot: Snapshot, since: dt.date, ended: dt.date | None = None) -> pl.DataFrame:
    """Every product at the price that it had last."""
    last = snapshot.cells.sort("date").group_by("item", maintain_order=True).last().sort("item")
    price = (last["list_price"] * 100).round(0).cast(pl.Int64)
    return snapshot.items.select(KEY).with_columns(price=price, since=pl.lit(since), ended=pl.lit(ended, pl.Date))


def by_hand(snapshot: Snapshot, since: dt.date, until: dt.date, step: int) -> tuple[list[float], list[float]]:
    """Units and periods of each item outside promotions, row by row."""
    units, periods = np.zeros(snapshot.items.height), np.zeros(snapshot.items.height)
    for row in snapshot.cells.iter_rows(named=True):
        if row["date"] >= since and row["date"] + dt.timedelta(days=step) <= until and not row["promo"]:
            units[row["item"]] += row["units"]
            periods[row["item"]] += row["days"] * row["available"]
    return units.tolist(), periods.tolist()


@pytest.mark.parametrize("period", ["day", "week"])
def test_whole_periods_within_the_window_count(period: str) -> None:
    snapshot = made_snapshot(3, products=6, days=60, period=period)
    since = AS_OF - dt.timedelta(days=STEP[period] * 8 + 3)
    until = AS_OF - dt.timedelta(days=2)
    found = sold(snapshot, begun(snapshot, since), until)
    units, periods = by_hand(snapshot, since, until, STEP[period])
    judged = found["elsewhere"].to_numpy() <= 0.5
    np.testing.assert_allclose(found["sold"], np.where(judged, units, 0.0))
    np.testing.assert_allclose(found["days"], np.where(judged, periods, 0.0) * PERIOD_DAYS[period])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_windows_add_up(first: int, second: int, third: int) -> None:
    """Units and days of two windows one after the other are those of both together, where the price is not in question."""
    one, two, three = (AS_OF - dt.timedelta(days=back) for back in sorted((first, second, third), reverse=True))
    everywhere = DAILY.cells.with_columns(price=pl.col("list_price").last().over("item", order_by="date"))
    snapshot = Snapshot(DAILY.as_of, DAILY.currency, DAILY.period, DAILY.items, everywhere)
    whole, before, after = (sold(snapshot, begun(snapshot, since), until) for since, until in ((one, three), (one, two), (two, three)))
    np.testing.assert_allclose(whole["sold"], before["sold"] + after["sold"])
    np.testing.assert_allclose(whole["days"], before["days"] + after["days"])


def test_another_price_ends_the_window() -> None:
    since, ended = AS_OF - dt.timedelta(days=20), AS_OF - dt.timedelta(days=10)
    rows = begun(DAILY, since)
    assert sold(DAILY, rows.with_columns(ended=pl.lit(ended)), AS_OF).drop("ended").equals(sold(DAILY, rows, ended).drop("ended"))


def test_a_product_that_is_gone_has_no_days() -> None:
    stranger = begun(DAILY, AS_OF - dt.timedelta(days=9)).head(1).with_columns(sku=pl.lit("gone"))
    assert sold(DAILY, stranger, AS_OF).select("sold", "days", "elsewhere").row(0) == (0.0, 0.0, 0.0)
