"""What products teach one another: estimates that nobody can believe do not teach the whole shop."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.effects import Hyper
from pricesmith.demand.fit_data import Data
from pricesmith.demand.groups import group
from pricesmith.demand.priors import FARTHEST, believable, learn_item_priors
from pricesmith.demand.shocks import Shocks

CATEGORIES, PRODUCTS = 30, 8
FINITE = st.floats(-30, 30)


@given(st.lists(st.tuples(FINITE, st.sampled_from([0.0, 1e-6, 0.1, 5.0, 1e4]), FINITE, st.floats(1e-4, 9.0)), min_size=1, max_size=20))
def test_what_lies_near_is_left_and_what_lies_far_comes_to_the_bound(rows: list[tuple[float, float, float, float]]) -> None:
    estimate, information, mean, variance = np.array(rows).T
    found = believable(estimate, information, mean, variance)
    known = information > 1e-9
    reach = FARTHEST * np.sqrt(variance + 1.0 / np.where(known, information, 1.0))
    near = ~known | (np.abs(estimate - mean) <= reach * (1 - 1e-9))
    assert (found[near] == estimate[near]).all()
    assert (np.abs(found - mean)[known] <= reach[known] * (1 + 1e-9)).all()
    assert ((found - mean) * (estimate - mean) >= 0).all(), "no estimate changes sides"


def shop(far: float) -> tuple[Hyper, Hyper, np.ndarray]:
    """Price effects around -2 that each product knows with a deviation of 1, but one category whose data ask for `far` more; before, after
    pooling; and which products are of that category."""
    rng, count = np.random.default_rng(0), CATEGORIES * PRODUCTS
    number = np.repeat(np.arange(CATEGORIES), PRODUCTS)
    odd = number == 4
    information = np.column_stack([np.full(count, 50.0), np.ones(count)])
    mean, variance = np.column_stack([np.zeros(count), np.full(count, -2.0)]), np.column_stack([np.ones(count), np.full(count, 0.3)])
    data = rng.normal(-2.0, 1.0, count) + far * odd
    mode = (data * 1.0 + mean[:, 1] / 0.3) / (1.0 + 1.0 / 0.3)
    before = Hyper(
        mean, variance, np.zeros((CATEGORIES, 0)), np.ones((CATEGORIES, 0)), 0.3, Shocks((0.02, 0.02)), {}, {}, np.zeros((CATEGORIES, 2))
    )
    items = pl.DataFrame(
        {"sku": [f"p{k}" for k in range(count)], "category": [f"c{k:02d}" for k in number], "channel": "s", "region": "r", "family": None},
        schema_overrides={"family": pl.String},
    )
    none = np.zeros(0)
    rows = Data(
        none.astype(int),
        none.astype(int),
        none,
        none,
        np.zeros((0, 2)),
        np.zeros((0, 0)),
        ("level", "price"),
        (),
        (28, 112),
        False,
        none.astype(int),
    )
    after = learn_item_priors(rows, group(items), before, np.column_stack([np.zeros(count), mode]), information)
    return before, after, odd


def test_a_category_whose_data_ask_for_the_impossible_moves_nobody_else() -> None:
    (_, usual, odd), (_, wild, _) = shop(0.0), shop(25.0)
    assert np.abs(wild.prior_mean[~odd, 1] - usual.prior_mean[~odd, 1]).max() < 0.25
    assert wild.tops["price"] == pytest.approx(usual.tops["price"], abs=0.2)
    assert max(wild.spreads["price"]) < 1.0, "without a bound the categories take all the spread that may be believed"


def test_a_category_that_is_other_is_still_seen_to_be() -> None:
    _, found, odd = shop(-1.5)
    assert found.prior_mean[odd, 1].mean() < found.prior_mean[~odd, 1].mean() - 0.2
