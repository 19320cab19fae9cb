"""Market-share demand: the inversion of Berry (1994) makes logit and nested logit linear in the shares' logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .fixed_effects import within
from .linear_gmm import LinearFit, linear_gmm


@dataclass(frozen=True, slots=True)
class LogitFit:
    """Demand ln s_j - ln s_0 = alpha p_j + rho ln s_{j|g} + x_j b + xi_j.

    price      alpha, change of mean utility per unit of price
    nesting    rho in [0, 1), 0 without nests
    fit        coefficients in the order price, (within-nest share), other regressors
    """

    price: float
    nesting: float
    fit: LinearFit


def outside_share(share: Floats, market: Ints) -> Floats:
    """Share of each row's market that buys nothing: (N,)."""
    return np.asarray(1.0 - np.bincount(market, share)[market])


def mean_utility(share: Floats, market: Ints) -> Floats:
    """Mean utilities of the plain logit: ln s_j - ln s_0.

    share   (N,) share of the potential market, in (0, 1)
    market  (N,) market number of each row
    """
    return np.asarray(np.log(share) - np.log(outside_share(share, market)))


def nest_share(share: Floats, market: Ints, nest: Ints) -> Floats:
    """Share of each row within its nest of its market: (N,)."""
    cell = np.unique(np.stack([market, nest]), axis=1, return_inverse=True)[1]
    return np.asarray(share / np.bincount(cell, share)[cell])


def nest_size(market: Ints, nest: Ints) -> Floats:
    """Number of products in each row's nest of its market, the usual instrument for the within-nest share: (N,)."""
    cell = np.unique(np.stack([market, nest]), axis=1, return_inverse=True)[1]
    return np.bincount(cell)[cell].astype(np.float64)


def fit_logit(
    share: Floats,
    price: Floats,
    market: Ints,
    *,
    nest: Ints | None = None,
    regressors: Floats | None = None,
    instruments: Floats | None = None,
    absorb: Sequence[Ints] = (),
    steps: int = 1,
    cluster: Ints | None = None,
) -> LogitFit:
    """Estimate logit or nested-logit demand.

    share, price, market  (N,)
    nest         (N,) nest numbers: nested logit
    regressors   (N, k) exogenous regressors, a constant among them where nothing is absorbed
    instruments  (N, m) excluded instruments for price and within-nest share; None: both taken as exogenous (least squares)
    absorb       fixed effects, each (N,) level numbers
    steps        1: two-stage least squares; 2: two-step GMM
    """
    exogenous = np.empty((len(share), 0)) if regressors is None else regressors
    endogenous = price[:, None] if nest is None else np.column_stack([price, np.log(nest_share(share, market, nest))])
    excluded = endogenous if instruments is None else instruments
    utility = mean_utility(share, market)
    columns = np.column_stack([utility, endogenous, exogenous, excluded])
    if absorb:
        columns = within(columns, absorb)
    width = endogenous.shape[1]
    parts = np.split(columns, [1, 1 + width, 1 + width + exogenous.shape[1]], axis=1)
    fit = linear_gmm(parts[0][:, 0], np.hstack(parts[1:3]), np.hstack(parts[3:1:-1]), steps=steps, cluster=cluster)
    return LogitFit(float(fit.coefficient[0]), 0.0 if nest is None else float(fit.coefficient[1]), fit)
