"""Demand of days that sold out, against sums over the counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from pricesmith.demand.sold_out import wanted


@pytest.mark.parametrize("mean", [0.4, 3.0, 40.0])
@pytest.mark.parametrize("dispersion", [0.05, 0.5])
@pytest.mark.parametrize("sold", [1, 2, 5, 30])
def test_the_expectation_is_that_of_the_truncated_counts(mean: float, dispersion: float, sold: int) -> None:
    size = 1.0 / dispersion
    counts = np.arange(sold, 4000)
    chance = nbinom.pmf(counts, size, size / (size + mean))
    expected = float(counts @ chance / chance.sum())
    found = wanted(np.array([float(sold)]), np.array([mean]), dispersion)
    assert found[0] == pytest.approx(expected, rel=1e-8)


def test_what_was_wanted_is_never_less_than_what_was_sold() -> None:
    sold = np.array([1.0, 50.0, 4000.0])
    assert np.all(wanted(sold, np.array([1e-6, 1e-6, 1e-3]), 0.1) >= sold)
