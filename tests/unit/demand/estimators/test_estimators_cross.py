"""Cross elasticities: truth found, noise shrunk, signs free, intervals calibrated."""

from __future__ import annotations

import numpy as np
import pytest

from pricesmith.demand.estimators.cross_elasticities import CrossElasticities, cross_elasticities
from pricesmith.demand.estimators.least_squares import least_squares, partial_out
from pricesmith.demand.estimators.moments import Moments, block_moments

PRODUCTS, OTHERS, WEEKS = 300, 4, 60


def family_panel(random: np.random.Generator, mean: float = 0.15, spread: float = 0.3) -> tuple[Moments, np.ndarray, np.ndarray]:
    """Moments without the constant, true own elasticities (N,), true cross elasticities (N, q)."""
    own, cross = random.normal(-2.4, 0.5, PRODUCTS), random.normal(mean, spread, (PRODUCTS, OTHERS))
    prices = 0.12 * random.standard_normal((PRODUCTS, WEEKS, 1 + OTHERS))
    outcome = 3.0 + np.einsum("nwp,np->nw", prices, np.column_stack([own, cross])) + 0.4 * random.standard_normal((PRODUCTS, WEEKS))
    block = np.concatenate([np.ones((PRODUCTS, WEEKS, 1)), prices, outcome[..., None]], axis=2)
    return partial_out(block_moments(block), 1), own, cross


def fitted(seed: int, **shape: float) -> tuple[CrossElasticities, Moments, np.ndarray, np.ndarray]:
    moments, own, cross = family_panel(np.random.default_rng(seed), **shape)
    return cross_elasticities(moments, np.ones((PRODUCTS, OTHERS), dtype=bool)), moments, own, cross


def test_closer_than_least_squares_and_calibrated() -> None:
    fit, moments, own, cross = fitted(0)
    plain = least_squares(moments).coefficient
    assert np.sqrt(np.mean((fit.cross - cross) ** 2)) < 0.75 * np.sqrt(np.mean((plain[:, 1:] - cross) ** 2))
    assert np.mean((fit.own - own) ** 2) <= np.mean((plain[:, 0] - own) ** 2)
    low, high = fit.interval(0.9)
    assert np.mean((low <= cross) & (cross <= high)) == pytest.approx(0.9, abs=0.025)
    assert fit.mean == pytest.approx(0.15, abs=0.06)
    assert fit.spread == pytest.approx(0.3, abs=0.1)


def test_substitutes_and_complements_are_told_apart() -> None:
    fit, _, _, cross = fitted(1, spread=0.8)
    sure = np.abs(fit.cross) > 1.645 * np.sqrt(fit.cross_variance)
    assert (sure & (fit.cross < 0)).sum() > 20
    assert (sure & (fit.cross > 0)).sum() > 20
    assert np.mean(np.sign(fit.cross[sure]) == np.sign(cross[sure])) > 0.95


def test_no_cross_effects_are_seen_as_none() -> None:
    fit, *_ = fitted(2, mean=0.0, spread=0.0)
    assert fit.spread < 0.15
    assert np.abs(fit.cross).mean() < 0.05


def test_is_the_dense_ridge_posterior() -> None:
    fit, moments, *_ = fitted(3)
    noise = least_squares(moments).residual[7] / least_squares(moments).freedom[7]
    prior = np.diag(1.0 / np.r_[4.0, np.full(OTHERS, fit.spread**2)])
    centre = np.r_[-2.62, np.full(OTHERS, fit.mean)]
    precision = moments.gram[7, :-1, :-1] / noise + prior
    value = np.linalg.solve(precision, moments.gram[7, :-1, -1] / noise + prior @ centre)
    assert np.r_[fit.own[7], fit.cross[7]] == pytest.approx(value, abs=1e-4)
    assert fit.cross_variance[7] == pytest.approx(np.diag(np.linalg.inv(precision))[1:], rel=1e-3)


def test_families_of_different_size() -> None:
    moments, *_ = family_panel(np.random.default_rng(4))
    present = np.ones((PRODUCTS, OTHERS), dtype=bool)
    present[:100, 2:] = False
    gram = moments.gram.copy()
    gram[:100, 3:5, :] = 0.0
    gram[:100, :, 3:5] = 0.0
    fit = cross_elasticities(Moments(gram, moments.rows), present)
    assert np.isnan(fit.cross[:100, 2:]).all()
    assert np.isfinite(fit.cross[present]).all()
    alone = cross_elasticities(Moments(gram[:100][:, [0, 1, 2, 5]][:, :, [0, 1, 2, 5]], moments.rows[:100]), present[:100, :2])
    assert np.corrcoef(alone.cross.ravel(), fit.cross[:100, :2].ravel())[0, 1] > 0.95
