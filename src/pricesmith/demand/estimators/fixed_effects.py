"""Regression with many fixed effects: the within transform by alternating projections, then least squares on what is left.

Frisch-Waugh-Lovell: the coefficients equal those of the regression with a dummy for every level of every factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .group_sums import group_sum


@dataclass(frozen=True, slots=True)
class WithinFit:
    """Least squares within fixed effects.

    coefficient  (p,)
    robust       (p,) heteroscedasticity-consistent standard errors (HC0)
    clustered    (p,) standard errors clustered by the given groups, times G / (G - 1); NaN where none were given
    residual     (N,)
    """

    coefficient: Floats
    robust: Floats
    clustered: Floats
    residual: Floats


def within(values: Floats, factors: Sequence[Ints], *, tolerance: float = 1e-10, sweeps: int = 10_000) -> Floats:
    """Remove the means of every factor's levels, in turn, until none moves a value by more than the tolerance.

    values   (N, c)
    factors  each (N,) level numbers from 0; one factor needs one pass
    Source: von Neumann-Halperin alternating projections. Raises ArithmeticError where it has not converged in `sweeps`.
    """
    left = np.array(values, dtype=np.float64, order="F")
    plans = [(level, 1.0 / np.maximum(np.bincount(level), 1)) for level in factors]
    for column in left.T:
        scale = max(float(np.abs(column).max(initial=0.0)), 1.0)
        for _ in range(sweeps):
            moved = 0.0
            for level, share in plans:
                mean = np.bincount(level, column) * share
                moved = max(moved, float(np.abs(mean).max(initial=0.0)))
                column -= mean[level]
            if len(plans) < 2 or moved < tolerance * scale:
                break
        else:
            raise ArithmeticError(f"the within transform did not settle in {sweeps} sweeps")
    return left


def within_least_squares(outcome: Floats, regressors: Floats, factors: Sequence[Ints], *, cluster: Ints | None = None) -> WithinFit:
    """Regress an outcome on regressors within fixed effects.

    outcome     (N,)
    regressors  (N, p)
    factors     each (N,) level numbers from 0
    cluster     (N,) group numbers of rows whose errors may hang together
    """
    left = within(np.column_stack([outcome, regressors]), factors)
    y, x = left[:, 0], left[:, 1:]
    bread = np.asarray(np.linalg.pinv(x.T @ x), dtype=np.float64)
    coefficient = bread @ (x.T @ y)
    residual = y - x @ coefficient
    score = x * residual[:, None]
    robust = np.sqrt(np.diag(bread @ (score.T @ score) @ bread))
    clustered = np.full_like(robust, np.nan) if cluster is None else _clustered(score, cluster, bread)
    return WithinFit(coefficient, robust, clustered, residual)


def _clustered(score: Floats, cluster: Ints, bread: Floats) -> Floats:
    sums = group_sum(cluster, score)
    present = len(np.unique(cluster))
    meat = sums.T @ sums * (present / (present - 1))
    return np.asarray(np.sqrt(np.diag(bread @ meat @ bread)))
