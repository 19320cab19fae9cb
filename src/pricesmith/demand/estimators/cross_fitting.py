"""Out-of-fold residuals by ridge regression on a flexible basis: the moments of all other folds are a subtraction.

Groups (categories) have their own coefficients, drawn towards the common ones as far as they have few rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from pricesmith.contracts.curves import Floats, Ints

from .spline_basis import SplineBasis, spline_basis

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Strength:
    """How strongly coefficients are held.

    common  rows' worth of evidence that the common coefficients are 0 (keeps collinear functions apart)
    group   rows' worth of evidence that a group's coefficients are the common ones
    """

    common: float = 1.0
    group: float = 10.0


def cross_fitted_residuals(
    targets: Floats,
    controls: Floats,
    fold: Ints,
    *,
    group: Ints | None = None,
    basis: SplineBasis | None = None,
    strength: Strength = Strength(),
) -> Floats:
    """Residuals of targets on controls, every row predicted by a model that has not seen its fold.

    targets   (t, N) variables to predict, one a row
    controls  (d, N)
    fold      (N,) fold numbers from 0, at least two
    group     (N,) group numbers from 0; one group where not given
    returns   (t, N)
    """
    functions = spline_basis(controls) if basis is None else basis
    member = np.zeros(len(fold), dtype=np.int64) if group is None else group
    folds, groups = int(fold.max()) + 1, int(member.max()) + 1
    cell = member * folds + fold
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(groups * folds + 1))
    sorted_targets, sorted_controls = targets[:, order], controls[:, order]
    gram, cross = _moments(functions, sorted_controls, sorted_targets, bounds)
    weights = _solve(gram.reshape(groups, folds, *gram.shape[1:]), cross.reshape(groups, folds, *cross.shape[1:]), strength)
    residual = _subtract(functions, sorted_controls, sorted_targets, bounds, weights.reshape(groups * folds, *cross.shape[1:]))
    back = np.empty_like(residual)
    back[:, order] = residual
    return back


def _pieces(bounds: Ints) -> list[tuple[int, slice]]:
    """(cell, rows) of every chunk."""
    return [
        (cell, slice(low, min(low + _CHUNK, bounds[cell + 1])))
        for cell in range(len(bounds) - 1)
        for low in range(bounds[cell], bounds[cell + 1], _CHUNK)
    ]


def _moments(functions: SplineBasis, controls: Floats, targets: Floats, bounds: Ints) -> tuple[Floats, Floats]:
    """Per cell: moments of the functions (cells, F, F), and of functions with targets (cells, F, t)."""
    cells = len(bounds) - 1
    gram = np.zeros((cells, functions.size, functions.size))
    cross = np.zeros((cells, functions.size, len(targets)))
    for cell, rows in _pieces(bounds):
        values = functions.evaluate(controls[:, rows])
        gram[cell] += values @ values.T
        cross[cell] += values @ targets[:, rows].T
    return gram, cross


def _solve(gram: Floats, cross: Floats, strength: Strength) -> Floats:
    """Coefficients of every group without every fold: (groups, folds, F, t)."""
    groups, folds, size = gram.shape[:3]
    weights = np.empty_like(cross)
    ridge = np.eye(size)
    common_gram, common_cross = gram.sum(axis=0), cross.sum(axis=0)
    for fold in range(folds):
        others_gram, others_cross = common_gram.sum(axis=0) - common_gram[fold], common_cross.sum(axis=0) - common_cross[fold]
        common = cho_solve(cho_factor(others_gram + strength.common * ridge), others_cross)
        if groups == 1:
            weights[0, fold] = common
            continue
        for group in range(groups):
            own_gram, own_cross = gram[group].sum(axis=0) - gram[group, fold], cross[group].sum(axis=0) - cross[group, fold]
            factor = cho_factor(own_gram + strength.group * ridge)
            weights[group, fold] = cho_solve(factor, own_cross + strength.group * common)
    return weights


def _subtract(functions: SplineBasis, controls: Floats, targets: Floats, bounds: Ints, weights: Floats) -> Floats:
    residual = np.array(targets, dtype=np.float64)
    for cell, rows in _pieces(bounds):
        residual[:, rows] -= weights[cell].T @ functions.evaluate(controls[:, rows])
    return residual
