"""How much may be sold at a price: the mean's own doubt, the noise of demand, and counting."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pricesmith.contracts.curves import Z90
from pricesmith.demand.hindsight import Noise
from pricesmith.flows.desk.product.curve import Candidate
from pricesmith.flows.desk.runs.sellable import around_sum, sellable, sum_range


def at(units: float, low: float, high: float) -> Candidate:
    return Candidate(100, units, low, high, None, 0.0, None, None, None, True)


def decided(**demand: Any) -> Any:
    return SimpleNamespace(shop=SimpleNamespace(demand=SimpleNamespace(**demand)))


def telling(lasting: float, passing: float = 0.0, together: float = 0.0) -> Any:
    """A model with that noise of the mean of so many weeks."""
    return decided(noise=lambda items, days: Noise(np.full(items.size, lasting), np.full(items.size, passing), together).over(days / 7.0))


def test_nine_in_ten_of_drawn_sales_lie_inside() -> None:
    """A mean drawn around what is expected, a gamma for the noise of the days ahead, then counts."""
    units, sd, noise, days = 2.0, 0.15, 0.05, 28
    told = sellable(telling(noise / 2, 0.0, noise / 2), 0, at(units, units * np.exp(-Z90 * sd), units * np.exp(Z90 * sd)), days)
    assert told is not None
    rng = np.random.default_rng(3)
    means = units * days * np.exp(rng.normal(0.0, sd, 200_000)) * rng.gamma(1.0 / noise, noise, 200_000)
    sold = rng.poisson(means) / days
    assert float(((sold >= told[0]) & (sold <= told[1])).mean()) == pytest.approx(0.9, abs=0.02)


def test_it_is_wider_than_that_of_the_mean_and_narrower_the_longer_it_lasts() -> None:
    short, long = (sellable(telling(0.1, 0.2), 0, at(2.0, 1.8, 2.2), days) for days in (7, 56))
    assert short is not None and long is not None
    assert short[0] < long[0] < 1.8 and 2.2 < long[1] < short[1]


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert sellable(telling(0.1), 0, None, 28) is None
    assert sellable(telling(0.1), 0, at(0.0, 0.0, 0.0), 28) is None
    assert sellable(decided(), 0, at(2.0, 1.8, 2.2), 28) is None


@pytest.mark.parametrize("losing", [False, True])
def test_nine_in_ten_of_drawn_sums_lie_inside(losing: bool) -> None:
    """What all have in common is drawn once for all, the level and the noise of each for itself. Only what can lose may lie below zero."""
    rng = np.random.default_rng(11)
    count, days, level, lasting, passing, together = 30, 28, 0.05, 0.2, 0.03, 0.06
    base, worth = rng.uniform(0.2, 4.0, count), rng.uniform(-1.0 if losing else 1.0, 5.0, count)
    worth[3] = np.nan
    curves = SimpleNamespace(base=base, level=rng.normal(0.0, level**0.5, (count, 4_000)))
    noise = Noise(np.full(count, lasting), np.full(count, passing), together)
    low, high = sum_range(curves, noise, worth, days)  # type: ignore[arg-type]
    drawn, wide = 20_000, level + lasting + passing
    logs = rng.normal(-wide / 2, wide**0.5, (drawn, count)) + rng.normal(-together / 2, together**0.5, (drawn, 1))
    sums = (rng.poisson(base * days * np.exp(logs)) * np.nan_to_num(worth)).sum(axis=1) / days
    assert float(((sums >= low) & (sums <= high)).mean()) == pytest.approx(0.9, abs=0.025)
    assert low < float(np.nansum(base * worth)) < high and (losing or low > 0.0)


def test_a_sum_of_what_cannot_lose_lies_above_zero_however_unsure_it_is() -> None:
    """And half of what is not known of elasticities is common to all."""
    low, high = around_sum(100.0, 90.0**2, np.zeros(1), 0.5, positive=True)
    assert 0.0 < low < 100.0 < high
    assert around_sum(100.0, 90.0**2, np.zeros(1), 0.5, positive=False)[0] < 0.0
    price = np.array([3.0, 4.0])
    width = around_sum(0.0, 0.0, price, 0.0, positive=False)[1]
    assert width == pytest.approx(Z90 * (0.5 * 25.0 + 0.5 * 49.0) ** 0.5)
