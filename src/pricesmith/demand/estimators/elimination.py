"""Gaussian elimination of many small symmetric matrices at once, each step a vector operation over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats

BATCH = 2048
"""Matrices eliminated together: enough to drown the overhead of a call, few enough to stay in the cache."""
_COLLINEAR = 1e-10


@dataclass(frozen=True, slots=True)
class Eliminated:
    """k variables eliminated from B Gram matrices of c variables: G = L D L', step by step.

    rows     (k, c, B) rows of L' right of its unit diagonal
    inverse  (k, B) inverse pivots; 0 where a variable is a combination of those before it, which drops it
    schur    (c - k, c - k, B) what is left: moments of the other variables' residuals
    """

    rows: Floats
    inverse: Floats
    schur: Floats


def batches(total: int) -> Iterator[slice]:
    """Slices that cut `total` matrices into batches."""
    return (slice(low, min(low + BATCH, total)) for low in range(0, total, BATCH))


def eliminate(gram: Floats, first: int) -> Eliminated:
    """Eliminate the first k variables of a batch of Gram matrices (Frisch-Waugh-Lovell in moments).

    gram   (B, c, c) symmetric and positive semi-definite
    first  k, number of variables to eliminate
    """
    work = np.array(gram.transpose(1, 2, 0), order="C")  # a copy even for a batch of one, which is contiguous already
    width = work.shape[0]
    scale = work[np.arange(width), np.arange(width)] * _COLLINEAR
    inverse = np.zeros((first, work.shape[2]))
    rows = np.zeros((first, width, work.shape[2]))
    for k in range(first):
        pivot = work[k, k]
        np.divide(1.0, pivot, out=inverse[k], where=pivot > scale[k])
        rows[k, k + 1 :] = work[k, k + 1 :] * inverse[k]
        work[k + 1 :, k + 1 :] -= rows[k, k + 1 :, None] * work[k, k + 1 :]
    return Eliminated(rows, inverse, work[first:, first:])


def back_substitute(done: Eliminated) -> Floats:
    """Coefficients of the regressions of the remaining variables on the eliminated ones: (k, c - k, B); 0 for dropped ones."""
    first = len(done.inverse)
    solution = done.rows[:, first:].copy()
    for k in range(first - 2, -1, -1):
        for j in range(k + 1, first):
            solution[k] -= done.rows[k, j] * solution[j]
        solution[k] *= done.inverse[k] > 0.0
    return solution


def inverse_diagonal(done: Eliminated) -> Floats:
    """Diagonal of the inverse of the eliminated block: (k, B); 0 for dropped variables."""
    first, batch = done.inverse.shape
    upper = np.zeros((first, first, batch))
    diagonal = np.empty((first, batch))
    for k in range(first - 1, -1, -1):
        upper[k, k] = 1.0
        for j in range(k + 1, first):
            upper[k, j:] -= done.rows[k, j] * upper[j, j:]
        diagonal[k] = np.einsum("jb,jb,jb->b", upper[k, k:], upper[k, k:], done.inverse[k:])
    return np.where(done.inverse > 0.0, diagonal, 0.0)
