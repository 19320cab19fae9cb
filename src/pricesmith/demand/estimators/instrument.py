"""Instrumented price response from moments: two-stage least squares, its tests, and an interval that survives weak instruments.

Variables of the moments: controls, then m instruments, then the price, then the outcome. Everything runs over S products or groups at once.
Sources: Anderson & Rubin 1949; Durbin 1954, Wu 1973, Hausman 1978; Sargan 1958; Stock & Yogo 2005.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri, stdtr

from pricesmith.contracts.curves import Floats, Ints

from .elimination import back_substitute, batches, eliminate
from .group_sums import group_sum
from .least_squares import partial_out
from .moments import Moments

EMPTY, BOUNDED, OUTSIDE, WHOLE = range(4)
"""Kinds of Anderson-Rubin set: no value fits; [low, high]; all but (low, high); every value."""


@dataclass(frozen=True, slots=True)
class Instrumented:
    """Instrumented estimates of S products or groups; NaN where price or instrument does not move.

    coefficient, standard_error  (S,) two-stage least squares, equal variances
    plain, plain_error           (S,) least squares without instrument
    first_stage                  (S,) F of the instruments in the regression of the price
    endogeneity                  (S,) coefficient of the first-stage residual in the control-function regression: bias of the plain slope
                                      given the price's own variation; 0 if the price is as good as random
    endogeneity_t, endogeneity_p (S,) its t value (Durbin-Wu-Hausman) and two-sided p value
    overidentification           (S,) Sargan's statistic (rows less controls), chi-square with m - 1 degrees of freedom; 0 if m = 1
    parts                        moments of price and outcome explained and left unexplained by the instruments, for `anderson_rubin`
    """

    coefficient: Floats
    standard_error: Floats
    plain: Floats
    plain_error: Floats
    first_stage: Floats
    endogeneity: Floats
    endogeneity_t: Floats
    endogeneity_p: Floats
    overidentification: Floats
    parts: Parts


@dataclass(frozen=True, slots=True)
class Parts:
    """Residual moments of (price, outcome), split by the instruments.

    explained, left  (S, 2, 2) sums of products of the parts that the instruments explain and do not
    slopes           (S, m) first-stage coefficients
    rows             (S,) rows less controls
    """

    explained: Floats
    left: Floats
    slopes: Floats
    rows: Floats

    @property
    def instruments(self) -> int:
        return int(self.slopes.shape[1])


@dataclass(frozen=True, slots=True)
class ConfidenceSet:
    """Confidence sets for S slopes: kind (S,) one of EMPTY, BOUNDED, OUTSIDE, WHOLE; low, high (S,) their finite ends, else infinite."""

    kind: Ints
    low: Floats
    high: Floats

    def covers(self, value: Floats) -> np.ndarray:
        """Whether each set holds a value: (S,)."""
        inside = (value >= self.low) & (value <= self.high)
        outside = (value <= self.low) | (value >= self.high)
        return np.select([self.kind == BOUNDED, self.kind == OUTSIDE, self.kind == WHOLE], [inside, outside, True], False)


def split(moments: Moments, instruments: int) -> Parts:
    """Split price and outcome by what the instruments explain.

    moments  (S, m + 2, m + 2) of m instruments, price, outcome; controls already partialled out
    """
    products = len(moments.rows)
    left = np.empty((products, 2, 2))
    slopes = np.empty((products, instruments))
    for part in batches(products):
        done = eliminate(moments.gram[part], instruments)
        left[part] = done.schur.transpose(2, 0, 1)
        slopes[part] = back_substitute(done)[:, 0].T
    return Parts(moments.gram[:, instruments:, instruments:] - left, left, slopes, moments.rows)


def two_stage(moments: Moments, controls: int, instruments: int) -> Instrumented:
    """Instrument the price of every product.

    moments  (S, c, c) of `controls` controls, `instruments` instruments, price, outcome
    """
    return estimates(split(partial_out(moments, controls), instruments))


def estimates(parts: Parts) -> Instrumented:
    """All estimates and tests that the split moments allow."""
    count, rows = parts.instruments, parts.rows
    total = parts.explained + parts.left
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = _ratio(parts.explained)
        plain = _ratio(total)
        wrong = _errors_squared(total, slope)
        variance = wrong / (rows - 1.0)
        plain_variance = _errors_squared(total, plain) / (rows - 1.0)
        strength = (parts.explained[:, 0, 0] / count) / (parts.left[:, 0, 0] / (rows - count))
        bias = _ratio(parts.left) - slope
        noise = _errors_squared(parts.explained, slope) + _errors_squared(parts.left, slope + bias)
        spread = noise / (rows - 2.0) * (1.0 / parts.explained[:, 0, 0] + 1.0 / parts.left[:, 0, 0])
        t_value = bias / np.sqrt(spread)
        sargan = rows * _errors_squared(parts.explained, slope) / wrong if count > 1 else np.zeros_like(slope)
        errors = np.sqrt(variance / parts.explained[:, 0, 0]), np.sqrt(plain_variance / total[:, 0, 0])
    chance = np.asarray(2.0 * stdtr(np.maximum(rows - 2.0, 1.0), -np.abs(t_value)))
    return Instrumented(slope, errors[0], plain, errors[1], strength, bias, t_value, chance, sargan, parts)


def anderson_rubin(parts: Parts, level: float = 0.9) -> ConfidenceSet:
    """Slopes that the Anderson-Rubin test does not refuse: valid however weak the instruments.

    (y - b x)' P_z (y - b x) / m  <=  F_level  (y - b x)' M_z (y - b x) / (rows - m), a quadratic inequality in b
    """
    freedom = np.maximum(parts.rows - parts.instruments, 1.0)
    limit = fdtri(parts.instruments, freedom, level) * parts.instruments / freedom
    form = parts.explained - limit[:, None, None] * parts.left
    square, cross, constant = form[:, 0, 0], form[:, 0, 1], form[:, 1, 1]
    inner = cross**2 - square * constant
    root = np.sqrt(np.maximum(inner, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([(cross - root) / square, (cross + root) / square]), axis=0)
    conditions = [(square > 0.0) & (inner < 0.0), square > 0.0, inner > 0.0]
    kind = np.select(conditions, [EMPTY, BOUNDED, OUTSIDE], WHOLE)
    finite = (kind == BOUNDED) | (kind == OUTSIDE)
    return ConfidenceSet(kind, np.where(finite, ends[0], -np.inf), np.where(finite, ends[1], np.inf))


@dataclass(frozen=True, slots=True)
class InstrumentedGroups:
    """Instrumented estimates of G groups, and standard errors (G,) that allow any dependence within a product (G / (G - 1) products)."""

    fit: Instrumented
    clustered: Floats


def two_stage_groups(residual: Moments, group: Ints, groups: int) -> InstrumentedGroups:
    """Instrument the price of groups of products, each group one slope.

    residual  (S, m + 2, m + 2) of instruments, price, outcome; each product's controls partialled out
    group     (S,) group number of each product
    """
    count = residual.gram.shape[1] - 2
    fit = estimates(split(residual.pooled(group, groups), count))
    slopes, coefficient = fit.parts.slopes[group], fit.coefficient[group]
    gap = residual.gram[:, :count, -1] - coefficient[:, None] * residual.gram[:, :count, -2]
    score = np.einsum("sm,sm->s", slopes, gap)
    members = np.maximum(np.bincount(group, minlength=groups), 1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(members > 1.0, members / (members - 1.0), np.nan)
        clustered = np.sqrt(group_sum(group, score**2, groups) * factor) / fit.parts.explained[:, 0, 0]
    return InstrumentedGroups(fit, clustered)


def _ratio(form: Floats) -> Floats:
    return np.asarray(np.where(form[:, 0, 0] > 0.0, form[:, 0, 1] / form[:, 0, 0], np.nan))


def _errors_squared(form: Floats, slope: Floats) -> Floats:
    """Sum of (y - b x)^2 from the moments of (x, y)."""
    return np.asarray(form[:, 1, 1] - 2.0 * slope * form[:, 0, 1] + slope**2 * form[:, 0, 0])
