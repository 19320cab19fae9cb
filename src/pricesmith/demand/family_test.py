"""Whether prices of a group's products act on one another at all: t of the shop's mean cross effect, from the data alone."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .priors import without_prior
from .training import Trained


def linked_t(trained: Trained) -> float:
    """t of the shop's mean cross effect, groups as clusters; 0 where no prices act on one another."""
    if "cross" not in trained.names:
        return 0.0
    k, effects = trained.names.index("cross"), trained.effects
    information = effects.information[:, k]
    alone = without_prior(effects.item[:, k], information, effects.hyper.prior_mean[:, k], effects.hyper.prior_variance[:, k])
    return mean_t(alone, information, trained.groups.rivals)


def mean_t(estimate: Floats, information: Floats, group: Ints) -> float:
    """t of the mean of estimates, each weighing as much as is known of it, with the variance between groups where that is larger.

    estimate, information  (n,);  group: (n,) number of each item's group, -1 for none
    What products of a group have in common by luck meets their neighbours' prices too, so their estimates are no independent ones
    (Liang and Zeger 1986, with G / (G - 1) of G groups). With a single group nothing tells how groups differ.
    """
    inside = group >= 0
    weight, value, of = information[inside], estimate[inside], group[inside]
    total = float(weight.sum())
    if total <= 0.0:
        return 0.0
    mean = float(weight @ value) / total
    known = np.bincount(of, weight) > 0
    count = int(known.sum())
    between = float(np.sum(np.bincount(of, weight * (value - mean)) ** 2)) * count / max(count - 1, 1)
    return mean * total / float(np.sqrt(max(between, total)))
