"""The smoother against the dense normal posterior, and what it leaves in a day's shock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.demand.hidden_demand import hidden_demand
from pricesmith.demand.identification import Markup
from pricesmith.demand.response import ResponseModel
from pricesmith.flows import batch, exam

MEMORY, NOISE = 0.8, 0.1
STARTS = np.array([0, 5, 6])
DAY = np.array([3, 10, 10, 45, 200, 7, 0, 20])
SERIES = np.array([0, 0, 0, 0, 0, 1, 2, 2])


def likeness(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.asarray(MEMORY ** (np.abs(np.subtract.outer(left, right)) / 7.0))


@pytest.mark.parametrize("series", [0, 1, 2])
def test_it_is_the_posterior_mean_given_all_decisions(series: int) -> None:
    seen = np.random.default_rng(2).normal(size=DAY.size)
    mine = series == SERIES
    at = np.arange(DAY[mine].min(), 230)
    told = hidden_demand(STARTS, DAY, seen, MEMORY, NOISE, np.full(at.size, series), at)
    covariance = likeness(DAY[mine], DAY[mine]) + NOISE / (1.0 - NOISE) * np.eye(mine.sum())
    wanted = likeness(at, DAY[mine]) @ np.linalg.solve(covariance, seen[mine])
    np.testing.assert_allclose(told, wanted, atol=1e-12)


def test_rows_may_come_in_any_order_and_from_all_series_at_once() -> None:
    rng = np.random.default_rng(3)
    seen = rng.normal(size=DAY.size)
    owner, at = rng.integers(0, 3, 50), rng.integers(7, 230, 50)
    together = hidden_demand(STARTS, DAY, seen, MEMORY, NOISE, owner, at)
    alone = [hidden_demand(STARTS, DAY, seen, MEMORY, NOISE, owner[k : k + 1], at[k : k + 1])[0] for k in range(50)]
    np.testing.assert_array_equal(together, alone)


def test_what_is_left_of_a_shock_is_unrelated_to_the_next_decision_too() -> None:
    rng = np.random.default_rng(4)
    shocks = rng.normal(size=(20_000, 3)) @ np.linalg.cholesky(likeness(np.array([0, 10, 30]), np.array([0, 10, 30]))).T
    seen = shocks[:, [0, 2]] + rng.normal(0.0, np.sqrt(NOISE / (1.0 - NOISE)), (20_000, 2))
    number = np.arange(20_000)
    told = hidden_demand(2 * number, np.tile([0, 30], 20_000), seen.ravel(), MEMORY, NOISE, number, np.full(20_000, 10))
    left = shocks[:, 1] - told
    before = np.array([np.corrcoef(shocks[:, 1] - MEMORY ** (10 / 7) * (1.0 - NOISE) * seen[:, 0], seen[:, k])[0, 1] for k in range(2)])
    assert np.abs([np.corrcoef(left, seen[:, k])[0, 1] for k in range(2)]).max() < 4.0 / np.sqrt(20_000)
    assert before[1] > 0.1, "a control by the decision before alone leaves what the next price answers"


def test_a_forecast_that_knows_no_hidden_demand_expects_the_mean_of_its_factor() -> None:
    rng = np.random.default_rng(5)
    item, rows = np.repeat([0, 1, 3], 4000), 12_000
    shock = np.where(item == 1, 0.0, rng.normal(0.0, 0.4, rows))
    level = np.array([3.0, 2.0, 0.0, 1.0])
    units = np.exp(level[item] + shock)
    told = Markup(0.25 * shock[:, None] / 0.5, shock, shock, ("control_4",), 1.0, 99.0, np.array([True, False, False, True]))
    effects = np.tile([7.0, 0.5, 0.75], (rows, 1))
    found = level + told.on_the_mean(effects, item, 4)
    np.testing.assert_allclose(np.exp(found)[[0, 1, 3]], np.bincount(item, units)[[0, 1, 3]] / 4000, rtol=1e-12)
    assert found[2] == 0.0, "an item without a row stays where it is"
    assert found[0] > level[0] + 0.05, "a shock of .4 raises the mean by its half variance"
    assert found[1] == level[1], "a price that never answered demand tells of none"


@pytest.mark.real
def test_elasticities_hold_where_prices_answer_demand_that_no_table_shows(tmp_path: Path) -> None:
    shop = exam.make_shop("hidden", 1, products=60, days=400)
    loaded = batch.load(exam.write_folder(shop, tmp_path))
    snapshot = batch.take(loaded, shop.as_of)
    sku = pl.Series(shop.truth.sku)
    error = {}
    for instrument in ("auto", "never"):
        model = ResponseModel.fit(snapshot, ModelPolicy(draws=32, instrument=instrument))
        learned = model.elasticities(snapshot)
        order = pl.DataFrame({"sku": sku}).join(learned, on="sku", how="left", maintain_order="left")
        error[instrument] = float(np.mean(order["elasticity"].to_numpy() - shop.truth.elasticity(shop.truth.current)))
    assert error["never"] > 3.0 * abs(error["auto"]), "prices that rise with demand make customers look patient"
    assert abs(error["auto"]) < 0.2
