"""What the products of a category share in single weeks is kept away from prices, and is still carried on where it lasts."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.response import ResponseModel
from tests.unit.demand.test_short_history import POLICY, shop


@pytest.mark.parametrize("seed", [0, 4])
def test_a_change_that_all_products_share_and_that_lasts_is_carried_on(seed: int) -> None:
    course = np.repeat(0.3 * np.random.default_rng(seed).choice([-1, 1], 9), 12)
    snapshot = shop(len(course), course)
    lately = snapshot.cells.filter(pl.col("date") >= snapshot.as_of - dt.timedelta(weeks=4))
    model = ResponseModel.fit(snapshot, POLICY)
    told = model.forecast(snapshot, lately.select("item", "date", "price", "promo"))
    assert model.state.number("common_variance") > 0.01, "the shop was to have weeks that its products share"
    assert told["units"].sum() == pytest.approx(lately["units"].sum(), rel=0.06)
