"""Linear models with instruments on rows: least squares, two-stage least squares, and two-step generalised method of moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .group_sums import group_sum


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A linear model y = X b + e with E[z e] = 0.

    coefficient   (p,)
    robust        (p,) heteroscedasticity-consistent standard errors, no small-sample factor
    clustered     (p,) standard errors for errors that hang together within clusters, no small-sample factor; NaN without clusters
    objective     N g' W g at the solution, g the mean of z e; about 0 with as many instruments as regressors
    residual      (N,)
    """

    coefficient: Floats
    robust: Floats
    clustered: Floats
    objective: float
    residual: Floats


def linear_gmm(outcome: Floats, regressors: Floats, instruments: Floats, *, steps: int = 1, cluster: Ints | None = None) -> LinearFit:
    """Fit by the generalised method of moments.

    outcome      (N,)
    regressors   (N, p)
    instruments  (N, m) all instruments, exogenous regressors among them; m >= p. The regressors themselves: least squares
    steps        1: W = (Z'Z / N)^-1, two-stage least squares. 2: then W = inverse of the centred variance of z e (Hansen 1982)
    """
    count = len(outcome)
    cross, target = instruments.T @ regressors / count, instruments.T @ outcome / count
    weight = np.linalg.pinv(instruments.T @ instruments / count)
    for step in range(steps):
        bread = np.linalg.inv(cross.T @ weight @ cross)
        coefficient = bread @ (cross.T @ weight @ target)
        residual = outcome - regressors @ coefficient
        score = instruments * residual[:, None]
        if step < steps - 1:
            centred = score - score.mean(axis=0)
            weight = np.linalg.inv(centred.T @ centred / count)
    mean = score.mean(axis=0)
    half = bread @ cross.T @ weight
    robust = _error(half, score.T @ score / count, count)
    clustered = np.full_like(robust, np.nan) if cluster is None else _error(half, _cluster_meat(score, cluster) / count, count)
    return LinearFit(coefficient, robust, clustered, float(count * mean @ weight @ mean), residual)


def _error(half: Floats, meat: Floats, count: int) -> Floats:
    return np.asarray(np.sqrt(np.diag(half @ meat @ half.T) / count))


def _cluster_meat(score: Floats, cluster: Ints) -> Floats:
    sums = group_sum(cluster, score)
    return np.asarray(sums.T @ sums)
