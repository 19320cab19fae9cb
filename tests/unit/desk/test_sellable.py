"""How much may be sold at a price: the mean's own doubt, the noise of demand, and counting."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pricesmith.contracts.curves import Z90
from pricesmith.demand.hindsight import LASTING, noise_of
from pricesmith.flows.desk.curve import Candidate
from pricesmith.flows.desk.sellable import sellable, sum_range


def at(units: float, low: float, high: float) -> Candidate:
    return Candidate(100, units, low, high, None, 0.0, None, None, None, True)


def decided(**demand: Any) -> Any:
    return SimpleNamespace(shop=SimpleNamespace(demand=SimpleNamespace(**demand)))


def test_nine_in_ten_of_drawn_sales_lie_inside() -> None:
    """A mean drawn around what is expected, a gamma for the noise of the days ahead, then counts."""
    units, sd, noise, days = 2.0, 0.15, 0.05, 28
    of_model = decided(noise=lambda items, ahead: (np.array([noise / 2]), np.array([noise / 2])))
    told = sellable(of_model, 0, at(units, units * np.exp(-Z90 * sd), units * np.exp(Z90 * sd)), days)
    assert told is not None
    rng = np.random.default_rng(3)
    means = units * days * np.exp(rng.normal(0.0, sd, 200_000)) * rng.gamma(1.0 / noise, noise, 200_000)
    sold = rng.poisson(means) / days
    assert float(((sold >= told[0]) & (sold <= told[1])).mean()) == pytest.approx(0.9, abs=0.02)


def test_it_is_wider_than_that_of_the_mean_and_narrower_the_longer_it_lasts() -> None:
    of_model = decided(noise=lambda items, ahead: noise_of(np.array([0.3]), ahead / 7.0))
    short, long = (sellable(of_model, 0, at(2.0, 1.8, 2.2), days) for days in (7, 56))
    assert short is not None and long is not None
    assert short[0] < long[0] < 1.8 and 2.2 < long[1] < short[1]


def test_nothing_is_said_of_what_is_not_known() -> None:
    known = decided(noise=lambda items, ahead: (np.array([0.1]), np.array([0.0])))
    assert sellable(known, 0, None, 28) is None
    assert sellable(known, 0, at(0.0, 0.0, 0.0), 28) is None
    assert sellable(decided(), 0, at(2.0, 1.8, 2.2), 28) is None


def test_part_of_the_noise_lasts() -> None:
    assert sum(noise_of(np.array([0.4]), 1.0))[0] == pytest.approx(0.4)
    assert sum(noise_of(np.array([0.4]), 1e9))[0] == pytest.approx(0.4 * LASTING)


def test_nine_in_ten_of_drawn_sums_lie_inside() -> None:
    """Half of what lasts is drawn once for all products, half for each; what passes, and the counts, by itself."""
    rng = np.random.default_rng(11)
    count, days, level, lasting, passing = 30, 28, 0.01, 0.02, 0.03
    base, worth = rng.uniform(0.2, 4.0, count), rng.uniform(-1.0, 5.0, count)
    worth[3] = np.nan
    curves = SimpleNamespace(base=base, level=rng.normal(0.0, level**0.5, (count, 4_000)))
    low, high = sum_range(curves, (np.full(count, lasting), np.full(count, passing)), worth, days)  # type: ignore[arg-type]
    drawn = 20_000
    both = rng.normal(size=(drawn, 1)) * 0.5**0.5 + rng.normal(size=(drawn, count)) * 0.5**0.5
    logs = both * (level + lasting) ** 0.5 + rng.normal(size=(drawn, count)) * passing**0.5
    sums = (rng.poisson(base * days * np.exp(logs)) * np.nan_to_num(worth)).sum(axis=1) / days
    assert float(((sums >= low) & (sums <= high)).mean()) == pytest.approx(0.9, abs=0.025)
    assert low < float(np.nansum(base * worth)) < high
