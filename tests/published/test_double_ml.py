"""Double machine learning against its exact anchors, its published simulation, and the package DoubleML."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import toeplitz

from pricesmith.demand.estimators.double_ml import partially_linear, random_folds
from pricesmith.demand.estimators.fixed_effects import within_least_squares
from pricesmith.demand.estimators.learners import lasso, linear

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]


def partly_linear_sample(rows: int, random: np.random.Generator, effect: float = 0.5, width: int = 20) -> Sample:
    """Outcome, treatment, controls of the simulation in Chernozhukov et al. 2018, section 5."""

    def bend(x: np.ndarray) -> np.ndarray:
        return 1.0 / (1.0 + np.exp(-x))

    controls = random.standard_normal((rows, width)) @ np.linalg.cholesky(toeplitz(0.7 ** np.arange(width))).T
    treatment = controls[:, 0] + 0.25 * bend(controls[:, 2]) + random.standard_normal(rows)
    outcome = effect * treatment + bend(controls[:, 0]) + 0.25 * controls[:, 2] + random.standard_normal(rows)
    return outcome, treatment, controls


def test_equals_the_fixed_effects_regression() -> None:
    """With dummy regressions as nuisances and no cross-fitting, double machine learning is Frisch-Waugh-Lovell."""
    random = np.random.default_rng(3)
    product, week = random.integers(0, 30, 2000), random.integers(0, 25, 2000)
    price = random.standard_normal(30)[product] + random.standard_normal(25)[week] + random.standard_normal(2000)
    units = -2.4 * price + random.standard_normal(30)[product] * 3.0 + random.standard_normal(25)[week] + random.standard_normal(2000)
    dummies = np.hstack([np.eye(30)[product], np.eye(25)[week]])
    fit = partially_linear(units, price, dummies, np.zeros((1, 2000), dtype=np.int64), outcome_learner=linear, treatment_learner=linear)
    reference = within_least_squares(units, price[:, None], [product, week])
    assert fit.effect == pytest.approx(reference.coefficient[0], abs=1e-8)
    assert fit.standard_error == pytest.approx(reference.robust[0], abs=1e-8)


@pytest.mark.real
def test_simulated_coverage() -> None:
    random = np.random.default_rng(2018)
    effects, covered = [], 0
    for _ in range(500):
        outcome, treatment, controls = partly_linear_sample(500, random)
        folds = random_folds(500, 3, 1, random)
        fit = partially_linear(outcome, treatment, controls, folds, outcome_learner=lasso, treatment_learner=lasso)
        low, high = fit.interval(0.95)
        effects.append(fit.effect)
        covered += low <= 0.5 <= high
    assert np.mean(effects) == pytest.approx(0.5, abs=0.02)
    assert 0.92 <= covered / 500 <= 0.98


@pytest.mark.real
def test_agrees_with_doubleml() -> None:
    peer = pytest.importorskip("doubleml", reason="the package doubleml is not installed (extra `real`)")
    models = pytest.importorskip("sklearn.linear_model")
    random = np.random.default_rng(11)
    outcome, treatment, controls = partly_linear_sample(700, random)
    folds = random_folds(700, 4, 3, random)

    def ridge(seen: np.ndarray, target: np.ndarray, unseen: np.ndarray) -> np.ndarray:
        return np.asarray(models.Ridge(alpha=2.0).fit(seen, target).predict(unseen))

    ours = partially_linear(outcome, treatment, controls, folds, outcome_learner=ridge, treatment_learner=ridge)
    data = peer.DoubleMLData.from_arrays(controls, outcome, treatment)
    model = peer.DoubleMLPLR(data, models.Ridge(alpha=2.0), models.Ridge(alpha=2.0), n_folds=4, n_rep=3)
    rows = np.arange(700)
    model.set_sample_splitting([[(rows[fold != k], rows[fold == k]) for k in range(4)] for fold in folds])
    model.fit()
    assert ours.effects == pytest.approx(np.ravel(model.all_coef), abs=1e-8)
    assert ours.errors == pytest.approx(np.ravel(model.all_se), abs=1e-8)
    assert ours.effect == pytest.approx(model.coef[0], abs=1e-8)
