"""Piecewise-linear functions of several controls and of pairs of them: a flexible set of regressors that needs no tuning."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pricesmith.contracts.curves import Floats

_GOLDEN = (5.0**0.5 - 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class SplineBasis:
    """Hat functions at quantile knots, and products of coarser hats for every pair of controls.

    fine, coarse  knots of each control, ascending; a control with few values has a knot at each
    """

    fine: tuple[Floats, ...]
    coarse: tuple[Floats, ...]

    @property
    def size(self) -> int:
        """Number of functions."""
        return sum(map(len, self.fine)) + sum(len(a) * len(b) for a, b in combinations(self.coarse, 2))

    def evaluate(self, controls: Floats) -> Floats:
        """Functions at given points.

        controls  (d, n), one control a row
        returns   (size, n)
        """
        out = np.empty((self.size, controls.shape[1]))
        at = 0
        for values, knots in zip(controls, self.fine, strict=True):
            at = _hats(values, knots, out, at)
        rough = []
        for values, knots in zip(controls, self.coarse, strict=True):
            piece = np.empty((len(knots), len(values)))
            _hats(values, knots, piece, 0)
            rough.append(piece)
        for first, second in combinations(rough, 2):
            for row in first:
                np.multiply(row, second, out=out[at : at + len(second)])
                at += len(second)
        return out


def spline_basis(controls: Floats, *, fine: int = 12, coarse: int = 4, sample: int = 20_000) -> SplineBasis:
    """Choose knots at quantiles of each control.

    controls      (d, n)
    fine, coarse  largest number of knots of a control alone, and in a pair
    sample        points looked at, spread over the rows by golden-ratio steps, which fall in step with no season
    """
    rows = controls.shape[1]
    seen = controls if rows <= sample else controls[:, (np.arange(sample) * _GOLDEN % 1.0 * rows).astype(np.int64)]
    return SplineBasis(tuple(_knots(row, fine) for row in seen), tuple(_knots(row, coarse) for row in seen))


def _knots(values: Floats, most: int) -> Floats:
    distinct = np.unique(values)
    if len(distinct) <= most:
        return distinct.astype(np.float64)
    return np.unique(np.quantile(values, np.linspace(0.0, 1.0, most))).astype(np.float64)


def _hats(values: Floats, knots: Floats, out: Floats, at: int) -> int:
    """Write the hat functions of one control into rows of `out` from `at` on; flat beyond the end knots."""
    count = len(knots)
    if count == 1:
        out[at] = 1.0
        return at + 1
    rising = np.empty(len(values))
    previous: Floats | None = None
    for k in range(count):
        if k < count - 1:
            np.subtract(values, knots[k], out=rising)
            rising *= 1.0 / (knots[k + 1] - knots[k])
            np.clip(rising, 0.0, 1.0, out=rising)
            np.subtract(1.0 if previous is None else previous, rising, out=out[at + k])
            previous = rising.copy()
        else:
            out[at + k] = previous if previous is not None else 1.0
    return at + count
