"""Least squares product by product, all products at once, from moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats

from .elimination import back_substitute, batches, eliminate, inverse_diagonal
from .moments import Moments


@dataclass(frozen=True, slots=True)
class Fits:
    """Least-squares fits of S products on p regressors.

    coefficient     (S, p); NaN where the regressor is a combination of those before it (as a promotion that never ran)
    standard_error  (S, p) under equal variances; NaN with the coefficient, or where no degree of freedom is left
    residual        (S,) sum of squared residuals
    freedom         (S,) residual degrees of freedom
    """

    coefficient: Floats
    standard_error: Floats
    residual: Floats
    freedom: Floats


def least_squares(moments: Moments) -> Fits:
    """Regress the last variable on all those before it, for every product.

    moments  (S, c, c) of c - 1 regressors (a constant is one of them where wanted) and then the outcome
    """
    products, width = moments.gram.shape[:2]
    count = width - 1
    coefficient, error = np.empty((products, count)), np.empty((products, count))
    residual, freedom = np.empty(products), np.empty(products)
    for part in batches(products):
        done = eliminate(moments.gram[part], count)
        live = done.inverse > 0.0
        residual[part] = np.maximum(done.schur[0, 0], 0.0)
        freedom[part] = moments.rows[part] - live.sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.where(freedom[part] > 0.0, residual[part] / freedom[part], np.nan)
        coefficient[part] = np.where(live, back_substitute(done)[:, 0], np.nan).T
        error[part] = np.where(live, np.sqrt(variance * inverse_diagonal(done)), np.nan).T
    return Fits(coefficient, error, residual, freedom)


def partial_out(moments: Moments, controls: int) -> Moments:
    """Moments of the residuals of the later variables, once the first ones are regressed out product by product.

    controls  number of variables at the front to regress out
    returns   (S, c - controls, c - controls); `rows` less the controls that each product could estimate
    """
    products, width = moments.gram.shape[:2]
    gram = np.empty((products, width - controls, width - controls))
    rows = np.empty(products)
    for part in batches(products):
        done = eliminate(moments.gram[part], controls)
        gram[part] = done.schur.transpose(2, 0, 1)
        rows[part] = moments.rows[part] - (done.inverse > 0.0).sum(axis=0)
    return Moments(gram, rows)
