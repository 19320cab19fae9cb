"""Families that nobody names: used where the data speak for them, left alone where they do not."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand.response import ResponseModel
from pricesmith.testing.fakes import made_snapshot


def shop(cross: float) -> Snapshot:
    """Twelve products without families in categories of four; units follow the mean log price of the others with this strength."""
    rng = np.random.default_rng(6)
    base = made_snapshot(3, products=12, days=300)
    category = [f"c{number // 4}" for number in range(12)]
    items = base.items.with_columns(family=pl.lit(None, pl.String), category=pl.Series(category), competitor_price=pl.lit(None, pl.Float64))
    days = sorted(base.cells["date"].unique().to_list())[-300:]
    steps = np.repeat(rng.choice([-0.15, -0.05, 0.05, 0.15], (12, len(days) // 10 + 1)), 10, axis=1)[:, : len(days)]
    total = steps.reshape(3, 4, -1).sum(axis=1).repeat(4, axis=0)
    rate = 12.0 * np.exp(-2.0 * steps + cross * (total - steps) / 3)
    count = len(days)
    cells = pl.DataFrame(
        {
            "item": np.repeat(np.arange(12, dtype=np.int32), count),
            "date": days * 12,
            "price": (10.0 * np.exp(steps)).ravel(),
            "promo": np.zeros(12 * count, np.int8),
            "promo_kind": pl.Series([None] * (12 * count), dtype=pl.String),
            "units": rng.poisson(rate).astype(float).ravel(),
            "days": 1.0,
            "available": 1.0,
            "list_price": (10.0 * np.exp(steps)).ravel(),
            "competitor_price": pl.Series([None] * (12 * count), dtype=pl.Float64),
            "cost": pl.Series([None] * (12 * count), dtype=pl.Float64),
            "views": pl.Series([None] * (12 * count), dtype=pl.Float64),
        }
    )
    return dataclasses.replace(base, items=items, cells=cells.select(base.cells.columns))


def test_products_that_do_not_act_on_one_another_are_priced_alone() -> None:
    model = ResponseModel.fit(shop(0.0), ModelPolicy(draws=16))
    assert (model.state.items.select("cross", "cross_variance", "cross_prior", "cross_prior_variance").to_numpy() == 0).all()


def test_substitutes_are_found_without_a_family() -> None:
    model = ResponseModel.fit(shop(0.8), ModelPolicy(draws=16))
    assert model.state.number("families_t") > 3
    assert 0.5 < model.state.items["cross"].mean() < 1.1
