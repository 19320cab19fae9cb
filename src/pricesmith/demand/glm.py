"""One step of the penalised count regression: item effects eliminated by a Schur complement, shared effects solved per category.

Model: units ~ negative binomial, log mean = log exposure + Z_i theta_i + X beta, rows of an item correlated by lasting shocks (shocks.py).
Generalised least squares on the working response (Fisher scoring) with Gaussian priors on theta and beta.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .blocks import Blocks
from .segment_sums import segment_sums
from .shocks import Shocks, eliminated


@dataclass(frozen=True, slots=True)
class Priors:
    """Gaussian priors: item effects (s, q) mean and precision, shared effects (p,) mean and precision.

    shift_variance  (q,) prior variance of the common shift of the items' means in one turn; 0 forbids it
    weighed         (q,) pull on that shift that pooling has weighed already: it moves nothing again
    """

    item_mean: Floats
    item_precision: Floats
    shared_mean: Floats
    shared_precision: Floats
    shift_variance: Floats
    weighed: Floats


@dataclass(frozen=True, slots=True)
class Step:
    """Solution of one step.

    item        (s, q) item effects;  shift  (q,) common shift of their prior means;  shared  (p,) shared effects
    gram        (s, q, q) information of the data about each item's effects, shocks integrated out
    pull        (s, q) data's side of the normal equations with the shared effects put in:  (gram + P) item = pull + P mean
    shared_covariance  (p, p) posterior covariance of the shared effects
    """

    item: Floats
    shift: Floats
    shared: Floats
    gram: Floats
    pull: Floats
    shared_covariance: Floats


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal equations of a set of items; those of any split of the items add up."""

    gram: Floats
    cross: Floats
    pull: Floats
    shared_gram: Floats
    shared_pull: Floats


def normal_equations(
    item_columns: Floats,
    shared_columns: Floats,
    response: Floats,
    weight: Floats,
    starts: Ints,
    blocks: Blocks,
    shocks: Shocks,
) -> Normal:
    """Sums of products with V^-1 per item and over all.

    item_columns (N, q), shared_columns (N, p), response (N,) working response without offset, weight (N,) rows' working weights,
    starts (s,) first row of each item
    """
    q, p = item_columns.shape[1], shared_columns.shape[1]
    weighted = np.empty((weight.size, q + p + 1))
    np.multiply(item_columns, weight[:, None], out=weighted[:, :q])
    np.multiply(shared_columns, weight[:, None], out=weighted[:, q:-1])
    np.multiply(response, weight, out=weighted[:, -1])
    by_item = _segment_products(item_columns, weighted, starts)
    total = shared_columns.T @ weighted[:, q:]
    for _, owner, scale, sums in eliminated(blocks, weight, weighted, shocks):
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        scaled = sums * scale[:, None]
        by_item[owner[first]] -= _segment_products(sums[:, :q], scaled, first)
        total -= scaled[:, q : q + p].T @ sums[:, q:]
    return Normal(by_item[:, :, :q], by_item[:, :, q : q + p], by_item[:, :, -1], total[:, :p], total[:, p])


def _segment_products(left: Floats, right: Floats, starts: Ints) -> Floats:
    """(s, q, c) left' right of every segment of rows; one small matrix product each beats sums over all rows by column."""
    products = np.empty((starts.size, left.shape[1], right.shape[1]))
    bounds = [*starts.tolist(), left.shape[0]]
    for number in range(starts.size):
        low, high = bounds[number], bounds[number + 1]
        np.matmul(left[low:high].T, right[low:high], out=products[number])
    return products


def solve(equations: Normal, priors: Priors) -> Step:
    """Posterior mode of item and shared effects under Gaussian priors.

    The common shift of the items' prior means is solved for together with them: pooling by turns alone would creep towards it.
    """
    q, p = equations.gram.shape[1], equations.cross.shape[2]
    each = priors.item_precision[:, :, None] * np.eye(q)
    inner = equations.gram + each
    right = equations.pull + priors.item_precision * priors.item_mean
    cross = np.concatenate([equations.cross, -each], axis=2)
    eliminated = np.linalg.solve(inner, np.concatenate([cross, right[:, :, None]], axis=2))
    schur: Floats = -np.tensordot(cross, eliminated[:, :, :-1], axes=([0, 1], [0, 1]))
    schur[:p, :p] += equations.shared_gram + np.diag(priors.shared_precision)
    schur[p:, p:] += np.diag(priors.item_precision.sum(axis=0) + 1.0 / np.maximum(priors.shift_variance, 1e-12))
    side = -np.tensordot(cross, eliminated[:, :, -1], axes=([0, 1], [0, 1]))
    side[:p] += equations.shared_pull + priors.shared_precision * priors.shared_mean
    side[p:] -= (priors.item_precision * priors.item_mean).sum(axis=0) + priors.weighed
    covariance = np.linalg.inv((schur + schur.T) / 2)
    both: Floats = np.asarray(covariance @ side, dtype=np.float64)
    item = eliminated[:, :, -1] - eliminated[:, :, :-1] @ both
    shared = both[:p]
    return Step(
        item, both[p:], shared, equations.gram, equations.pull - equations.cross @ shared, np.asarray(covariance[:p, :p], dtype=np.float64)
    )


def marginal(step: Step, precision: Floats, column: int) -> Floats:
    """Information (s,) of the data about one item effect, the item's other effects integrated out under their priors.

    precision  (s, q) prior precisions used in the step
    """
    q = step.item.shape[1]
    others = [k for k in range(q) if k != column]
    inner = step.gram[:, others][:, :, others] + precision[:, others, None] * np.eye(q - 1)
    across = step.gram[:, others, column]
    solved = np.linalg.solve(inner, across[:, :, None])[:, :, 0]
    return np.asarray(np.maximum(step.gram[:, column, column] - np.sum(across * solved, axis=1), 0.0))


def posterior_root(step: Step, precision: Floats) -> Floats:
    """(s, q, q) R with R R' the posterior covariance of each item's effects, the shared effects as they are.

    precision  (s, q) prior precisions used in the step
    """
    lower = np.linalg.cholesky(step.gram + precision[:, :, None] * np.eye(precision.shape[1]))
    return np.asarray(np.linalg.inv(lower).transpose(0, 2, 1))


def block_scores(item_columns: Floats, residual: Floats, weight: Floats, blocks: Blocks, shocks: Shocks) -> tuple[Ints, Floats]:
    """Each widest block's part of the score of the item effects:  (owner segment (B,), Z'V^-1 residual (B, q)).

    residual  (N,) working residuals (units - mean) / mean. Blocks are independent in the model, so the sum of squares of their scores
    is, in the mean, the information; where it is more, something is missing from the model.
    """
    q = item_columns.shape[1]
    weighted = np.concatenate([item_columns, residual[:, None]], axis=1) * weight[:, None]
    scores = weighted[:, :q] * residual[:, None]
    for starts, _, scale, sums in eliminated(blocks, weight, weighted, shocks):
        scores = segment_sums(scores, starts) - (scale * sums[:, q])[:, None] * sums[:, :q]
    return blocks.owner[-1], scores


def partial_out(step: Step, precision: Floats, column: int) -> Floats:
    """(s, q) weights that turn a score of all item effects into the score of one with the others partialled out."""
    q = step.item.shape[1]
    others = [k for k in range(q) if k != column]
    inner = step.gram[:, others][:, :, others] + precision[:, others, None] * np.eye(q - 1)
    weights = np.ones((step.item.shape[0], q))
    weights[:, others] = -np.linalg.solve(inner, step.gram[:, others, column][:, :, None])[:, :, 0]
    return weights
