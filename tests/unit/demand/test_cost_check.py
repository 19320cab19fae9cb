"""The Anderson-Rubin set against its definition, and its coverage with strong and useless costs."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.cost_check import CHI2_90, anderson_rubin_set


def refused(outcome: np.ndarray, price: np.ndarray, slope: float) -> bool:
    score = outcome - slope * price
    return bool(score.sum() ** 2 > CHI2_90 * np.sum(score**2))


def inside(shape: str, low: float, high: float, slope: float) -> bool:
    return {"interval": low <= slope <= high, "outside": slope <= low or slope >= high, "everything": True}[shape]


@pytest.mark.parametrize("strength", [0.0, 0.3, 3.0])
def test_the_set_is_what_the_test_does_not_refuse(strength: float) -> None:
    rng = np.random.default_rng(4)
    for _ in range(200):
        price = strength + rng.normal(size=40)
        outcome = -1.5 * price + rng.normal(size=40)
        shape, low, high = anderson_rubin_set(outcome, price)
        for slope in rng.normal(-1.5, 5.0, 20):
            assert inside(shape, low, high, slope) != refused(outcome, price, slope)


@pytest.mark.parametrize("strength", [0.0, 3.0])
def test_the_true_slope_is_inside_nine_times_in_ten(strength: float) -> None:
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(2000):
        price = strength * rng.uniform(0.5, 1.5, 100) + rng.normal(size=100)
        outcome = -1.5 * price + rng.normal(size=100)
        hits += inside(*anderson_rubin_set(outcome, price), -1.5)
    assert 0.88 <= hits / 2000 <= 0.92


def test_useless_costs_refuse_next_to_nothing() -> None:
    rng = np.random.default_rng(1)
    wide = 0
    for _ in range(300):
        price = rng.normal(size=60)
        shape, *_ = anderson_rubin_set(rng.normal(size=60), price)
        wide += shape != "interval"
    assert wide > 240
