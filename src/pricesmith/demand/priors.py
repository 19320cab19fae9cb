"""Priors of all effects: beliefs at the start, then what the products teach about one another."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .blocks import Blocks
from .effects import BELIEFS, Belief, Hyper
from .fit_data import Data
from .groups import Groups
from .hierarchy import Prior, pool
from .margins import slope
from .promotion_kinds import PREFIX
from .shock_moments import shock_moments
from .shocks import Shocks

FARTHEST = 3.0
"""Standard deviations beyond which an estimate is not taken at its word; see `believable`."""


def start(data: Data, count: int, categories: int) -> Hyper:
    """Beliefs before any data; levels start at each item's mean rate."""
    q, p = len(data.effects), len(data.shared_names)
    mean, variance = np.zeros((count, q)), np.ones((count, q))
    sold = np.bincount(data.item, data.units, count)
    slope = data.columns[:, data.effects.index("price")] if "price" in data.effects else np.zeros(data.item.size)
    shown = np.bincount(data.item, data.exposure * np.exp(np.clip(-2.0 * slope, -3, 3)), count)
    typical = (sold.sum() + 0.5) / (shown.sum() + 1.0)
    mean[:, 0] = np.log((sold + 0.3 * typical) / (shown + 0.3))
    variance[:, 0] = 9.0
    for k, effect in enumerate(data.effects[1:], 1):
        belief = BELIEFS[effect]
        mean[:, k], variance[:, k] = belief.mean, belief.spread[1] + 0.25 * belief.variance
    beliefs = [belief_of(name) for name in data.shared_names]
    shared_variance = np.tile([belief.variance for belief in beliefs], (categories, 1)) if p else np.ones((categories, 0))
    shocks = Shocks(tuple(0.02 for _ in data.lengths), 0.5 if data.chained else 0.0)
    return Hyper(mean, variance, np.zeros((categories, p)), shared_variance, 0.3, shocks, {}, {}, np.zeros((categories, q)))


def belief_of(name: str) -> Belief:
    """What is believed of a shared column."""
    kind = "control" if name.startswith("control") else "promotion" if name.startswith(PREFIX) else name
    return BELIEFS.get(kind, BELIEFS["shared"])


def learn_shocks(data: Data, blocks: Blocks, hyper: Hyper, mean: Floats, root: Floats) -> Hyper:
    """Dispersion and shocks from the present residuals.

    root  (n, q, q) root of the posterior covariance of each item's effects; used where shocks remember
    """
    overall = hyper.dispersion + hyper.shocks.total
    doubt = _doubt(data, root) if data.chained else np.zeros((data.item.size, 0))
    dispersion, shocks = shock_moments(blocks, data.units, mean, 1.0 / (1.0 + overall * mean), doubt)
    capped = tuple(min(value, 4.0) for value in shocks.variances)
    return replace(hyper, dispersion=min(dispersion, 20.0), shocks=replace(shocks, variances=capped))


def _doubt(data: Data, root: Floats) -> Floats:
    """(N, q) columns times their item's root: one small matrix product an item."""
    doubt = np.empty_like(data.columns)
    bounds = [*np.flatnonzero(np.r_[True, data.item[1:] != data.item[:-1]]).tolist(), data.item.size]
    for low, high in pairwise(bounds):
        np.matmul(data.columns[low:high], root[data.item[low]], out=doubt[low:high])
    return doubt


def learn_item_priors(data: Data, groups: Groups, hyper: Hyper, item: Floats, information: Floats) -> Hyper:
    """Priors of the item effects (n, q) from all items' pseudo-estimates: what the data alone say, by taking the prior off again."""
    mean, variance = hyper.prior_mean.copy(), hyper.prior_variance.copy()
    spreads, tops, weighed = dict(hyper.spreads), dict(hyper.tops), np.zeros_like(hyper.weighed)
    for k, effect in enumerate(data.effects):
        estimate = alone = without_prior(item[:, k], information[:, k], mean[:, k], variance[:, k])
        if effect != "level":
            estimate = believable(estimate, information[:, k], mean[:, k], variance[:, k])
        told = np.zeros(0)
        if effect == "price" and groups.margin.any():
            told = slope(estimate, information[:, k], variance[:, k], groups.margin, groups.category) * groups.margin
            estimate = estimate - told
        prior = _pool_effect(effect, estimate, information[:, k], item[:, k], groups)
        if told.size:
            prior = replace(prior, mean=prior.mean + told)
        mean[:, k], variance[:, k] = halfway((mean[:, k], variance[:, k]), prior)
        weighed[:, k] = pull(alone - mean[:, k], information[:, k], variance[:, k], groups.category, len(groups.names))
        spreads[effect], tops[effect] = tuple(float(np.sqrt(value)) for value in prior.levels), prior.top
    return replace(hyper, prior_mean=mean, prior_variance=variance, spreads=spreads, tops=tops, weighed=weighed)


