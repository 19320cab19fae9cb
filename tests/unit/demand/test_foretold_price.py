"""Flexible adjustment: prices that answered past sales are told from prices that nobody could foretell."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.errors import PolicyError
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand import foretold_price
from pricesmith.demand.foretold_price import MIN_SET, foretell_price
from pricesmith.demand.groups import group
from pricesmith.demand.panel import make_panel, reference_prices
from pricesmith.demand.response import ResponseModel
from pricesmith.testing.fakes import made_snapshot

pytest.importorskip("lightgbm")
ELASTICITY = -2.5
DAYS = 420


def watched(products: int = 60, answer: float = 0.2) -> Snapshot:
    """Every third week a price is set anew: by chance, and higher or lower by `answer` where the last four weeks sold well or badly.

    What makes sales good or bad lasts for months, so these prices meet the demand that they answer.
    """
    rng = np.random.default_rng(0)
    luck, log_price, units = (np.zeros((products, DAYS)) for _ in range(3))
    luck[:, 0] = rng.normal(0, 0.4, products)
    usual, price, review = 12 * np.exp(rng.normal(0, 0.5, products)), np.zeros(products), rng.integers(0, 21, products)
    for day in range(DAYS):
        if day:
            luck[:, day] = 0.985 * luck[:, day - 1] + rng.normal(0, 0.4 * np.sqrt(1 - 0.985**2), products)
        if day >= 28:
            seen = units[:, day - 28 : day].mean(axis=1) / (usual * np.exp(ELASTICITY * log_price[:, day - 28 : day].mean(axis=1)))
            gap = np.log(np.maximum(seen, 0.05))
            wanted = answer * np.sign(gap) * (np.abs(gap) > 0.25) + rng.normal(0, 0.08, products)
            price = np.where(day % 21 == review, np.round(wanted, 2), price)
        log_price[:, day] = price
        units[:, day] = rng.poisson(usual * np.exp(luck[:, day] + ELASTICITY * price))
    return _snapshot(log_price, units)


def _snapshot(log_price: np.ndarray, units: np.ndarray) -> Snapshot:
    products = units.shape[0]
    base = made_snapshot(3, products=products, days=DAYS)
    days = sorted(base.cells["date"].unique().to_list())[-DAYS:]
    price = (10.0 * np.exp(log_price)).ravel()
    cells = pl.DataFrame(
        {"item": np.repeat(np.arange(products, dtype=np.int32), DAYS), "date": days * products, "price": price, "units": units.ravel()}
    ).with_columns(
        promo=pl.lit(0, pl.Int8),
        promo_kind=pl.lit(None, pl.String),
        days=1.0,
        available=1.0,
        list_price="price",
        **{name: pl.lit(None, pl.Float64) for name in ("competitor_price", "cost", "views")},
    )
    items = base.items.with_columns(
        family=pl.lit(None, pl.String),
        category=pl.Series([f"c{number // 12}" for number in range(products)]),
        competitor_price=pl.lit(None, pl.Float64),
    )
    return dataclasses.replace(base, items=items, cells=cells.select(base.cells.columns))


def foretold(snapshot: Snapshot) -> foretold_price.Foretold:
    groups = group(snapshot.items)
    panel = make_panel(snapshot, groups.category, groups.rivals, reference_prices(snapshot))
    return foretell_price(panel, groups, snapshot.items.height, 0)


@pytest.mark.real  # long
def test_the_response_is_nearer_the_truth() -> None:
    snapshot = watched()
    error = {}
    for nuisance in ("smooth", "boosted"):
        state = ResponseModel.fit(snapshot, ModelPolicy(draws=16, nuisance=nuisance)).state  # type: ignore[arg-type]
        error[nuisance] = abs(float(state.items["price"].mean()) - ELASTICITY)
        assert (state.number("foretold_share") > 0.2) == (nuisance == "boosted")
    assert error["boosted"] < error["smooth"] < 0.1


def test_prices_set_by_chance_are_not_foretold() -> None:
    found = foretold(watched(answer=0.0))
    assert found.share < 0.05
    assert found.column.std() < 0.03


def test_the_column_is_free_of_the_items_level_and_the_same_for_the_same_seed() -> None:
    snapshot = watched()
    first, again = foretold(snapshot), foretold(snapshot)
    np.testing.assert_array_equal(first.column, again.column)
    mean = first.column.reshape(snapshot.items.height, -1).mean(axis=1)
    np.testing.assert_allclose(mean, 0.0, atol=1e-9)


def test_few_prices_teach_nothing() -> None:
    found = foretold(watched(products=5))
    assert MIN_SET > 5 * DAYS // 21
    assert found.share == 0.0
    assert not found.column.any()


def test_without_lightgbm_the_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foretold_price, "available", lambda: False)
    with pytest.raises(PolicyError, match="LightGBM is not installed"):
        ResponseModel.fit(watched(products=5), ModelPolicy(nuisance="boosted"))
