"""Drift and readout by other ways: dense normal algebra, statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.experiments.readout import readout
from pricesmith.monitoring.drift import UNKNOWN, Drift, moments, posterior

SEEDS = range(5)


@pytest.mark.parametrize("seed", SEEDS)
def test_posterior_of_drifts_by_dense_algebra(seed: int) -> None:
    """Conditioning of one normal vector: shop, categories, and what was measured in some of them."""
    rng = np.random.default_rng(seed)
    value, variance = rng.normal(0.1, 0.1, 6), rng.uniform(0.001, 0.02, 6)
    variance[4:] = np.inf
    spread = float(rng.uniform(0.0, 0.05))
    prior = np.full((6, 6), UNKNOWN**2) + spread * np.eye(6)
    gain = prior[:, :4] @ np.linalg.inv(prior[:4, :4] + np.diag(variance[:4]))
    covariance = prior - gain @ prior[:4]
    mean, within, loading, shop = posterior(value, variance, spread)
    np.testing.assert_allclose(mean, gain @ value[:4], atol=1e-12)
    np.testing.assert_allclose(np.diag(within) + shop * np.outer(loading, loading), covariance, atol=1e-12)
    weight, code = rng.normal(size=20), rng.integers(0, 6, 20)
    whole = Drift(mean[code], np.diag(covariance)[code], code, within, loading, shop, 1.0, 20)
    dense = weight @ covariance[np.ix_(code, code)] @ weight
    assert whole.variance_of(weight) == pytest.approx(dense)


@pytest.mark.real
@pytest.mark.parametrize("seed", SEEDS)
def test_spread_of_categories_as_meta_analysis_has_it(seed: int) -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    rng = np.random.default_rng(seed)
    variance = rng.uniform(0.001, 0.02, 7)
    value = rng.normal(0.0, np.sqrt(variance + 0.03))
    found, noise = moments(value, variance)
    assert found == pytest.approx(float(combine_effects(value, variance, method_re="dl").tau2))
    assert variance.min() < noise < variance.max()


@pytest.mark.real
@pytest.mark.parametrize("seed", SEEDS)
def test_readout_by_weighted_least_squares(seed: int) -> None:
    """A ratio of sums is a weighted mean of ratios; its variance is White's with the factor n / (n - 1)."""
    from statsmodels.regression.linear_model import WLS

    rng = np.random.default_rng(seed)
    expected, chance = rng.uniform(1.0, 9.0, 40), rng.uniform(0.5, 0.9, 40)
    kept = rng.random(40) > chance
    profit = expected * rng.normal(np.where(kept, 1.0, 1.2), 0.3)
    sides = {}
    for arm, share in ((True, 1.0 - chance), (False, chance)):
        part = kept == arm
        fit = WLS((profit / expected)[part], np.ones(part.sum()), weights=(expected / share)[part]).fit(cov_type="HC1")
        sides[arm] = float(fit.params[0]), float(fit.bse[0])
    (old, old_error), (new, new_error) = sides[True], sides[False]
    found = readout(profit, expected, kept, chance)
    assert found is not None
    assert found.lift == pytest.approx(new / old - 1.0)
    assert found.error == pytest.approx(np.hypot(new_error / old, new / old * old_error / old))
