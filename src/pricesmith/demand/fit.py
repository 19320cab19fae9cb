"""Learning all effects of a shop: count regression and empirical-Bayes pooling in turns until both agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from threadpoolctl import ThreadpoolController

from pricesmith.contracts.curves import Floats, Ints

from .blocks import Blocks, nest
from .columns import bend_price, fill_season, mean_of_rows, season_sizes, swing
from .common import Weeks, common_shocks, week_cells
from .design import waves
from .effects import Effects, Hyper
from .fit_data import Data
from .glm import marginal, posterior_root
from .groups import Groups
from .parts import Part, by_category, make_parts
from .priors import learn_item_priors, learn_shared_priors, learn_shocks, start
from .scoring import category_step, score_squares
from .sold_out import wanted
from .weekday_guess import weekday_guess

MAX_STEP = 2.0
"""No log mean moves farther in one turn."""

WARM_TURNS = 2
"""Turns before seasons by item, shared shocks and the check of the scores begin."""


CHECKED_TURN = WARM_TURNS + 2
"""Turn in which the price's scores between blocks of time are checked."""


@dataclass(slots=True)
class _State:
    """The present estimates; see Effects."""

    item: Floats
    shared: Floats
    deviation: Floats
    information: Floats
    root: Floats
    mean: Floats
    common: Floats
    common_variance: float
    hyper: Hyper


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stays the same over the turns; the columns of `work` follow the present estimates."""

    raw: Data
    work: Data
    groups: Groups
    parts: list[Part]
    blocks: Blocks
    weeks: Weeks


def learn_effects(data: Data, groups: Groups, count: int, rounds: int, warm: Effects | None = None, *, plain: bool = False) -> Effects:
    """Penalised count regression and pooling in turns.

    count   number of items, those without rows included
    rounds  number of turns; a daily shop's price effects move by .03 of their spread in the ninth, or in the fourth from a warm start
    warm    effects of the same columns, of these rows or of some of them, to start from
    plain   without what only these rows can know (seasons by item, shared shocks): fits that are compared on other rows
    """
    blocks = nest(data.item, data.day, data.lengths, chained=data.chained)
    parts = make_parts(data, groups.category)
    work = replace(data, columns=data.columns.copy(), units=data.units.copy(), shared=data.shared.copy())
    frame = _Frame(data, work, groups, parts, blocks, week_cells(data, groups.category))
    state = _cold(data, groups, count) if warm is None else _warm(data, groups, warm)
    first = 0 if warm is None else WARM_TURNS
    with _threads().limit(limits=1):
        moves = [_turn(frame, state, min(turn, WARM_TURNS - 1) if plain else turn) for turn in range(first, first + rounds)]
    lonely = np.setdiff1d(np.arange(count), data.item)
    state.item[lonely] = state.hyper.prior_mean[lonely]
    _refresh(frame, state, WARM_TURNS - 1 if plain else WARM_TURNS)
    _as_sold(frame, state)
    return _effects(state, max(moves, default=0.0))


@cache
def _threads() -> ThreadpoolController:
    """The libraries of linear algebra that this process has loaded; looking for them takes milliseconds, so it is done once."""
    return ThreadpoolController()


def _cold(data: Data, groups: Groups, count: int) -> _State:
    """Beliefs before any data."""
    hyper = start(data, count, len(groups.names))
    shape = (len(groups.names), data.shared.shape[1])
    shared = weekday_guess(data, hyper.prior_mean[:, 0], groups.category, len(groups.names))
    hyper.shared_mean[:] = shared.mean(axis=0)
    rows = data.item.size
    return _State(
        item=hyper.prior_mean.copy(),
        shared=shared,
        deviation=np.zeros(shape),
        information=np.zeros_like(hyper.prior_mean),
        root=np.zeros((*hyper.prior_mean.shape, hyper.prior_mean.shape[1])),
        mean=np.zeros(rows),
        common=np.zeros(rows),
        common_variance=0.0,
        hyper=hyper,
    )


def _warm(data: Data, groups: Groups, effects: Effects) -> _State:
    """Where another fit ended; an item that it did not see starts at its own mean rate."""
    cold = _cold(data, groups, effects.item.shape[0])
    hyper = replace(effects.hyper, prior_mean=effects.hyper.prior_mean.copy(), prior_variance=effects.hyper.prior_variance.copy())
    unseen = effects.information[:, 0] <= 0
    item = np.where(unseen[:, None], hyper.prior_mean, effects.item)
    item[unseen, 0] = cold.item[unseen, 0]
    cold.item, cold.hyper = item, hyper
    cold.shared, cold.deviation = effects.shared.copy(), effects.shared_deviation.copy()
    return cold


def _refresh(frame: _Frame, state: _State, turn: int) -> None:
    """Columns and means at the present estimates."""
    work, offset = frame.work, state.common
    if frame.raw.saturation >= 0:
        price = frame.raw.columns[:, frame.raw.effects.index("price")]
        offset = offset + bend_price(work, price, state.item, frame.raw.saturation)
    if turn >= WARM_TURNS and "season" in work.effects:
        offset = offset + fill_season(frame.raw, work, frame.parts, state.item, state.shared, state.common)
    mean_of_rows(work, frame.parts, state.item, state.shared, offset, state.mean)


def _turn(frame: _Frame, state: _State, turn: int) -> float:
    """One turn; how far it moved what the items' price and family effects are drawn to, in spreads of theirs (root mean square)."""
    effects = [k for k, effect in enumerate(frame.raw.effects) if effect in ("price", "cross")]
    _look(frame, state, turn)
    before = state.hyper.prior_mean[:, effects].copy()
    _step(frame, state, turn)
    after, variance = state.hyper.prior_mean[:, effects], state.hyper.prior_variance[:, effects]
    return float(np.sqrt(np.max(np.mean((after - before) ** 2 / variance, axis=0), initial=0.0))) if before.size else 0.0


