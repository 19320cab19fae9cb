"""The days after new prices in a made shop: what was sold follows the truth, and the tables go on where the history ended."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.errors import UnknownChoice
from pricesmith.simulation.afterwards import afterwards
from pricesmith.simulation.shop import SimulatedShop, simulate


@pytest.fixture(scope="module")
def shop() -> SimulatedShop:
    return simulate("plain", np.random.default_rng(1), 60, 60)


def test_the_history_goes_on(shop: SimulatedShop) -> None:
    sales = afterwards(shop, shop.truth.current, np.random.default_rng(0), 14).tables["sales"]
    assert sales["date"].min() == shop.as_of
    assert sales["date"].max() == shop.as_of + dt.timedelta(days=13)
    assert pl.concat([shop.tables["sales"], sales], how="diagonal").select("date", "sku").is_unique().all()


def test_units_follow_the_truth(shop: SimulatedShop) -> None:
    new = np.round(shop.truth.current * 0.9).astype(np.int64)
    found = afterwards(shop, new, np.random.default_rng(0), 28, drift=0.2)
    np.testing.assert_allclose(found.wanted / found.wanted_before, shop.truth.units(new) / shop.truth.units(shop.truth.current))
    assert found.wanted_before.sum() / shop.truth.units(shop.truth.current).sum() == pytest.approx(np.exp(0.2), rel=0.1)
    assert found.tables["sales"]["units"].sum() / 28 == pytest.approx(found.wanted.sum(), rel=0.05)
    assert set(found.tables["sales"].filter(sku=shop.truth.sku[0])["price"]) == {new[0] / shop.truth.unit}


def test_what_is_sold_out_is_marked() -> None:
    shop = simulate("stockouts", np.random.default_rng(1), 60, 60)
    found = afterwards(shop, shop.truth.current, np.random.default_rng(0), 28)
    stock = found.tables["stock"]
    assert stock["out_of_stock"].sum() > 0
    assert stock.filter(pl.col("out_of_stock") == 1).join(found.tables["sales"], on=["date", "sku"])["units"].sum() == 0
    assert found.tables["sales"]["units"].sum() / 28 < found.wanted.sum()


def test_days_beyond_the_truth_are_refused(shop: SimulatedShop) -> None:
    with pytest.raises(UnknownChoice):
        afterwards(shop, shop.truth.current, np.random.default_rng(0), 29)
