"""The demand model on shops whose truth is known, and its laws: order, splits, saving, nothing from the future."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Ladder
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import ModelPolicy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand import training
from pricesmith.demand.remember import remember
from pricesmith.demand.response import ResponseModel
from pricesmith.demand.training import train
from pricesmith.flows import batch, exam
from pricesmith.testing.fakes import made_snapshot

POLICY = ModelPolicy(draws=32)


@functools.cache
def shop(seed: int = 1) -> Snapshot:
    return made_snapshot(seed, products=16, days=220)


@functools.cache
def fitted(seed: int = 1) -> ResponseModel:
    return ResponseModel.fit(shop(seed), POLICY)


def curves_of(model: ResponseModel, snapshot: Snapshot) -> np.ndarray:
    current = snapshot.items["current_price"].fill_null(1000).to_numpy()
    prices = np.rint(current[:, None] * np.array([0.8, 0.9, 1.0, 1.1, 1.2])).astype(np.int64)
    ladder = Ladder(prices, np.ones(prices.shape, bool), np.full(current.size, 2))
    return model.demand(snapshot, 28).curves(ladder, np.arange(current.size)).units


def test_row_order_changes_nothing() -> None:
    turned = dataclasses.replace(shop(), cells=shop().cells.sample(fraction=1.0, shuffle=True, seed=4))
    np.testing.assert_array_equal(curves_of(ResponseModel.fit(turned, POLICY), shop()), curves_of(fitted(), shop()))


def test_a_saved_model_tells_the_same_bit_for_bit() -> None:
    again = ResponseModel.from_tables({name: table.clone() for name, table in fitted().to_tables().items()})
    np.testing.assert_array_equal(curves_of(again, shop()), curves_of(fitted(), shop()))


def test_the_report_is_plain_json_with_the_whole_story() -> None:
    report = fitted().report(shop())
    assert report["form"] in ("constant_elasticity", "semi_log", "logit")
    assert sum(dict(report["evidence"]).values()) == shop().items.height
    assert {"dispersion", "shock_variances", "endogeneity_t", "elasticity_by_category"} <= set(report)


def test_the_report_counts_products_whose_sign_the_data_leave_open() -> None:
    plain = dict(fitted().report(shop())["sign"])  # type: ignore[call-overload]
    assert plain["highest"] == -0.02 and plain["products"] == shop().items.height
    dearer = shop().cells.with_columns(units=(pl.col("units") * (pl.col("price") / pl.col("price").median().over("item")) ** 5).round())
    rising = dataclasses.replace(shop(), cells=dearer)
    doubtful = dict(ResponseModel.fit(rising, POLICY).report(rising)["sign"])["doubtful"]  # type: ignore[call-overload]
    assert plain["doubtful"] == 0 and 0 < doubtful <= plain["products"]


def test_elasticities_are_ordered_negative_and_graded() -> None:
    table = fitted().elasticities(shop())
    assert (table["elasticity_lo"] <= table["elasticity"]).all()
    assert (table["elasticity"] <= table["elasticity_hi"]).all()
    assert (table["elasticity_hi"] < 0).all()
    assert set(table["evidence"]) <= {"adjusted", "pooled", "prior", "instrument"}


def test_a_product_without_sales_gets_a_wide_estimate_near_its_category() -> None:
    bare = dataclasses.replace(shop(), cells=shop().cells.filter(pl.col("item") != 3))
    table = ResponseModel.fit(bare, POLICY).elasticities(bare)
    known = fitted().elasticities(shop())
    width = table["elasticity_hi"] - table["elasticity_lo"]
    assert width[3] > (known["elasticity_hi"] - known["elasticity_lo"])[3]
    assert -5.0 < table["elasticity"][3] < -0.5


def test_what_is_not_known_of_effects_between_prices_is_their_posterior() -> None:
    snapshot, items = shop(), fitted().state.items
    current = snapshot.items["current_price"].fill_null(1000).to_numpy()
    ladder = Ladder(current[:, None], np.ones((current.size, 1), bool), np.zeros(current.size, np.int64))
    curves = fitted().demand(snapshot, 28).curves(ladder, np.arange(current.size))
    linked = curves.family >= 0
    assert linked.any() and (curves.cross_deviation[~linked] == 0).all()
    known = items.select("cross", "cross_variance").to_numpy()[linked]
    np.testing.assert_allclose(curves.cross_deviation[linked] ** 2, 1.05**2 * known[:, 1] + 0.06**2 * known[:, 0] ** 2)
    assert (known[:, 1] > 0).all()


def test_a_shop_without_any_price_change_rests_on_the_literature() -> None:
    flat = shop().cells.with_columns(price=pl.col("list_price").median().over("item"), promo=pl.lit(0, pl.Int8))
    flat = flat.with_columns(list_price=pl.col("price"), competitor_price=pl.lit(None, pl.Float64))
    flat = flat.group_by("item", "date").agg(pl.all().first()).select(shop().cells.columns).sort("item", "date")
    still = dataclasses.replace(shop(), cells=flat)
    table = ResponseModel.fit(still, POLICY).elasticities(still)
    assert set(table["evidence"]) == {"prior"}
    assert (table["elasticity"] - -2.62).abs().max() < 0.3
    assert ((table["elasticity_hi"] - table["elasticity_lo"]) > 2.0).all()


@pytest.mark.real
def test_what_was_sold_lately_is_foretold_at_its_prices() -> None:
    lately = pl.col("date") >= shop().as_of - dt.timedelta(days=28)
    cells = shop().cells.filter(lately & (pl.col("available") > 0))
    told = fitted().forecast(shop(), cells.select("item", "date", "price", "promo"))
    total = float((told["units"] * cells["available"]).sum())
    assert total == pytest.approx(float(cells["units"].sum()), rel=0.1)
    assert (told["units_lo"] <= told["units"]).all()
    assert (told["units"] <= told["units_hi"]).all()


def test_what_happened_out_of_stock_is_not_learned_from() -> None:
    gone = shop().cells.with_columns(
        units=pl.when(pl.col("item") == 2).then(0.0).otherwise("units"),
        available=pl.when(pl.col("item") == 2).then(0.0).otherwise("available"),
    )
    without = shop().cells.filter(pl.col("item") != 2)
    one = ResponseModel.fit(dataclasses.replace(shop(), cells=gone), POLICY)
    two = ResponseModel.fit(dataclasses.replace(shop(), cells=without), POLICY)
    rows = [number for number in range(shop().items.height) if number != 2]
    np.testing.assert_allclose(curves_of(one, shop())[rows], curves_of(two, shop())[rows], rtol=1e-6)


def test_the_control_function_needs_costs_that_move() -> None:
    trained = train(shop(), POLICY)
    assert not trained.instrumented or (trained.markup is not None and trained.markup.first_stage_f > 10.0)


def test_prices_that_follow_demand_are_told_of_where_costs_cannot_mend_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = exam.make_shop("hidden", 102, 60, 240)
    snapshot = batch.take(batch.load(exam.write_folder(hidden, tmp_path)), hidden.as_of)

    def found() -> tuple[object, object]:
        facts = remember(snapshot, train(snapshot, POLICY), POLICY).facts
        return facts["instrumented"], facts["biased"]

    assert found() == (1, 0)
    monkeypatch.setattr(training, "STRONG_F", 1e9)
    assert found() == (0, 1)
    assert fitted().report(shop())["biased"] == 0


def test_a_model_that_has_seen_what_came_later_says_nothing_of_an_earlier_day() -> None:
    snapshot, model = shop(), fitted()
    day = snapshot.as_of - dt.timedelta(days=28)
    earlier = dataclasses.replace(snapshot, as_of=day, cells=snapshot.cells.filter(pl.col("date") < day))
    rows = snapshot.cells.filter(pl.col("date") == day).select("item", "date", "price", "promo")
    asked = (lambda: model.demand(earlier, 28), lambda: model.elasticities(earlier), lambda: model.forecast(earlier, rows))
    for ask in asked:
        with pytest.raises(DataError, match=rf"learned as of {snapshot.as_of}, after the day of the snapshot \({day}\)"):
            ask()
    later = dataclasses.replace(snapshot, as_of=snapshot.as_of + dt.timedelta(days=28))
    assert model.elasticities(later).height == snapshot.items.height, "an older model may be asked about a later day"
