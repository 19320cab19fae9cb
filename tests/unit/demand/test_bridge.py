"""From what was sold lately to what is expected: the steps add up, and each is there for its own reason alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Ladder
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.bridge import STEPS, Bridge
from pricesmith.demand.bridge import bridge as of_cells
from pricesmith.demand.response import ResponseModel
from pricesmith.testing.fakes import made_snapshot


@functools.cache
def shop() -> Snapshot:
    return made_snapshot(3, products=12, days=200)


@functools.cache
def model() -> ResponseModel:
    return ResponseModel.fit(shop(), ModelPolicy(draws=16))


def bridge(cells: pl.DataFrame) -> Bridge:
    """Of the same model, as if the history had been those cells."""
    return model().demand(dataclasses.replace(shop(), cells=cells), 28).bridge()


def lately() -> pl.Expr:
    return pl.col("date") >= shop().as_of - dt.timedelta(days=28)


def plain() -> pl.DataFrame:
    """Its history without a promotion in the last four weeks, always in stock."""
    calm = pl.when(lately())
    return shop().cells.with_columns(
        price=calm.then("list_price").otherwise("price"),
        promo=calm.then(pl.lit(0, pl.Int8)).otherwise("promo"),
        available=calm.then(1.0).otherwise("available"),
    )


def test_the_steps_add_up_to_what_the_curves_expect() -> None:
    found = bridge(shop().cells)
    assert tuple(found.steps) == STEPS
    np.testing.assert_allclose(found.sold + sum(found.steps.values()), found.expected, atol=1e-9)
    current = shop().items["current_price"].to_numpy().astype(np.int64)[:, None]
    ladder = Ladder(current, np.ones(current.shape, bool), np.zeros(current.size, np.int64))
    np.testing.assert_array_equal(found.expected, model().demand(shop(), 28).curves(ladder, np.arange(current.size)).base)


def test_sold_is_counted_over_the_last_four_weeks() -> None:
    found = bridge(shop().cells)
    assert found.since == shop().as_of - dt.timedelta(days=28)
    units = shop().cells.filter(lately()).group_by("item").agg(pl.col("units").sum()).sort("item")["units"].to_numpy()
    np.testing.assert_allclose(found.sold, units / 28.0)


def test_a_promotion_that_ran_is_taken_away_and_nothing_else() -> None:
    calm = bridge(plain())
    assert np.abs(calm.steps["promotions"]).max() < 1e-12
    third = lately() & (pl.col("item") == 3)
    ran = plain().with_columns(
        price=pl.when(third).then(pl.col("price") * 0.7).otherwise("price"),
        promo=pl.when(third).then(pl.lit(1, pl.Int8)).otherwise("promo"),
    )
    found = bridge(ran)
    assert found.steps["promotions"][3] < -0.1 * found.expected[3]
    for name in ("price", "season", "absent"):
        np.testing.assert_allclose(found.steps[name], calm.steps[name], atol=1e-9)


def test_days_out_of_stock_and_before_the_launch_are_given_back() -> None:
    assert np.abs(bridge(plain()).steps["absent"]).max() < 1e-12
    second = lately() & (pl.col("item") == 2)
    early = (pl.col("item") == 2) & (pl.col("date") < shop().as_of - dt.timedelta(days=14))
    out = bridge(plain().with_columns(available=pl.when(second).then(0.5).otherwise("available")))
    new = bridge(plain().filter(~early))
    for found in (out, new):
        assert found.steps["absent"][2] == pytest.approx(0.5 * (found.expected - found.steps["season"] - found.steps["price"])[2], rel=0.1)
        assert np.abs(np.delete(found.steps["absent"], 2)).max() < 1e-12


def test_days_that_nobody_saw_count_for_nothing() -> None:
    second = lately() & (pl.col("item") == 2)
    unseen = second & (pl.col("date") < shop().as_of - dt.timedelta(days=14))
    found = bridge(plain().filter(~unseen))
    assert np.abs(found.steps["absent"]).max() < 1e-12
    assert found.sold[2] == pytest.approx(plain().filter(second & ~unseen)["units"].sum() / 14.0)
    np.testing.assert_allclose(found.sold + sum(found.steps.values()), found.expected, atol=1e-9)


def test_a_product_without_history_was_not_there() -> None:
    found = bridge(shop().cells.filter(pl.col("item") != 5))
    assert found.sold[5] == 0.0 and found.steps["absent"][5] == found.expected[5] > 0


def test_without_any_history_everything_is_absent() -> None:
    found = bridge(shop().cells.clear())
    assert found.since == shop().as_of
    np.testing.assert_array_equal(found.steps["absent"], found.expected)


def test_a_month_has_the_days_of_the_calendar() -> None:
    """280 units in February are 10 a day, and a model that has 308 a period has 11."""
    cells = pl.DataFrame(
        {
            "item": [0],
            "date": [dt.date(2026, 2, 1)],
            "units": [280.0],
            "days": [1.0],
            "available": [1.0],
            "price": [5.0],
            "list_price": [5.0],
        }
    )
    monthly = Snapshot(dt.date(2026, 3, 1), "EUR", "month", pl.DataFrame({"item": [0]}), cells)
    told = of_cells(monthly, cells, (np.array([308.0]),) * 3, np.array([12.0]))
    assert told.sold.tolist() == [10.0]
    assert {name: effect.round(9).tolist() for name, effect in told.steps.items()} == {
        "promotions": [0.0], "price": [0.0], "season": [1.0], "absent": [0.0], "rest": [1.0],
    }  # fmt: skip
