"""Empirical-Bayes pooling through nested groups: item -> family -> category -> shop -> literature.

Each estimate b_i has information I_i (inverse variance). Within a group  theta_i ~ N(mean of its parent group, spread of the level).
Spreads by a restricted maximum likelihood fixed point, with a weak prior so that a handful of groups cannot claim a spread of zero;
means pass upwards with their uncertainty and back down, so a group without data takes its parent's mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Floats, Ints


@dataclass(frozen=True, slots=True)
class Prior:
    """Prior of each item from all other items.

    mean, variance  (n,);  spread  variance between items of the finest group;  levels  variance at each level;  top  the shop's mean
    """

    mean: Floats
    variance: Floats
    spread: float
    levels: tuple[float, ...]
    top: float


def between_variance(estimate: Floats, information: Floats, group: Ints, guess: float, strength: float, cap: float) -> float:
    """Variance of theta_i around its group mean, by a REML-like fixed point with an inverse-gamma prior.

    guess, strength  prior value of the variance and the number of items that the prior is worth
    """
    used = information > 1e-9
    if used.sum() < 2:
        return guess
    b, info, g = estimate[used], information[used], group[used]
    variance = guess
    for _ in range(50):
        weight = 1.0 / (1.0 / info + variance)
        total = np.bincount(g, weight)
        mean = np.bincount(g, weight * b) / np.maximum(total, 1e-300)
        leverage = weight / total[g]
        gain = weight * variance
        centred = b - mean[g]
        # E-step of the normal-normal model: posterior second moment of theta_i - mean, with the mean's own uncertainty added
        moment = (gain * centred) ** 2 + variance * (1.0 - gain) + gain**2 * (leverage / weight)
        trusted = gain  # an item without information says nothing about the spread
        fresh = (float(np.sum(trusted * moment)) + strength * guess) / (float(trusted.sum()) + strength)
        fresh = min(max(fresh, 1e-4), cap)
        if abs(fresh - variance) < 1e-4 * variance:
            variance = fresh
            break
        variance = fresh
    return variance


def pool(
    estimate: Floats,
    information: Floats,
    groups: tuple[Ints, ...],
    *,
    top_mean: float,
    top_variance: float,
    guess: float | tuple[float, ...],
    strength: float = 4.0,
    cap: float = 25.0,
) -> Prior:
    """Prior of every item from nested groups.

    estimate, information  (n,) estimates and their inverse variances; information 0 where there is no estimate
    groups                 from the finest to the widest, each (n,) group numbers; the whole shop is added above them
    top_mean, top_variance what is believed of the shop's mean before any data
    guess                  prior value of every level's variance, or of each one from the finest on
    """
    count = estimate.size
    levels = [*groups, np.zeros(count, np.int64)]
    guesses = guess if isinstance(guess, tuple) else (guess,) * len(levels)
    b, info = estimate, information
    spreads: list[float] = []
    upward: list[tuple[Ints, Floats, Floats]] = []
    child = np.arange(count)
    for position, level in enumerate(levels):
        parent_of = np.zeros(int(child.max(initial=-1)) + 1, np.int64)
        parent_of[child] = level
        lonely = np.bincount(parent_of[np.flatnonzero(np.bincount(child))]).max(initial=0) <= 1 and position < len(groups)
        spread = 0.0 if lonely else between_variance(b, info, parent_of, guesses[position], strength, cap)
        spreads.append(spread)
        weight = np.where(info > 1e-9, 1.0 / (1.0 / np.maximum(info, 1e-9) + spread), 0.0)
        total = np.bincount(parent_of, weight).astype(np.float64)
        mean = np.divide(np.bincount(parent_of, weight * b), total, out=np.zeros_like(total), where=total > 0)
        upward.append((parent_of, b, info))
        b, info, child = mean, total, level
    prior_mean, prior_variance = np.array([top_mean]), np.array([top_variance])
    top = float((info[0] * b[0] + top_mean / top_variance) / (info[0] + 1.0 / top_variance))
    for (parent_of, below, known), spread in zip(reversed(upward), reversed(spreads), strict=True):
        prior_mean, prior_variance = _descend(parent_of, below, known, spread, prior_mean, prior_variance)
    return Prior(prior_mean, prior_variance, spreads[0], tuple(spreads), top)


def _descend(parent_of: Ints, b: Floats, info: Floats, spread: float, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Prior of each child from everything but its own evidence: what its siblings say through the parent, and the parent's own prior.

    b, info         (C,) children's evidence;  mean, variance  (P,) prior of the parents
    """
    weight = np.where(info > 1e-9, 1.0 / (1.0 / np.maximum(info, 1e-9) + spread), 0.0)
    precision = np.bincount(parent_of, weight, mean.size) + 1.0 / variance
    total = np.bincount(parent_of, weight * b, mean.size) + mean / variance
    others = precision[parent_of] - weight
    return (total[parent_of] - weight * b) / others, 1.0 / others + spread
