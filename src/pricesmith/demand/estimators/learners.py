"""Learners of a conditional mean for double machine learning: each fits on some rows and predicts others."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Floats

from .double_ml import Learner
from .spline_basis import spline_basis


def linear(controls: Floats, target: Floats, unseen: Floats) -> Floats:
    """Least squares with the controls as they are (add a constant or dummies yourself); collinear columns are allowed."""
    return np.asarray(unseen @ np.linalg.lstsq(controls, target, rcond=None)[0])


def splines(penalty: float = 1.0) -> Learner:
    """Ridge regression on piecewise-linear functions of every control and pair of controls.

    penalty  rows' worth of evidence that a coefficient is 0
    """

    def fit_predict(controls: Floats, target: Floats, unseen: Floats) -> Floats:
        basis = spline_basis(controls.T)
        values, level = basis.evaluate(controls.T), float(target.mean())
        gram = values @ values.T + penalty * np.eye(basis.size)
        weights = np.linalg.solve(gram, values @ (target - level))
        return np.asarray(level + weights @ basis.evaluate(unseen.T))

    return fit_predict


def lasso(controls: Floats, target: Floats, unseen: Floats) -> Floats:
    """Least squares on the controls that the lasso keeps (post-lasso, Belloni & Chernozhukov 2013).

    The penalty is the plug-in of Belloni, Chen, Chernozhukov & Hansen 2012 on standardised controls, its noise level found by iteration:
    1.1 sigma Phi^-1(1 - 0.05 / d) / sqrt(n).
    """
    centre, level = controls.mean(axis=0), float(target.mean())
    spread = controls.std(axis=0)
    spread[spread == 0.0] = 1.0
    scaled, aim = (controls - centre) / spread, target - level
    rows, width = scaled.shape
    gram, cross = scaled.T @ scaled / rows, scaled.T @ aim / rows
    noise, chosen, weights = float(aim.std()), np.zeros(width), np.zeros(width)
    for _ in range(3):
        penalty = 1.1 * noise * float(ndtri(1.0 - 0.05 / width)) / np.sqrt(rows)
        chosen = coordinate_descent(gram, cross, penalty, chosen)
        kept = np.flatnonzero(chosen)
        weights = np.zeros(width)
        weights[kept] = np.linalg.lstsq(gram[np.ix_(kept, kept)], cross[kept], rcond=None)[0]
        noise = float((aim - scaled @ weights).std())
    return np.asarray(level + (unseen - centre) / spread @ weights)


def coordinate_descent(gram: Floats, cross: Floats, penalty: float, start: Floats, sweeps: int = 1000, tolerance: float = 1e-7) -> Floats:
    """Coefficients (d,) that minimise w'Gw/2 - c'w + penalty |w|_1, from a starting point.

    gram  (d, d);  cross, start  (d,);  ends when no coefficient moves by more than the tolerance
    """
    weights = start.copy()
    diagonal = np.diag(gram).tolist()
    left = cross - gram @ weights
    for _ in range(sweeps):
        moved = 0.0
        for j, power in enumerate(diagonal):
            if power <= 0.0:
                continue
            old = float(weights[j])
            pull = float(left[j]) + power * old
            fresh = (pull - penalty if pull > penalty else min(pull + penalty, 0.0)) / power
            if fresh != old:
                left -= gram[j] * (fresh - old)
                weights[j] = fresh
                moved = max(moved, abs(fresh - old))
        if moved < tolerance:
            break
    return weights


def boosting(seed: int = 0, *, rounds: int = 100, leaves: int = 31, rate: float = 0.1) -> Learner:
    """Gradient-boosted trees (LightGBM, the extra `boosting`); same rows and seed, same predictions."""
    import lightgbm

    settings = {
        "objective": "regression",
        "num_leaves": leaves,
        "learning_rate": rate,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }

    def fit_predict(controls: Floats, target: Floats, unseen: Floats) -> Floats:
        model = lightgbm.train(settings, lightgbm.Dataset(controls, target), num_boost_round=rounds)
        return np.asarray(model.predict(unseen), dtype=np.float64)

    return fit_predict
