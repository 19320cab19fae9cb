"""Boosted forecasts: they learn a drifting level and never rise with the price."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand import boosting
from pricesmith.demand.clock import Clock
from pricesmith.demand.lags import smoothed_level

pytest.importorskip("lightgbm")
FIRST = dt.date(2021, 1, 4)
ELASTICITY = -1.5
ITEMS, WEEKS = 24, 110


def shop(seed: int = 0, weeks: int = WEEKS) -> tuple[Snapshot, np.ndarray]:
    """A snapshot whose levels follow last year's season, and the true price effect of each cell."""
    rng = np.random.default_rng(seed)
    price = np.repeat(rng.choice([0.8, 1.0, 1.25], (ITEMS, weeks // 4 + 1)), 4, axis=1)[:, :weeks]
    season = 0.6 * np.sin(2 * np.pi * np.arange(weeks) / 52)
    units = rng.poisson(np.exp(rng.uniform(2.5, 4, (ITEMS, 1)) + season + ELASTICITY * np.log(price)))
    item, week = np.divmod(np.arange(ITEMS * weeks), weeks)
    cells = pl.DataFrame(
        {
            "item": item.astype(np.int32),
            "date": [FIRST + dt.timedelta(weeks=int(w)) for w in week],
            "price": price.ravel(),
            "promo": np.zeros(ITEMS * weeks, dtype=np.int8),
            "units": units.ravel().astype(float),
            "days": 1.0,
            "available": 1.0,
        }
    )
    items = pl.DataFrame({"item": np.arange(ITEMS, dtype=np.int32), "sku": [f"s{k:02d}" for k in range(ITEMS)]}).with_columns(
        channel=pl.lit("default"), region=pl.lit("default"), category=pl.lit("c"), family=pl.lit("f")
    )
    return Snapshot(FIRST + dt.timedelta(weeks=weeks), "EUR", "week", items, cells), ELASTICITY * np.log(price.ravel())


@pytest.fixture(scope="module")
def learned():
    snapshot, effect = shop()
    return snapshot, effect, boosting.learn(snapshot, effect, lambda _: effect, 0)


def scenario(snapshot: Snapshot, prices: list[float]) -> pl.DataFrame:
    rows = [(k, snapshot.as_of + dt.timedelta(weeks=2), price, 0) for k in range(ITEMS) for price in prices]
    return pl.DataFrame(rows, schema=["item", "date", "price", "promo"], orient="row")


def test_forecasts_fall_with_the_price_and_lie_near_the_truth(learned):
    snapshot, effect, trees = learned
    prices = [0.8, 1.0, 1.25]
    rows = scenario(snapshot, prices)
    log_mean, quantiles = boosting.apply(trees, snapshot, effect, rows, ELASTICITY * np.log(rows["price"].to_numpy()))
    curve = log_mean.reshape(ITEMS, 3)
    assert np.all(np.diff(curve, axis=1) <= 0)
    slope = (curve[:, 2] - curve[:, 0]).mean() / np.log(1.25 / 0.8)
    assert slope == pytest.approx(ELASTICITY, abs=0.5)
    assert np.all(np.diff(quantiles, axis=1) >= 0)


def test_the_trees_beat_the_smoothed_level_where_the_season_repeats(learned):
    *_, trees = learned
    smooth, _, level, _, average = trees.blend.errors
    assert level < smooth
    assert average < smooth
    assert sum(trees.blend.shares) == pytest.approx(1.0)


@pytest.mark.real  # long
def test_learning_is_deterministic(learned):
    snapshot, effect, trees = learned
    assert boosting.learn(snapshot, effect, lambda _: effect, 0).direct == trees.direct


def test_a_short_history_is_not_boosted():
    snapshot, effect = shop(weeks=8)
    assert boosting.learn(snapshot, effect, lambda _: effect, 0) is None


def test_the_smoothed_level_adjusts_for_the_effect():
    expected = np.array([[1.0, 2.0, 1.0, 4.0]] * 2)
    level = smoothed_level(np.array([[10.0, 20.0, 10.0, 40.0], [5.0, 10.0, 5.0, 20.0]]), expected, 50.0)
    assert level[0, -1] - level[1, -1] == pytest.approx(np.log(2.0), abs=0.02)
    assert level[0, -1] == pytest.approx(np.log(10.0), abs=0.03)


def test_months_are_counted_across_years():
    clock = Clock(int(np.datetime64("2020-11-01").astype(int)), "month")
    days = np.array(["2020-11-01", "2021-02-15"], dtype="datetime64[D]").astype(np.int64)
    assert clock.number(days).tolist() == [0, 3]
    assert clock.day(np.array([3])).astype("datetime64[D]")[0] == np.datetime64("2021-02-01")
