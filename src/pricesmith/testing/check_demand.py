"""What every demand model must keep to. For plug-in authors:

def test_my_model() -> None:
    check_demand(MyModel)
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Ints, Ladder
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.protocols import DemandModel, Tables
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import EVIDENCE

from .fakes import made_snapshot

HORIZON = 28


@dataclass(frozen=True, slots=True)
class Said:
    """What a fitted model says of a snapshot: curves over the made ladder, and the forecast of the made scenario."""

    curves: Curves
    forecast: pl.DataFrame


def check_demand(model: type[DemandModel], policy: ModelPolicy | None = None, *, seed: int = 0) -> None:
    """Raise AssertionError with the promise that a model breaks."""
    policy = policy or ModelPolicy(draws=16)
    for period in ("day", "week"):
        snapshot = made_snapshot(seed, products=8, days=120, period=period)
        fitted = model.fit(snapshot, policy)
        said = Said(check_curves(fitted, snapshot), check_forecast(fitted, snapshot))
        check_saved(model, fitted, snapshot, said)
        json.dumps(fitted.report(snapshot), allow_nan=False)
    _check_same(model, snapshot, said, policy, seed)
    _check_little_data(model, policy, seed)


def made_ladder(snapshot: Snapshot) -> Ladder:
    """Seven prices an item around its current one (1000 minor units where none is known)."""
    current = snapshot.items["current_price"].fill_null(1000).to_numpy()
    prices = np.sort(np.rint(current[:, None] * np.array([0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5])).astype(np.int64), axis=1)
    return Ladder(prices, np.ones(prices.shape, dtype=bool), np.full(current.size, 3, dtype=np.int64))


def every(snapshot: Snapshot) -> Ints:
    """All items of a snapshot."""
    return np.arange(snapshot.items.height)


def made_scenario(snapshot: Snapshot) -> pl.DataFrame:
    """Every item on the day of the run at four prices, with and without promotion."""
    price = pl.col("current_price").fill_null(1000) / 100.0
    factors = pl.DataFrame({"factor": [0.8, 1.0, 1.2, 1.6]}).join(pl.DataFrame({"promo": [0, 1]}, schema={"promo": pl.Int8}), how="cross")
    rows = snapshot.items.select("item", pl.lit(snapshot.as_of).alias("date"), price.alias("price")).join(factors, how="cross")
    return rows.with_columns(pl.col("price") * pl.col("factor")).drop("factor")


def curves_of(fitted: DemandModel, snapshot: Snapshot) -> Curves:
    """Its curves over the made ladder."""
    return fitted.demand(snapshot, HORIZON).curves(made_ladder(snapshot), every(snapshot))


def check_curves(fitted: DemandModel, snapshot: Snapshot) -> Curves:
    """Shapes, finite values, demand that never rises with the price, elasticities below zero. Returns the curves."""
    ladder, curves = made_ladder(snapshot), curves_of(fitted, snapshot)
    count = snapshot.items.height
    assert curves.units.shape == ladder.prices.shape, "units have the shape of the ladder"
    assert curves.draws.shape == curves.level.shape, "draws and level go together"
    for field in fields(Curves):
        values = np.asarray(getattr(curves, field.name))
        assert np.isfinite(values).all(), f"{field.name} is not finite"
        assert not values.ndim or values.shape[0] == count, f"{field.name} has not one row an item"
    assert (curves.units >= 0).all(), "units are not negative"
    assert (np.diff(curves.units, axis=1) <= 1e-12 * curves.units[:, :-1]).all(), "demand rises with the price"
    assert (curves.draws < 0).all(), "an elasticity draw is not negative"
    assert (np.diff(curves.draws, axis=1) >= 0).all(), "draws are not ascending"
    assert (curves.cross_deviation >= 0).all(), "a standard deviation is not negative"
    assert (curves.cross_deviation[curves.family < 0] == 0).all(), "a product alone has no effects between prices"
    assert np.isin(curves.form, (0, 1, 2)).all(), "form is 0, 1 or 2"
    assert ((curves.evidence >= 0) & (curves.evidence < len(EVIDENCE))).all(), "evidence is an index into EVIDENCE"
    assert ((curves.saturation >= 0) & (curves.saturation < 1)).all(), "saturation is a share"
    assert curves.dispersion >= 0, "dispersion is not negative"
    return curves


def check_forecast(fitted: DemandModel, snapshot: Snapshot) -> pl.DataFrame:
    """The rows come back with finite, ordered intervals; a dearer row never sells more. Returns the forecast."""
    scenario = made_scenario(snapshot)
    told = fitted.forecast(snapshot, scenario)
    assert told.select(scenario.columns).equals(scenario), "the rows of the scenario come back as they were"
    values = told.select("units", "units_lo", "units_hi")
    assert values.select(pl.all_horizontal(pl.all().is_not_null() & pl.all().is_finite()).all()).item(), "a forecast is not finite"
    assert (told["units_lo"] >= 0).all(), "a bound is negative"
    assert (told["units_lo"] <= told["units_hi"]).all(), "the interval is upside down"
    ordered = told.sort("item", "promo", "price").with_columns(pl.col("units").diff().over("item", "promo").alias("step"))
    assert (ordered["step"].fill_null(0.0) <= 1e-9).all(), "demand rises with the price"
    return told


def check_saved(model: type[DemandModel], fitted: DemandModel, snapshot: Snapshot, said: Said) -> None:
    """Saved to Arrow and loaded, the model says the same, bit for bit."""
    again = model.from_tables(through_arrow(fitted.to_tables()))
    assert_same(said, again, snapshot, "after saving and loading", exact=True)


def through_arrow(tables: Tables) -> Tables:
    """The tables written as Arrow IPC and read back."""
    back = {}
    for name, table in tables.items():
        buffer = io.BytesIO()
        table.write_ipc(buffer)
        back[name] = pl.read_ipc(io.BytesIO(buffer.getvalue()))
    return back


def assert_same(said: Said, other_model: DemandModel, snapshot: Snapshot, when: str, *, exact: bool) -> None:
    """Equal curves and forecasts."""
    two = curves_of(other_model, snapshot)
    tolerance = 0.0 if exact else 1e-7
    for field in fields(Curves):
        mine, other = np.asarray(getattr(said.curves, field.name)), np.asarray(getattr(two, field.name))
        assert np.allclose(mine, other, rtol=tolerance, atol=tolerance), f"{field.name} differs {when}"
    mine, other = (told["units"].to_numpy() for told in (said.forecast, other_model.forecast(snapshot, made_scenario(snapshot))))
    assert np.allclose(mine, other, rtol=tolerance, atol=tolerance), f"the forecast differs {when}"


def _check_same(model: type[DemandModel], snapshot: Snapshot, said: Said, policy: ModelPolicy, seed: int) -> None:
    assert_same(said, model.fit(snapshot, policy), snapshot, "when fitted again", exact=True)
    order = np.random.default_rng(seed).permutation(snapshot.cells.height)
    shuffled = replace(snapshot, cells=snapshot.cells[order])
    assert_same(said, model.fit(shuffled, policy), snapshot, "when rows come in another order", exact=False)


def _check_little_data(model: type[DemandModel], policy: ModelPolicy, seed: int) -> None:
    """A product without a single day of history, and one without a sale, still get a usable answer."""
    snapshot = made_snapshot(seed, products=4, days=60)
    silent = pl.when(pl.col("item") == 1).then(0.0).otherwise(pl.col("units")).alias("units")
    sparse = replace(snapshot, cells=snapshot.cells.filter(pl.col("item") != 0).with_columns(silent))
    fitted = model.fit(sparse, policy)
    check_curves(fitted, sparse)
    check_forecast(fitted, sparse)
