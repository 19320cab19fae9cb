"""Curves of the regression against the contract's response, numerical derivatives, and the laws of demand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.contracts.curves import response
from pricesmith.demand.curve import CANDIDATES, bought, elasticity_at, form_of, own_curve
from pricesmith.demand.intervals import predictive_quantiles
from pricesmith.demand.posterior import HIGHEST, cut_off, draws, quantiles

ELASTICITIES = st.floats(-8.0, -0.05)
RATIOS = st.floats(-0.8, 0.8)


@pytest.mark.parametrize("saturation", CANDIDATES)
def test_the_curve_seen_from_another_price_is_the_contracts_response(saturation: float) -> None:
    x, here = np.linspace(-0.5, 0.5, 21), 0.15
    elasticity = np.array([-2.3])
    value, _ = own_curve(x, elasticity, saturation)
    start, _ = own_curve(np.array([here]), elasticity, saturation)
    local = elasticity_at(np.array([here]), elasticity, saturation)
    share = bought(np.array([here]), elasticity, saturation)
    told = response(x - here, local, np.array([form_of(saturation)]), share)
    np.testing.assert_allclose(told, value - start, atol=1e-10)


@pytest.mark.parametrize("saturation", CANDIDATES)
@given(RATIOS, ELASTICITIES)
def test_derivatives_are_the_numerical_ones(saturation: float, x: float, elasticity: float) -> None:
    step = 1e-6
    at, e = np.array([x]), np.array([elasticity])
    value, slope = own_curve(at, e, saturation)
    above, below = own_curve(at, e + step, saturation)[0], own_curve(at, e - step, saturation)[0]
    assert slope[0] == pytest.approx((above - below)[0] / (2 * step), rel=1e-4, abs=1e-6)
    right, left = own_curve(at + step, e, saturation)[0], own_curve(at - step, e, saturation)[0]
    assert elasticity_at(at, e, saturation)[0] == pytest.approx((right - left)[0] / (2 * step), rel=1e-4, abs=1e-6)
    assert np.isfinite(value).all()


@pytest.mark.parametrize("saturation", CANDIDATES)
@given(ELASTICITIES)
def test_demand_never_rises_with_the_price(saturation: float, elasticity: float) -> None:
    value, _ = own_curve(np.linspace(-1.0, 1.0, 101), np.array([elasticity]), saturation)
    assert (np.diff(value) <= 1e-12).all()


@given(st.floats(-6.0, 3.0), st.floats(0.05, 3.0))
def test_posterior_draws_are_below_zero_and_ascend(mean: float, deviation: float) -> None:
    drawn = draws(np.array([mean]), np.array([deviation]), 64)
    assert (drawn <= HIGHEST).all()
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn) >= 0).all()


def test_what_is_cut_off_is_the_upper_tail() -> None:
    above = cut_off(np.array([HIGHEST, HIGHEST - 1.6448536, HIGHEST - 8.0]), np.ones(3))
    assert above == pytest.approx([0.5, 0.05, 0.0], abs=1e-7)


def test_quantiles_far_from_zero_are_those_of_the_normal() -> None:
    found = quantiles(np.array([-5.0]), np.array([0.3]), np.array([0.05, 0.5, 0.95]))
    np.testing.assert_allclose(found, [[-5.0 - 1.6448536 * 0.3, -5.0, -5.0 + 1.6448536 * 0.3]], atol=1e-6)


@pytest.mark.parametrize(("mean", "spread", "whole"), [(2.0, 0.3, True), (0.3, 1.0, True), (900.0, 0.1, True), (4.5, 0.2, False)])
def test_ninety_percent_of_demand_lies_in_its_interval(mean: float, spread: float, whole: bool) -> None:
    rng = np.random.default_rng(1)
    rate = mean * rng.gamma(1 / spread, spread, 200_000)
    drawn = rng.poisson(rate) if whole else rate
    low, high = predictive_quantiles(np.array([mean]), np.array([spread]), whole)
    inside = np.mean((drawn >= low) & (drawn <= high))
    assert 0.85 <= inside <= 0.95
