"""Double machine learning of the partially linear model y = theta d + g(x) + u, d = m(x) + v (Chernozhukov et al. 2018).

Both regressions are fitted out of fold; theta is the slope of residual on residual. Splits into folds are repeated and the median taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from pricesmith.contracts.curves import Floats, Ints

from .group_sums import group_sum

Learner = Callable[[Floats, Floats, Floats], Floats]
"""(controls (n, d), target (n,), controls of unseen rows (k, d)) -> predictions (k,)."""


@dataclass(frozen=True, slots=True)
class PartiallyLinear:
    """Effect of the treatment.

    effect, standard_error  median over the splits; the error carries the scatter between splits
    effects, errors         (R,) of every split
    """

    effect: float
    standard_error: float
    effects: Floats
    errors: Floats

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Central interval of the effect."""
        reach = float(ndtri(0.5 + level / 2.0)) * self.standard_error
        return self.effect - reach, self.effect + reach


def random_folds(rows: int, folds: int, splits: int, random: np.random.Generator, *, cluster: Ints | None = None) -> Ints:
    """Fold numbers of every row for several random splits: (splits, rows); rows of a cluster stay together."""
    member = np.arange(rows) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    units = int(member.max()) + 1
    return np.stack([(random.permutation(units) % folds)[member] for _ in range(splits)])


def partially_linear(
    outcome: Floats,
    treatment: Floats,
    controls: Floats,
    folds: Ints,
    *,
    outcome_learner: Learner,
    treatment_learner: Learner,
    cluster: Ints | None = None,
) -> PartiallyLinear:
    """Estimate the effect of a treatment on an outcome given controls.

    outcome, treatment  (N,)
    controls            (N, d)
    folds               (R, N) fold numbers of R splits; a split of one fold is fitted and predicted on the same rows
    cluster             (N,) group numbers of rows whose errors may hang together; keep a cluster in one fold
    """
    results = [
        _slope(out_of_fold(outcome, controls, fold, outcome_learner), out_of_fold(treatment, controls, fold, treatment_learner), cluster)
        for fold in folds
    ]
    effects, errors = np.array(results).T
    effect = float(np.median(effects))
    return PartiallyLinear(effect, float(np.sqrt(np.median(errors**2 + (effects - effect) ** 2))), effects, errors)


def out_of_fold(target: Floats, controls: Floats, fold: Ints, learner: Learner) -> Floats:
    """Residuals of a target on its controls, each row predicted by a learner that has not seen its fold: (N,)."""
    residual = np.empty(len(target))
    numbers = np.unique(fold)
    for number in numbers:
        held = fold == number
        seen = held if len(numbers) == 1 else ~held
        residual[held] = target[held] - learner(controls[seen], target[seen], controls[held])
    return residual


def _slope(outcome: Floats, treatment: Floats, cluster: Ints | None) -> tuple[float, float]:
    """Residual on residual: slope, and its standard error sqrt(mean psi^2 / J^2 / n) with psi = (y - theta d) d, J = mean d^2."""
    power = float(treatment @ treatment)
    slope = float(treatment @ outcome) / power
    score = (outcome - slope * treatment) * treatment
    summed = score if cluster is None else group_sum(np.unique(cluster, return_inverse=True)[1], score)
    return slope, float(np.sqrt(summed @ summed)) / power
