"""Which form of the own-price curve is chosen, where the curve is known."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.policy import ModelPolicy
from pricesmith.demand.response import ResponseModel
from pricesmith.flows import batch, exam
from pricesmith.testing.fakes import made_snapshot

from .test_foretold_price import watched


@pytest.mark.real
@pytest.mark.parametrize(("kind", "seed", "form"), [("plain", 101, "constant_elasticity"), ("logit", 105, "logit")])
def test_the_form_of_a_made_shop_is_found(kind: str, seed: int, form: str, tmp_path: Path) -> None:
    shop = exam.make_shop(kind, seed, products=150, days=400)
    snapshot = batch.take(batch.load(exam.write_folder(shop, tmp_path)), shop.as_of)
    assert ResponseModel.fit(snapshot, ModelPolicy(draws=16)).state.facts["form"] == form


def test_prices_that_answer_lasting_luck_do_not_bend_the_curve() -> None:
    """Left-out blocks that sold well throughout met raised prices; by their rows alone a bent curve foretells them better."""
    state = ResponseModel.fit(watched(), ModelPolicy(draws=16)).state
    assert state.facts["form"] == "constant_elasticity"
    assert state.items["price"].mean() == pytest.approx(-2.5, abs=0.1)


def test_a_short_history_keeps_constant_elasticity() -> None:
    state = ResponseModel.fit(made_snapshot(1, products=3, days=20), ModelPolicy(draws=16)).state
    assert (state.facts["form"], state.facts["form_scores"]) == ("constant_elasticity", [0.0])


@pytest.mark.real  # long
def test_a_day_of_the_week_without_a_sale_does_not_bend_the_curve() -> None:
    """A mean of 0 takes the fit many turns: forms that had more of them were told to foretell better, and the most bent one won."""
    open_all_week = watched(answer=0.0)
    closed = pl.col("date").dt.weekday() == 6
    cells = open_all_week.cells.with_columns(units=pl.when(closed).then(0.0).otherwise("units"))
    shops = open_all_week, dataclasses.replace(open_all_week, cells=cells)
    whole, model = (ResponseModel.fit(shop, ModelPolicy(draws=16)) for shop in shops)
    assert model.state.facts["form"] == "constant_elasticity"
    assert model.state.items["price"].mean() == pytest.approx(whole.state.items["price"].mean(), abs=0.1)
    week = pl.DataFrame({"date": [open_all_week.as_of + dt.timedelta(days) for days in range(7)]})
    rows = open_all_week.items.select("item").join(week, how="cross").with_columns(price=10.0, promo=0.0)
    told = model._structural_forecast(open_all_week, rows).group_by(closed).agg(pl.col("units").mean()).sort("date")["units"]
    assert told[1] < 0.005 * told[0]
