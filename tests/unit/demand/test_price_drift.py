"""Elasticities that change over the years: today's is learned, not the mean of the history's."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.groups import group
from pricesmith.demand.panel import make_panel, reference_prices
from pricesmith.demand.price_drift import LEAST_DAYS, Drift, drift_column
from pricesmith.demand.response import ResponseModel
from pricesmith.testing.fakes import made_snapshot

POLICY = ModelPolicy(boosting="never")
PRODUCTS = 40
TODAY = -1.5


def drifting(by_year: float, weeks: int = 160, seed: int = 0) -> Snapshot:
    """A shop whose elasticities came to TODAY by so much a year; each price changes every few weeks."""
    rng = np.random.default_rng(seed)
    price = np.repeat(rng.normal(0, 0.15, (PRODUCTS, weeks // 4 + 1)), 4, axis=1)[:, :weeks]
    years = (np.arange(weeks) - weeks + 1) * 7 / 365.25
    units = rng.poisson(60 * np.exp((TODAY + by_year * years) * price))
    base = made_snapshot(1, products=PRODUCTS, days=weeks, period="week")
    days = [base.as_of - dt.timedelta(days=7 * (weeks - number)) for number in range(weeks)]
    cells = pl.DataFrame(
        {
            "item": np.repeat(np.arange(PRODUCTS, dtype=np.int32), weeks),
            "date": days * PRODUCTS,
            "price": (10.0 * np.exp(price)).ravel(),
            "units": units.ravel().astype(float),
        }
    ).with_columns(
        promo=pl.lit(0, pl.Int8),
        promo_kind=pl.lit(None, pl.String),
        days=7.0,
        available=1.0,
        list_price="price",
        **{name: pl.lit(None, pl.Float64) for name in ("competitor_price", "cost", "views")},
    )
    items = base.items.with_columns(family=pl.lit(""), current_price=pl.lit(1000, pl.Int64), competitor_price=pl.lit(None, pl.Int64))
    none = {name: getattr(base, name).clear() for name in ("calendar", "promotions", "reviews")}
    return dataclasses.replace(base, items=items, cells=cells.select(base.cells.columns), **none)


def learned(snapshot: Snapshot) -> tuple[float, dict[str, float] | None]:
    """Mean elasticity today, and what is said of its change."""
    model = ResponseModel.fit(snapshot, POLICY)
    said = model.state.facts["price_drift"]
    assert said is None or isinstance(said, dict)
    return float(model.elasticities(snapshot)["elasticity"].to_numpy().mean()), said


@pytest.mark.parametrize("by_year", [-0.3, 0.3])
def test_an_elasticity_that_changed_is_learned_as_it_is_today(by_year: float) -> None:
    mean, said = learned(drifting(by_year))
    assert said is not None and said["lo"] < said["by_year"] < said["hi"]
    assert said["by_year"] == pytest.approx(by_year, abs=0.1)
    halfway = TODAY - by_year * 1.5
    assert abs(mean - TODAY) < 0.4 * abs(mean - halfway)


def test_nothing_is_made_of_elasticities_that_stayed() -> None:
    mean, said = learned(drifting(0.0))
    assert said is not None and abs(said["by_year"]) < 0.04 and said["lo"] < 0.0 < said["hi"]
    assert mean == pytest.approx(TODAY, abs=0.1)


def test_two_years_are_needed() -> None:
    assert learned(drifting(0.3, weeks=LEAST_DAYS // 7))[1] is None


def test_the_column_is_zero_at_the_last_row() -> None:
    snapshot = drifting(0.0)
    groups = group(snapshot.items)
    panel = make_panel(snapshot, groups.category, groups.rivals, reference_prices(snapshot))
    column = drift_column(panel)
    assert column is not None
    last = panel.day == panel.day.max()
    assert not np.any(column[last]) and np.any(column[~last])
    years = (panel.day.max() - panel.day) / 365.25
    assert column == pytest.approx(-panel.price * years)
    still = dataclasses.replace(panel, price=np.zeros_like(panel.price))
    assert drift_column(still) is None


def test_a_drift_over_items_weighs_categories_by_their_items() -> None:
    drift = Drift(np.array([0.1, -0.2]), np.array([0.02, 0.04]), 1.5)
    mean, low, high = drift.over(np.array([0, 0, 0, 1]))
    assert mean == pytest.approx(0.75 * 0.1 - 0.25 * 0.2)
    assert high - mean == pytest.approx(1.6449 * np.hypot(0.75 * 0.02, 0.25 * 0.04), rel=1e-4) and mean - low == pytest.approx(high - mean)
    assert drift.variance == pytest.approx([0.03**2, 0.06**2])
