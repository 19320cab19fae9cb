"""Flexible nuisance regressions: bases, cross-fitting without leaks, learners, double machine learning with clusters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from pricesmith.demand.estimators.cross_fitting import Strength, cross_fitted_residuals
from pricesmith.demand.estimators.double_ml import out_of_fold, partially_linear, random_folds
from pricesmith.demand.estimators.learners import boosting, coordinate_descent, lasso, linear, splines
from pricesmith.demand.estimators.spline_basis import spline_basis


@given(st.integers(1, 4), st.integers(2, 80), st.integers(0, 2**32 - 1))
def test_hats_share_out_one(controls: int, rows: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.standard_normal((controls, rows))
    basis = spline_basis(points)
    values = basis.evaluate(random.normal(0.0, 3.0, (controls, 50)))
    assert values.shape == (basis.size, 50)
    assert (values >= 0.0).all()
    parts = controls + controls * (controls - 1) // 2
    assert values.sum(axis=0) == pytest.approx(parts)


def test_basis_holds_every_line_between_its_end_knots() -> None:
    points = np.sort(np.random.default_rng(0).standard_normal((1, 400)))
    values = spline_basis(points).evaluate(points)
    line = np.linalg.lstsq(values.T, points[0], rcond=None)[0] @ values
    assert line == pytest.approx(points[0], abs=1e-9)


def test_few_values_have_a_knot_each() -> None:
    basis = spline_basis(np.array([[0.0, 1.0, 0.0, 1.0], [5.0, 5.0, 5.0, 5.0]]))
    assert [list(knots) for knots in basis.fine] == [[0.0, 1.0], [5.0]]
    assert basis.evaluate(np.array([[1.0], [7.0]]))[:, 0] == pytest.approx([0.0, 1.0, 1.0, 0.0, 1.0])


def test_sampled_knots_see_every_season() -> None:
    week = np.tile(np.arange(52.0), 4000)[None]
    assert len(spline_basis(week).fine[0]) == 12


def test_cross_fitting_equals_ridge_on_the_other_folds() -> None:
    random = np.random.default_rng(1)
    controls, targets, fold = random.standard_normal((2, 900)), random.standard_normal((2, 900)), random.integers(0, 3, 900)
    basis = spline_basis(controls)
    residual = cross_fitted_residuals(targets, controls, fold, basis=basis, strength=Strength(common=2.0))
    values = basis.evaluate(controls)
    for number in range(3):
        seen = fold != number
        weights = np.linalg.solve(values[:, seen] @ values[:, seen].T + 2.0 * np.eye(basis.size), values[:, seen] @ targets[:, seen].T)
        assert residual[:, ~seen] == pytest.approx(targets[:, ~seen] - weights.T @ values[:, ~seen], abs=1e-8)


def test_own_fold_cannot_leak() -> None:
    random = np.random.default_rng(2)
    controls, targets, fold = random.standard_normal((2, 600)), random.standard_normal((1, 600)), np.arange(600) % 2
    basis = spline_basis(controls)
    before = cross_fitted_residuals(targets, controls, fold, basis=basis)
    moved = targets + np.where(np.arange(600) == 10, 100.0, 0.0)
    after = cross_fitted_residuals(moved, controls, fold, basis=basis)
    same = (fold == fold[10]) & (np.arange(600) != 10)
    assert after[:, same] == pytest.approx(before[:, same], abs=1e-9)
    assert np.abs(after[:, ~same & (np.arange(600) != 10)] - before[:, fold != fold[10]]).max() > 1e-3


def test_groups_have_their_own_shape_and_lean_on_the_common_one() -> None:
    random = np.random.default_rng(3)
    group = np.repeat([0, 1, 2], [5000, 5000, 12])
    controls, fold = random.uniform(-2, 2, (1, len(group))), random.integers(0, 2, len(group))
    truth = np.where(group == 1, -1.0, 1.0) * np.sin(2 * controls[0])
    targets = (truth + 0.3 * random.standard_normal(len(group)))[None]
    residual = cross_fitted_residuals(targets, controls, fold, group=group)[0]
    alike = cross_fitted_residuals(targets, controls, fold)[0]
    assert residual[group < 2].std() == pytest.approx(0.3, rel=0.05)
    assert alike[group < 2].std() > 0.6
    assert residual[group == 2].std() < 2.0


def test_lasso_is_at_its_minimum() -> None:
    random = np.random.default_rng(4)
    design = random.standard_normal((200, 8))
    outcome = design @ [2.0, -1.0, 0, 0, 0, 0, 0, 0.5] + random.standard_normal(200)
    gram, cross, penalty = design.T @ design / 200, design.T @ outcome / 200, 0.15
    found = coordinate_descent(gram, cross, penalty, np.zeros(8))

    def loss(both: np.ndarray) -> float:
        weights = both[:8] - both[8:]
        return float(0.5 * weights @ gram @ weights - cross @ weights + penalty * both.sum())

    best = minimize(loss, np.ones(16), bounds=[(0, None)] * 16, options={"ftol": 1e-15, "gtol": 1e-10})
    assert found == pytest.approx(best.x[:8] - best.x[8:], abs=1e-4)
    assert (found == 0.0).sum() >= 3


@pytest.mark.parametrize("learner", [linear, lasso, splines(), boosting(rounds=60, leaves=8)])
def test_learners_predict_unseen_rows(learner: object) -> None:
    random = np.random.default_rng(5)
    controls = random.standard_normal((1500, 4))
    truth = 1.0 * controls[:, 0] - 0.5 * controls[:, 1]
    target = truth + 0.3 * random.standard_normal(1500)
    found = learner(controls[:1000], target[:1000], controls[1000:])  # type: ignore[operator]
    assert np.mean((found - truth[1000:]) ** 2) < 0.1 * truth.var()
    assert found == pytest.approx(learner(controls[:1000], target[:1000], controls[1000:]), abs=0.0)  # type: ignore[operator]


def test_constant_control_does_no_harm() -> None:
    controls = np.column_stack([np.ones(50), np.arange(50.0)])
    found = lasso(controls, 2.0 * np.arange(50.0), controls)
    assert found == pytest.approx(2.0 * np.arange(50.0), rel=0.01, abs=0.5)


def test_splines_remove_what_a_line_cannot() -> None:
    random = np.random.default_rng(6)
    controls = random.uniform(-2, 2, (3000, 2))
    confounder = np.cos(3 * controls[:, 0]) + controls[:, 0] * controls[:, 1]
    price = confounder + 0.5 * random.standard_normal(3000)
    units = -2.0 * price + 3.0 * confounder + 0.5 * random.standard_normal(3000)
    folds = random_folds(3000, 2, 1, random)
    flexible = partially_linear(units, price, controls, folds, outcome_learner=splines(), treatment_learner=splines())
    straight = partially_linear(units, price, controls, folds, outcome_learner=linear, treatment_learner=linear)
    assert abs(flexible.effect + 2.0) < 4 * flexible.standard_error + 0.05
    assert straight.effect > -0.5


def test_clusters_widen_the_interval() -> None:
    random = np.random.default_rng(7)
    cluster = np.repeat(np.arange(60), 20)
    price = random.standard_normal(60)[cluster] + 0.3 * random.standard_normal(1200)
    units = -2.0 * price + random.standard_normal(60)[cluster]
    controls, folds = np.ones((1200, 1)), random_folds(1200, 4, 2, random, cluster=cluster)
    settings = {"outcome_learner": linear, "treatment_learner": linear}
    plain = partially_linear(units, price, controls, folds, **settings)
    grouped = partially_linear(units, price, controls, folds, cluster=cluster, **settings)
    assert grouped.effect == plain.effect
    assert grouped.standard_error > 2 * plain.standard_error
    low, high = grouped.interval()
    assert low < -2.0 < high


def test_folds_are_even_and_keep_clusters_together() -> None:
    random = np.random.default_rng(8)
    folds = random_folds(100, 5, 3, random)
    assert (np.stack([np.bincount(fold) for fold in folds]) == 20).all()
    cluster = np.repeat(np.arange(10), 7)
    for fold in random_folds(70, 3, 2, random, cluster=cluster):
        assert all(len(set(fold[cluster == number])) == 1 for number in range(10))


def test_out_of_fold_never_sees_its_fold() -> None:
    target, fold = np.arange(8.0), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    residual = out_of_fold(target, np.ones((8, 1)), fold, lambda _, seen, unseen: np.full(len(unseen), seen.mean()))
    assert residual == pytest.approx(np.r_[np.arange(4) - 5.5, np.arange(4, 8) - 1.5])
