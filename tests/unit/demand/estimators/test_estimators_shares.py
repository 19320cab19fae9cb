"""Share models: laws of substitution, and elasticities against numerical derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.demand.estimators.logit import fit_logit, mean_utility, nest_share, nest_size, outside_share
from pricesmith.demand.estimators.substitution_patterns import (
    adding_up,
    diversion,
    logit_counterfactual,
    logit_elasticities,
    logit_shares,
    nested_elasticities,
    nested_shares,
)

ALPHA = -1.7


def numerical(shares: Callable[[np.ndarray], np.ndarray], price: np.ndarray) -> np.ndarray:
    """Elasticities by central differences of log shares in log prices."""
    step = 1e-5
    columns = []
    for k in range(len(price)):
        move = np.where(np.arange(len(price)) == k, step, 0.0)
        columns.append((np.log(shares(price * np.exp(move))) - np.log(shares(price * np.exp(-move)))) / (2 * step))
    return np.column_stack(columns)


@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_logit_elasticities(goods: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    level, price = random.normal(1.0, 1.0, goods), random.uniform(0.5, 3.0, goods)
    share = logit_shares(level + ALPHA * price)
    matrix = logit_elasticities(share, price, ALPHA)
    assert matrix == pytest.approx(numerical(lambda p: logit_shares(level + ALPHA * p), price), abs=1e-6)
    assert np.abs(adding_up(matrix, share, price, ALPHA)).max() < 1e-12
    flow = diversion(matrix, share)
    assert flow.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    assert (flow >= -1e-12).all()


@given(st.integers(2, 9), st.floats(0.0, 0.9), st.integers(0, 2**32 - 1))
def test_nested_elasticities(goods: int, nesting: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    level, price, nest = random.normal(0.0, 1.0, goods), random.uniform(0.5, 2.0, goods), np.arange(goods) % 3
    share = nested_shares(level + ALPHA * price, nest, nesting)
    matrix = nested_elasticities(share, price, ALPHA, nesting, nest)
    assert matrix == pytest.approx(numerical(lambda p: nested_shares(level + ALPHA * p, nest, nesting), price), abs=1e-6)
    assert np.abs(adding_up(matrix, share, price, ALPHA)).max() < 1e-12
    assert diversion(matrix, share).sum(axis=1) == pytest.approx(1.0, abs=1e-12)


def test_nests_without_correlation_are_plain_logit() -> None:
    utility, nest = np.array([0.3, -1.0, 2.0, 0.5]), np.array([0, 1, 0, 1])
    assert nested_shares(utility, nest, 0.0) == pytest.approx(logit_shares(utility), abs=1e-14)


def test_customers_of_a_nest_stay_in_it() -> None:
    nest, price = np.array([0, 0, 1, 1]), np.ones(4)
    share = nested_shares(np.zeros(4), nest, 0.8)
    flow = diversion(nested_elasticities(share, price, ALPHA, 0.8, nest), share)
    assert flow[0, 1] > 5 * flow[0, 2]


def test_extreme_utilities_stay_finite() -> None:
    assert logit_shares(np.array([800.0, -800.0])) == pytest.approx([1.0, 0.0])
    assert logit_shares(np.array([-800.0, -900.0])) == pytest.approx([0.0, 0.0])
    assert np.isfinite(nested_shares(np.array([500.0, -500.0]), np.array([0, 1]), 0.9)).all()


def test_counterfactual_is_the_model_again() -> None:
    price, level = np.array([1.0, 2.0, 1.5]), np.array([0.5, 1.0, -0.2])
    before, change = logit_shares(level + ALPHA * price), np.array([-0.5, 0.2, 0.0])
    after = logit_shares(level + ALPHA * (price + change))
    assert logit_counterfactual(before, change, ALPHA) == pytest.approx(after, abs=1e-14)
    lone = logit_counterfactual(before, np.array([-0.5, 0.0, 0.0]), ALPHA) / before
    assert lone[1] == pytest.approx(lone[2], abs=1e-14)  # independence of irrelevant alternatives


def markets(random: np.random.Generator, nesting: float) -> tuple[np.ndarray, ...]:
    """300 markets of 6 goods in up to 3 nests: share, price, market, nest, characteristic, cost; prices know the unseen quality."""
    count, goods = 300, 6
    market, nest = np.repeat(np.arange(count), goods), random.integers(0, 3, count * goods)
    cost, quality, trait = random.standard_normal((3, count * goods))
    price = 2.0 + 0.6 * cost + 0.4 * quality + 0.2 * random.standard_normal(count * goods)
    utility = 1.0 + 0.8 * trait + ALPHA * price + quality
    share = np.empty(count * goods)
    for number in range(count):
        rows = market == number
        local = np.unique(nest[rows], return_inverse=True)[1]
        share[rows] = nested_shares(utility[rows], local, nesting)
    return share, price, market, nest, trait, cost


def test_instrument_finds_the_price_effect() -> None:
    share, price, market, _, trait, cost = markets(np.random.default_rng(0), 0.0)
    exogenous = np.column_stack([np.ones(len(share)), trait])
    fit = fit_logit(share, price, market, regressors=exogenous, instruments=cost[:, None])
    plain = fit_logit(share, price, market, regressors=exogenous)
    assert abs(fit.price - ALPHA) < 4 * fit.fit.robust[0]
    assert plain.price > ALPHA + 0.5
    assert fit.fit.objective == pytest.approx(0.0, abs=1e-9)


def test_nesting_is_found() -> None:
    share, price, market, nest, trait, cost = markets(np.random.default_rng(1), 0.5)
    exogenous = np.column_stack([np.ones(len(share)), trait])
    instruments = np.column_stack([cost, nest_size(market, nest)])
    fit = fit_logit(share, price, market, nest=nest, regressors=exogenous, instruments=instruments, steps=2)
    assert abs(fit.price - ALPHA) < 4 * fit.fit.robust[0]
    assert abs(fit.nesting - 0.5) < 4 * fit.fit.robust[1]


def test_inversion_gives_the_utilities_back() -> None:
    utility = np.array([0.3, -1.0, 2.0])
    share, market = logit_shares(utility), np.zeros(3, dtype=np.int64)
    assert mean_utility(share, market) == pytest.approx(utility, abs=1e-12)
    assert outside_share(share, market) == pytest.approx(1.0 - share.sum())
    assert nest_share(share, market, np.array([0, 1, 0])) == pytest.approx(share / [share[0] + share[2], share[1], share[0] + share[2]])
    assert list(nest_size(market, np.array([0, 1, 0]))) == [2.0, 1.0, 2.0]
