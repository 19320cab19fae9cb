"""What margins tell of elasticities: learned from the products' own estimates, and nothing where prices or costs say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pricesmith.demand.margins import margins, slope
from pricesmith.engine import learn
from pricesmith.testing.fakes import made_snapshot
from tests.laws.test_engine_laws import policy


def items(**columns: list[float | None]) -> pl.DataFrame:
    count = len(columns["current_price"])
    rest = {"tax_rate": [0.25] * count, "fee_rate": [0.1] * count, "payment_rate": [0.0] * count, "cost_assumed": [0] * count}
    return pl.DataFrame({**rest, **columns}, schema_overrides={"landed_cost": pl.Float64, "current_price": pl.Float64})


def test_a_margin_stands_beside_those_of_its_category() -> None:
    """Of 1250 the shop keeps 900: 450 is half of it, 675 three quarters. The third cost is assumed, the fourth is not known."""
    rows = items(
        current_price=[1250, 1250, 1250, 1250, 1250, None], landed_cost=[450, 675, 90, None, 900, 450], cost_assumed=[0, 0, 1, 0, 0, 0]
    )
    assert margins(rows, np.array([0, 0, 0, 0, 1, 1])).tolist() == pytest.approx([0.125, -0.125, 0.0, 0.0, 0.0, 0.0])


def test_a_price_below_cost_counts_as_no_margin() -> None:
    rows = items(current_price=[1250, 1250], landed_cost=[9000, 450])
    assert margins(rows, np.zeros(2, np.int64)).tolist() == pytest.approx([-0.25, 0.25])


@pytest.mark.parametrize("true", [2.0, 0.0])
def test_the_slope_is_that_of_the_estimates_within_categories(true: float) -> None:
    """Categories differ by elasticity and margin alike, the other way round; inside them a margin of 1 is worth `true`."""
    rng, count = np.random.default_rng(0), 900
    category = rng.integers(0, 6, count)
    inside = rng.normal(0.0, 0.15, count)
    margin = inside - (np.bincount(category, inside) / np.bincount(category))[category]
    deviation = rng.uniform(0.2, 1.5, count)
    estimate = -2.0 - 0.4 * category + true * inside + rng.normal(0.0, 0.3, count) + deviation * rng.normal(size=count)
    found = slope(estimate, deviation**-2.0, np.full(count, 0.09), margin, category)
    assert found == pytest.approx(true, abs=0.4)
    unknown = np.arange(count) % 3 == 0
    wild = np.where(unknown, 500.0, estimate)
    blind = np.where(unknown, 0.0, deviation**-2.0)
    assert slope(wild, blind, np.full(count, 0.09), margin, category) == pytest.approx(true, abs=0.5), "what is not known does not count"


def test_few_products_hardly_move_the_slope() -> None:
    few = slope(np.array([-3.0, -1.0]), np.full(2, 4.0), np.full(2, 0.1), np.array([-0.05, 0.05]), np.zeros(2, np.int64))
    assert 0.0 < few < 1.0, "two points alone would say 20"


def test_assumed_costs_and_costs_that_tell_nothing_leave_the_elasticities_alone() -> None:
    shop = made_snapshot(1, products=9, days=120)
    assumed = shop.items.with_columns(cost_assumed=pl.lit(1, pl.Int8))
    doubled = assumed.with_columns(landed_cost=pl.col("landed_cost") * pl.Series([0.5, 1.0, 0.7] * 3))
    known = doubled.with_columns(cost_assumed=pl.lit(0, pl.Int8))
    learned = (learn(replace(shop, items=rows), policy()) for rows in (assumed, doubled, known))
    alone, again, told = (one.elasticities(shop)["elasticity"].to_list() for one in learned)
    assert alone == again
    assert told != alone
