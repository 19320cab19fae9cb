"""Every registered demand model keeps its promises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Curves, Ints, Ladder
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.protocols import Demand
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand import MODELS
from pricesmith.testing.check_demand import check_curves, check_demand, check_forecast
from pricesmith.testing.fakes import made_snapshot


@pytest.mark.parametrize("name", MODELS)
def test_model(name: str) -> None:
    check_demand(MODELS[name])


def test_default_model_is_registered() -> None:
    assert ModelPolicy().name in MODELS


class RisingDemand:
    """Wraps a demand and turns its curves round: a broken promise."""

    def __init__(self, inner: Demand) -> None:
        self.inner, self.family = inner, inner.family

    def curves(self, ladder: Ladder, rows: Ints) -> Curves:
        curves = self.inner.curves(ladder, rows)
        return replace(curves, units=np.ascontiguousarray(curves.units[:, ::-1]))


class Rising:
    """Wraps a model whose demand then rises with the price."""

    def __init__(self, inner: object) -> None:
        self.inner = inner

    def demand(self, snapshot: Snapshot, horizon_days: int) -> RisingDemand:
        return RisingDemand(self.inner.demand(snapshot, horizon_days))  # type: ignore[attr-defined]

    def forecast(self, snapshot: Snapshot, scenario: pl.DataFrame) -> pl.DataFrame:
        told: pl.DataFrame = self.inner.forecast(snapshot, scenario)  # type: ignore[attr-defined]
        return told.with_columns(pl.col("units") * pl.col("price") ** 9)


def test_rising_demand_is_found() -> None:
    snapshot = made_snapshot(products=3, days=60)
    broken = Rising(MODELS[ModelPolicy().name].fit(snapshot, ModelPolicy(draws=16)))
    with pytest.raises(AssertionError, match="rises"):
        check_curves(broken, snapshot)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="rises"):
        check_forecast(broken, snapshot)  # type: ignore[arg-type]