def _look(frame: _Frame, state: _State, turn: int) -> None:
    """Columns, means, dispersion and shocks at the present estimates."""
    _refresh(frame, state, turn)
    _fill_demand(frame, state)
    if turn and frame.work.item.size:
        state.hyper = learn_shocks(frame.work, frame.blocks, state.hyper, state.mean, state.root)
    if turn >= WARM_TURNS and frame.work.item.size:
        noise = state.hyper.dispersion * frame.weeks.row_share + state.hyper.shocks.total
        before, factor = state.common, swing(frame.work, state.item)
        state.common, state.common_variance = common_shocks(frame.weeks, frame.work.units, state.mean, before, noise, factor)
        state.mean *= np.exp(factor * (state.common - before))


def _fill_demand(frame: _Frame, state: _State) -> None:
    """What customers wanted on days that sold out, at the present means."""
    rows, hyper = frame.raw.sold_out, state.hyper
    frame.work.units[rows] = wanted(frame.raw.units[rows], state.mean[rows], hyper.dispersion + hyper.shocks.total)


def _as_sold(frame: _Frame, state: _State) -> None:
    """Means of days that sold out as shares of the day: what was sold over what was wanted."""
    rows = frame.raw.sold_out
    _fill_demand(frame, state)
    state.mean[rows] *= frame.raw.units[rows] / frame.work.units[rows]


def _step(frame: _Frame, state: _State, turn: int) -> None:
    """One scoring step of every category, then pooling."""
    squares = np.zeros(2)
    hyper, work = state.hyper, frame.work
    for category, members in by_category(frame.parts).items():
        step, owners = category_step(work, members, hyper, state.item, state.shared[category], state.mean, category)
        precision = 1.0 / hyper.prior_variance[owners]
        if turn == CHECKED_TURN:
            squares += score_squares(work, members, hyper, step, precision, state.mean)
        shared, item = step.shared - state.shared[category], step.item - state.item[owners]
        share = _within_reach(work, members, owners, item, shared)
        state.shared[category] += share * shared
        state.item[owners] += share * item
        state.deviation[category] = np.sqrt(np.diag(step.shared_covariance))
        hyper.prior_mean[owners] += share * step.shift
        for k in range(state.item.shape[1]):
            state.information[owners, k] = marginal(step, precision, k)
        if work.chained:
            state.root[owners] = posterior_root(step, precision)
    if "season" in work.effects:
        _centre_season(frame, state)
    if squares[1] > 0:
        hyper = replace(hyper, excess=float(np.clip(squares[0] / squares[1], 1.0, 10.0)))
    hyper = learn_item_priors(work, frame.groups, hyper, state.item, state.information)
    state.hyper = learn_shared_priors(work, hyper, state.shared, state.deviation)


def _centre_season(frame: _Frame, state: _State) -> None:
    """Give each category's season the size that its items have in the mean, so that their own effects are about 0; no row's mean moves."""
    data, parts, hyper = frame.raw, frame.parts, state.hyper
    k, places = data.effects.index("season"), waves(data.shared_names)
    sizes = season_sizes(data, parts, state.item, state.information[:, k])
    for part in parts:
        state.common[part.rows] *= sizes[part.category]
    for category, members in by_category(parts).items():
        owners, size = np.concatenate([part.owners for part in members]), sizes[category]
        state.shared[category, places] *= size
        state.information[owners, k] *= size**2
        hyper.prior_variance[owners, k] /= size**2
        for effects in (state.item, hyper.prior_mean):
            effects[owners, k] = (1.0 + effects[owners, k]) / size - 1.0


def _within_reach(work: Data, members: list[Part], owners: Ints, item: Floats, shared: Floats) -> float:
    """Share of a step that moves no row's log mean farther than MAX_STEP; beyond it the quadratic that was solved says nothing.

    The whole step is shortened: effects that lean on each other (a trend and a season of little more than a year) must move together.
    """
    move = np.zeros(int(owners.max(initial=-1)) + 1, dtype=np.int64)
    move[owners] = np.arange(owners.size)
    farthest = 0.0
    for part in members:
        own = item[move[work.item[part.rows]]]
        moved = np.einsum("ij,ij->i", work.columns[part.rows], own) + work.shared[part.rows] @ shared
        farthest = max(farthest, float(np.abs(moved).max(initial=0.0)))
    return min(1.0, MAX_STEP / farthest) if farthest > 0.0 else 1.0


def _effects(state: _State, farthest: float) -> Effects:
    return Effects(
        item=state.item,
        shared=state.shared,
        shared_deviation=state.deviation,
        information=state.information,
        mean=state.mean,
        common=state.common,
        common_variance=state.common_variance,
        hyper=state.hyper,
        farthest=farthest,
    )
