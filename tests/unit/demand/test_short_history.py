"""What a history of less than a year may tell: prices apart from the season, but not the season to come."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.response import ResponseModel

FIRST = dt.date(2021, 1, 4)
ELASTICITY = -2.0
ITEMS = 30
POLICY = ModelPolicy(draws=16, boosting="never")


def shop(weeks: int, course: np.ndarray, answered: float = 0.0) -> Snapshot:
    """Weekly sales whose levels all follow one course in logs; prices that move by themselves, and with the course where it is answered.

    course  (weeks,) log units against the item's level
    """
    rng = np.random.default_rng(2)
    steps = np.repeat(rng.choice([0.85, 1.0, 1.18], (ITEMS, weeks // 3 + 1)), 3, axis=1)[:, :weeks]
    price = steps * np.exp(answered * course)
    units = rng.poisson(np.exp(rng.uniform(2.5, 4.0, (ITEMS, 1)) + course + ELASTICITY * np.log(price)))
    item, week = np.divmod(np.arange(ITEMS * weeks), weeks)
    cells = pl.DataFrame(
        {
            "item": item.astype(np.int32),
            "date": [FIRST + dt.timedelta(weeks=int(w)) for w in week],
            "price": price.ravel(),
            "list_price": price.ravel(),
            "promo": np.zeros(ITEMS * weeks, dtype=np.int8),
            "promo_kind": None,
            "units": units.ravel().astype(float),
            "days": 1.0,
            "available": 1.0,
            "competitor_price": None,
            "cost": None,
        },
        schema_overrides={"promo_kind": pl.String, "competitor_price": pl.Float64, "cost": pl.Float64},
    )
    items = pl.DataFrame({"item": np.arange(ITEMS, dtype=np.int32), "sku": [f"s{k:02d}" for k in range(ITEMS)]}).with_columns(
        channel=pl.lit("default"), region=pl.lit("default"), category=pl.lit("c"), family=pl.lit(None, pl.String),
        current_price=pl.lit(100, pl.Int64), competitor_price=pl.lit(None, pl.Int64), landed_cost=pl.lit(None, pl.Float64),
        cost_assumed=pl.lit(0, pl.Int8), tax_rate=0.0, fee_rate=0.0, payment_rate=0.0,
    )  # fmt: skip
    return Snapshot(FIRST + dt.timedelta(weeks=weeks), "EUR", "week", items, cells)


def ahead(snapshot: Snapshot, model: ResponseModel, weeks: int = 8) -> np.ndarray:
    """(weeks,) expected units of the whole shop at a price of 1."""
    dates = [snapshot.as_of + dt.timedelta(weeks=week) for week in range(weeks)]
    rows = pl.DataFrame(
        [(item, date, 1.0, 0) for date in dates for item in range(ITEMS)], schema=["item", "date", "price", "promo"], orient="row"
    )
    told = model.forecast(snapshot, rows.with_columns(pl.col("item").cast(pl.Int32), pl.col("promo").cast(pl.Int8)))
    return told.group_by("date").agg(pl.col("units").sum()).sort("date")["units"].to_numpy()


def level(snapshot: Snapshot, weeks: int) -> float:
    """Units a week of the last weeks, as if all prices had been 1."""
    last = snapshot.cells.filter(pl.col("date") >= snapshot.as_of - dt.timedelta(weeks=weeks))
    return float((last["units"] * last["price"] ** -ELASTICITY).sum()) / weeks


@pytest.mark.parametrize("weeks", [26, 44, 52])
def test_a_rise_that_ended_in_a_fall_is_not_taken_for_a_season(weeks: int) -> None:
    """A wave and a trend fit such a course well, and run away beyond its end."""
    part = np.arange(weeks) / weeks
    snapshot = shop(weeks, 0.5 * np.where(part < 0.7, part / 0.7, (1.0 - part) / 0.3))
    model = ResponseModel.fit(snapshot, POLICY)
    told = ahead(snapshot, model)
    assert told[0] == pytest.approx(level(snapshot, 4), rel=0.2)
    assert told == pytest.approx(np.full(8, told[0])), "nothing says that the weeks ahead differ"
    assert model.state.design.harmonics == 0


def test_a_history_of_two_years_foretells_its_season() -> None:
    season = 0.5 * np.sin(2 * np.pi * np.arange(104 + 26) * 7 / 365.25)
    snapshot = shop(104, season[:104])
    model = ResponseModel.fit(snapshot, POLICY)
    assert model.state.design.harmonics > 0
    told = ahead(snapshot, model, 26)
    np.testing.assert_allclose(np.log(told) - np.log(told).mean(), season[104:] - season[104:].mean(), atol=0.12)


def test_prices_that_answered_a_season_are_still_told_apart_from_it() -> None:
    """A manager raised prices while demand was high: without the season in the fit the response would look far weaker."""
    snapshot = shop(45, 0.8 * np.sin(2 * np.pi * np.arange(45) * 7 / 365.25), answered=0.4)
    table = ResponseModel.fit(snapshot, POLICY).elasticities(snapshot)
    assert table["elasticity"].median() == pytest.approx(ELASTICITY, abs=0.35)