def pull(apart: Floats, information: Floats, variance: Floats, category: Ints, categories: int) -> Floats:
    """(C,) slope of the likelihood in the mean of each category's effects, from estimates (n,) so far apart from their priors."""
    weight = np.where(information > 1e-9, 1.0 / (1.0 / np.maximum(information, 1e-9) + variance), 0.0)
    return np.asarray(np.bincount(category, weight * apart, categories), dtype=np.float64)


def learn_shared_priors(data: Data, hyper: Hyper, shared: Floats, deviation: Floats) -> Hyper:
    """Priors of the shared effects (C, p): categories teach one another through the shop."""
    mean, variance = hyper.shared_mean.copy(), hyper.shared_variance.copy()
    spreads, tops = dict(hyper.spreads), dict(hyper.tops)
    for k, name in enumerate(data.shared_names):
        belief = belief_of(name)
        information = np.maximum(1.0 / np.maximum(deviation[:, k], 1e-6) ** 2 - 1.0 / variance[:, k], 0.0)
        estimate = believable(without_prior(shared[:, k], information, mean[:, k], variance[:, k]), information, mean[:, k], variance[:, k])
        prior = pool(estimate, information, (), top_mean=belief.mean, top_variance=belief.variance, guess=belief.spread[0], cap=belief.cap)
        mean[:, k], variance[:, k] = halfway((mean[:, k], variance[:, k]), prior)
        spreads[name], tops[name] = tuple(float(np.sqrt(value)) for value in prior.levels), prior.top
    return replace(hyper, shared_mean=mean, shared_variance=variance, spreads=spreads, tops=tops)


def halfway(known: tuple[Floats, Floats], learned: Prior) -> tuple[Floats, Floats]:
    """Mean and variance between the prior of this turn and the one learned from it, variances by their logarithms.

    Taken whole, the next turn's estimates overshoot where few products teach: a wide prior and a narrow one then take turns for ever.
    """
    return 0.5 * (known[0] + learned.mean), np.sqrt(known[1] * learned.variance)


def without_prior(mode: Floats, information: Floats, mean: Floats, variance: Floats) -> Floats:
    """The estimate that the data alone give, from the posterior mode; the mode itself where the data say nothing."""
    apart = np.where(information > 1e-9, (mode - mean) / (variance * np.maximum(information, 1e-9)), 0.0)
    return np.asarray(mode + np.clip(apart, -30.0, 30.0))


def believable(estimate: Floats, information: Floats, mean: Floats, variance: Floats) -> Floats:
    """Estimates no farther from what is believed of them than FARTHEST standard deviations of estimate and belief together.

    One great day of a product that hardly sells asks for an effect far outside anything its information allows; taken at its word, it
    made whole categories different from one another, and the turns of a fit swung between two shops.
    """
    known = information > 1e-9
    reach = FARTHEST * np.sqrt(variance + 1.0 / np.maximum(information, 1e-9))
    return np.asarray(np.where(known, np.clip(estimate, mean - reach, mean + reach), estimate))


def _pool_effect(effect: str, estimate: Floats, information: Floats, mode: Floats, groups: Groups) -> Prior:
    if effect == "level":
        known = information > 1e-9
        centre = float(np.average(mode[known], weights=np.minimum(information[known], 50.0))) if known.any() else 0.0
        return pool(estimate, information, (groups.category,), top_mean=centre, top_variance=9.0, guess=1.5, cap=9.0)
    belief = BELIEFS[effect]
    nested: tuple[Ints, ...] = (groups.product, groups.family, groups.category)
    if effect == "season":  # its size in the category is the size of the category's own season
        nested = nested[:2]
    return pool(estimate, information, nested, top_mean=belief.mean, top_variance=belief.variance, guess=belief.spread, cap=belief.cap)
