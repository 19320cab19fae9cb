"""Learning all effects of a shop: count regression and empirical-Bayes pooling in turns until both agree."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .common import common_shocks, week_cells
from .curve import CONSTANT, own_curve
from .design import waves
from .fit_data import Data
from .glm import Normal, Priors, Step, block_scores, marginal, normal_equations, partial_out, solve
from .groups import Groups
from .hierarchy import pool
from .shocks import Blocks, nest, shock_variances

CHUNK_ROWS = 150_000
MAX_STEP = 2.0
SHIFT_VARIANCE = 0.3**2
"""Prior variance of the common shift of a category's effects in one turn."""

LITERATURE_MEAN = -2.62
"""Mean of 1,851 published price elasticities (Bijmolt, van Heerde and Pieters 2005)."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of an effect before any data: mean and variance of the shop's mean, guess of the variance at each level below."""

    mean: float
    variance: float
    spread: float
    cap: float = 25.0


BELIEFS: dict[str, Belief] = {
    "price": Belief(LITERATURE_MEAN, 1.5**2, 0.35**2, 4.0),
    "promo": Belief(0.2, 0.5**2, 0.15**2, 1.0),
    "cross": Belief(0.3, 0.7**2, 0.15**2, 1.0),
    "rival": Belief(0.2, 0.5**2, 0.1**2, 0.5),
    "season": Belief(0.0, 0.01**2, 0.2**2, 0.5),
    "shared": Belief(0.0, 0.7**2, 0.08**2, 0.5),
    "control": Belief(0.0, 2.0**2, 0.05**2, 0.1),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of rows: a category, or a piece of a large one, with its items' starts (relative) and blocks."""

    category: int
    rows: slice
    starts: Ints
    owners: Ints
    blocks: Blocks


@dataclass(frozen=True, slots=True)
class Effects:
    """What was learned. n items, q item effects, C categories, p shared effects.

    item, shared         (n, q), (C, p) posterior modes
    prior_mean, prior_variance, information   (n, q); information of the data, the item's other effects integrated out
    spreads              effect -> standard deviation at each level, from the item up
    dispersion, variances  of counts beyond Poisson: per row, and of the nested shocks
    mean                 (N,) fitted mean;  common (N,) log of what the category's products shared in that week, part of the mean
    tops                 effect -> mean over the shop
    excess               variance of the price's score between blocks of time over what the model says; at least 1, in every information
    shared_deviation     (C, p) posterior standard deviations
    """

    item: Floats
    shared: Floats
    prior_mean: Floats
    prior_variance: Floats
    information: Floats
    spreads: dict[str, tuple[float, ...]]
    tops: dict[str, float]
    dispersion: float
    variances: tuple[float, ...]
    mean: Floats
    common: Floats
    common_variance: float
    excess: float
    shared_deviation: Floats

    @property
    def item_variance(self) -> Floats:
        """(n, q) posterior variances."""
        return 1.0 / (self.information + 1.0 / self.prior_variance)


@dataclass(frozen=True, slots=True)
class Hyper:
    """Variances that the regression takes as given and that pooling learns."""

    prior_mean: Floats
    prior_variance: Floats
    shared_mean: Floats
    shared_variance: Floats
    dispersion: float
    variances: tuple[float, ...]
    spreads: dict[str, tuple[float, ...]]
    tops: dict[str, float]
    excess: float = 1.0


def make_parts(data: Data, category: Ints) -> list[Part]:
    """Stretches of at most about CHUNK_ROWS rows that end where an item ends and never cross a category."""
    parts: list[Part] = []
    if data.item.size == 0:
        return parts
    starts = np.flatnonzero(np.r_[True, data.item[1:] != data.item[:-1]])
    kind = category[data.item[starts]]
    ends = np.r_[starts[1:], data.item.size]
    first = 0
    for k in range(starts.size):
        last = k + 1 == starts.size
        if last or kind[k + 1] != kind[k] or ends[k] - starts[first] > CHUNK_ROWS:
            low, high = int(starts[first]), int(ends[k])
            inside = starts[first : k + 1] - low
            segment = np.repeat(np.arange(inside.size), np.diff(np.r_[inside, high - low]))
            blocks = nest(segment, data.day[low:high], data.lengths)
            parts.append(Part(int(kind[k]), slice(low, high), inside, data.item[starts[first : k + 1]], blocks))
            first = k + 1
    return parts


def learn_effects(raw: Data, groups: Groups, count: int, rounds: int = 9) -> Effects:
    """Penalised count regression and pooling in turns.

    count   number of items, those without rows included
    rounds  number of turns; the modes move by less than 1e-3 after about eight
    """
    data = raw
    parts = make_parts(data, groups.category)
    categories = len(groups.names)
    hyper = _start(data, count, categories)
    item = hyper.prior_mean.copy()
    shared = np.zeros((categories, data.shared.shape[1]))
    mean, common = np.zeros(data.item.size), np.zeros(data.item.size)
    weeks = week_cells(data, groups.category)
    common_variance = 0.0
    information = np.zeros_like(item)
    deviation = np.zeros_like(shared)
    for turn in range(rounds):
        data, bend = (raw, 0.0) if raw.saturation < 0 else shaped(raw, item)
        if turn > 1:
            data = with_season(data, parts, shared, common)
        _mean_of_rows(data, parts, item, shared, common + bend, mean)
        if turn:
            hyper = _learn_shocks(data, parts, hyper, mean)
        if turn > 1:
            noise = hyper.dispersion * weeks.row_share + sum(hyper.variances)
            common, common_variance = common_shocks(weeks, data.units, mean, common, noise)
            _mean_of_rows(data, parts, item, shared, common + bend, mean)
        fresh_item, fresh_shared = item.copy(), shared.copy()
        squares = np.zeros(2)
        for category, members in _by_category(parts).items():
            steps, owners = _category_step(data, members, hyper, item, shared[category], mean, category)
            fresh_shared[category] = shared[category] + np.clip(steps.shared - shared[category], -MAX_STEP, MAX_STEP)
            hyper.prior_mean[owners] += np.clip(steps.shift, -MAX_STEP, MAX_STEP)
            fresh_item[owners] = item[owners] + np.clip(steps.item - item[owners], -MAX_STEP, MAX_STEP)
            deviation[category] = np.sqrt(np.diag(steps.shared_covariance))
            precision = 1.0 / hyper.prior_variance[owners]
            for k in range(item.shape[1]):
                information[owners, k] = marginal(steps, precision, k)
            if turn > 1:
                squares += _score_squares(data, members, hyper, steps, precision, mean)
        item, shared = fresh_item, fresh_shared
        if squares[1] > 0:
            hyper = replace(hyper, excess=float(np.clip(squares[0] / squares[1], 1.0, 10.0)))
        hyper = _learn_priors(data, groups, hyper, item, information, shared, deviation)
    lonely = np.setdiff1d(np.arange(count), data.item)
    item[lonely] = hyper.prior_mean[lonely]
    data, bend = (raw, 0.0) if raw.saturation < 0 else shaped(raw, item)
    _mean_of_rows(with_season(data, parts, shared, common), parts, item, shared, common + bend, mean)
    return Effects(
        item=item,
        shared=shared,
        prior_mean=hyper.prior_mean,
        prior_variance=hyper.prior_variance,
        information=information,
        spreads=hyper.spreads,
        tops=hyper.tops,
        dispersion=hyper.dispersion,
        variances=hyper.variances,
        mean=mean,
        common=common,
        common_variance=common_variance,
        excess=hyper.excess,
        shared_deviation=deviation,
    )


def log_score(units: Floats, mean: Floats, dispersion: float) -> Floats:
    """(N,) negative binomial log likelihood up to terms without the mean; comparable at equal dispersion only."""
    size = 1.0 / max(dispersion, 1e-8)
    safe = np.maximum(mean, 1e-12)
    score: Floats = units * np.log(safe) - (units + size) * np.log(size + safe)
    return score


def _by_category(parts: list[Part]) -> dict[int, list[Part]]:
    grouped: dict[int, list[Part]] = {}
    for part in parts:
        grouped.setdefault(part.category, []).append(part)
    return grouped


def _start(data: Data, count: int, categories: int) -> Hyper:
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
        mean[:, k], variance[:, k] = belief.mean, belief.spread + 0.25 * belief.variance
    beliefs = [BELIEFS["control" if name.startswith("control") else "shared"] for name in data.shared_names]
    shared_variance = np.tile([belief.variance for belief in beliefs], (categories, 1)) if p else np.ones((categories, 0))
    levels = tuple(0.02 for _ in data.lengths)
    return Hyper(mean, variance, np.zeros((categories, p)), shared_variance, 0.3, levels, {}, {})


def shaped(data: Data, item: Floats) -> tuple[Data, Floats]:
    """The data with the price column that the curve's form has at the present elasticities, and what the column leaves out (N,)."""
    k = data.effects.index("price")
    present = item[data.item, k]
    value, slope = own_curve(data.columns[:, k], present, data.saturation)
    columns = data.columns.copy()
    columns[:, k] = slope
    return replace(data, columns=columns, saturation=CONSTANT), value - slope * present


def with_season(data: Data, parts: list[Part], shared: Floats, common: Floats) -> Data:
    """The data with the category's season as a column of each item: some products swing more with it than others."""
    if "season" not in data.effects:
        return data
    places = waves(data.shared_names)
    columns = data.columns.copy()
    k = data.effects.index("season")
    for part in parts:
        rows = part.rows
        columns[rows, k] = data.shared[rows][:, places] @ shared[part.category][places] + common[rows]
    return replace(data, columns=columns)


def _mean_of_rows(data: Data, parts: list[Part], item: Floats, shared: Floats, common: Floats, out: Floats) -> None:
    for part in parts:
        rows = part.rows
        effects = item[data.item[rows]]
        linear = np.einsum("ij,ij->i", data.columns[rows], effects) + data.shared[rows] @ shared[part.category]
        out[rows] = data.exposure[rows] * np.exp(np.clip(linear + common[rows], -18.0, 16.0))


def _category_step(
    data: Data, members: list[Part], hyper: Hyper, item: Floats, shared: Floats, mean: Floats, category: int
) -> tuple[Step, Ints]:
    pieces = []
    for part in members:
        rows = part.rows
        mu = mean[rows]
        weight = mu / (1.0 + hyper.dispersion * mu)
        linear = np.einsum("ij,ij->i", data.columns[rows], item[data.item[rows]]) + data.shared[rows] @ shared
        response = linear + (data.units[rows] - mu) / np.maximum(mu, 1e-9)
        pieces.append(normal_equations(data.columns[rows], data.shared[rows], response, weight, part.starts, part.blocks, hyper.variances))
    scale = 1.0 / hyper.excess
    whole = Normal(
        scale * np.concatenate([piece.gram for piece in pieces]),
        scale * np.concatenate([piece.cross for piece in pieces]),
        scale * np.concatenate([piece.pull for piece in pieces]),
        scale * np.sum([piece.shared_gram for piece in pieces], axis=0),
        scale * np.sum([piece.shared_pull for piece in pieces], axis=0),
    )
    owners = np.concatenate([part.owners for part in members])
    shift = np.array([0.0 if effect == "season" else SHIFT_VARIANCE for effect in data.effects])
    priors = Priors(
        hyper.prior_mean[owners],
        1.0 / hyper.prior_variance[owners],
        hyper.shared_mean[category],
        1.0 / hyper.shared_variance[category],
        shift,
    )
    return solve(whole, priors), owners


def _score_squares(data: Data, members: list[Part], hyper: Hyper, step: Step, precision: Floats, mean: Floats) -> Floats:
    """(2,) over all items: sum of squared block scores of the price, and what the model expects it to be, both per unit of information.

    An item counts by how much its own data say; a score summed over its blocks is fitted to about zero, which the expectation allows for.
    """
    k = data.effects.index("price")
    weights = partial_out(step, precision, k)
    information = marginal(step, precision, k) * hyper.excess
    own = information / (information + hyper.excess * precision[:, k])
    found = np.zeros(2)
    first = 0
    for part in members:
        rows = part.rows
        mu = np.maximum(mean[rows], 1e-9)
        residual = (data.units[rows] - mu) / mu
        weight = mu / (1.0 + hyper.dispersion * mu)
        owner, scores = block_scores(data.columns[rows], residual, weight, part.blocks, hyper.variances)
        last = first + part.owners.size
        price = np.einsum("bq,bq->b", scores, weights[first:last][owner])
        number = np.bincount(owner, minlength=part.owners.size)
        square = np.bincount(owner, price**2, part.owners.size)
        info, share = information[first:last], own[first:last]
        used = (info > 1e-6) & (number > 2)
        found[0] += float(np.sum(share[used] * square[used] / info[used]))
        found[1] += float(np.sum(share[used] * (1.0 - share[used] / number[used])))
        first = last
    return found


def _learn_shocks(data: Data, parts: list[Part], hyper: Hyper, mean: Floats) -> Hyper:
    whole = nest(data.item, data.day, data.lengths)
    overall = hyper.dispersion + sum(hyper.variances)
    dispersion, variances = shock_variances(whole, data.units, mean, 1.0 / (1.0 + overall * mean))
    return replace(hyper, dispersion=min(dispersion, 20.0), variances=tuple(min(value, 4.0) for value in variances))


def _learn_priors(data: Data, groups: Groups, hyper: Hyper, item: Floats, information: Floats, shared: Floats, deviation: Floats) -> Hyper:
    """Priors of every effect from all items' pseudo-estimates."""
    mean, variance = hyper.prior_mean.copy(), hyper.prior_variance.copy()
    spreads, tops = dict(hyper.spreads), dict(hyper.tops)
    nested = (groups.product, groups.family, groups.category)
    for k, effect in enumerate(data.effects):
        info = information[:, k]
        apart = np.where(info > 1e-9, (item[:, k] - mean[:, k]) / (variance[:, k] * np.maximum(info, 1e-9)), 0.0)
        estimate = item[:, k] + np.clip(apart, -30.0, 30.0)
        if effect == "level":
            known = info > 1e-9
            centre = float(np.average(item[known, 0], weights=np.minimum(info[known], 50.0))) if known.any() else 0.0
            prior = pool(estimate, info, nested[2:], top_mean=centre, top_variance=9.0, guess=1.5, cap=9.0)
        else:
            belief = BELIEFS[effect]
            prior = pool(estimate, info, nested, top_mean=belief.mean, top_variance=belief.variance, guess=belief.spread, cap=belief.cap)
        mean[:, k], variance[:, k] = prior.mean, prior.variance
        spreads[effect], tops[effect] = tuple(float(np.sqrt(value)) for value in prior.levels), prior.top
    shared_mean, shared_variance = hyper.shared_mean.copy(), hyper.shared_variance.copy()
    for k, name in enumerate(data.shared_names):
        belief = BELIEFS["control" if name.startswith("control") else "shared"]
        precision = 1.0 / np.maximum(deviation[:, k], 1e-6) ** 2
        info = np.maximum(precision - 1.0 / hyper.shared_variance[:, k], 0.0)
        estimate = shared[:, k] + np.where(
            info > 1e-9, (shared[:, k] - hyper.shared_mean[:, k]) / (hyper.shared_variance[:, k] * np.maximum(info, 1e-9)), 0.0
        )
        prior = pool(estimate, info, (), top_mean=belief.mean, top_variance=belief.variance, guess=belief.spread, cap=belief.cap)
        shared_mean[:, k], shared_variance[:, k] = prior.mean, prior.variance
        spreads[name], tops[name] = tuple(float(np.sqrt(value)) for value in prior.levels), prior.top
    return replace(
        hyper,
        prior_mean=mean,
        prior_variance=variance,
        shared_mean=shared_mean,
        shared_variance=shared_variance,
        spreads=spreads,
        tops=tops,
    )
