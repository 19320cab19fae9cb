"""Learning all effects of a shop: count regression and empirical-Bayes pooling in turns until both agree."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pricesmith.contracts.curves import Floats

from .columns import mean_of_rows, shaped, with_season
from .common import Weeks, common_shocks, week_cells
from .effects import Effects, Hyper
from .fit_data import Data
from .glm import marginal
from .groups import Groups
from .parts import Part, by_category, make_parts
from .priors import learn_item_priors, learn_shared_priors, learn_shocks, start
from .scoring import category_step, score_squares
from .shocks import Blocks, nest

MAX_STEP = 2.0
"""No effect moves farther in one turn."""

WARM_TURNS = 2
"""Turns before seasons by item, shared shocks and the check of the scores begin."""


@dataclass(slots=True)
class _State:
    """The present estimates; see Effects."""

    item: Floats
    shared: Floats
    deviation: Floats
    information: Floats
    mean: Floats
    common: Floats
    common_variance: float
    hyper: Hyper


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stays the same over the turns."""

    raw: Data
    groups: Groups
    parts: list[Part]
    blocks: Blocks
    weeks: Weeks


def learn_effects(data: Data, groups: Groups, count: int, rounds: int = 9, warm: Effects | None = None) -> Effects:
    """Penalised count regression and pooling in turns.

    count   number of items, those without rows included
    rounds  number of turns; the modes move by less than 1e-3 after about eight, or four from a warm start
    warm    effects of the same columns to start from
    """
    frame = _Frame(
        data, groups, make_parts(data, groups.category), nest(data.item, data.day, data.lengths), week_cells(data, groups.category)
    )
    state = _cold(data, groups, count) if warm is None else _warm(data, warm)
    first = 0 if warm is None else WARM_TURNS
    for turn in range(first, first + rounds):
        present = _look(frame, state, turn)
        _step(frame, present, state, turn)
    lonely = np.setdiff1d(np.arange(count), data.item)
    state.item[lonely] = state.hyper.prior_mean[lonely]
    _refresh(frame, state, WARM_TURNS)
    return _effects(state)


def _cold(data: Data, groups: Groups, count: int) -> _State:
    """Beliefs before any data."""
    hyper = start(data, count, len(groups.names))
    shape = (len(groups.names), data.shared.shape[1])
    rows = data.item.size
    return _State(
        item=hyper.prior_mean.copy(),
        shared=np.zeros(shape),
        deviation=np.zeros(shape),
        information=np.zeros_like(hyper.prior_mean),
        mean=np.zeros(rows),
        common=np.zeros(rows),
        common_variance=0.0,
        hyper=hyper,
    )


def _warm(data: Data, effects: Effects) -> _State:
    """Where another fit of the same columns ended."""
    same = effects.common.size == data.item.size
    return _State(
        item=effects.item.copy(),
        shared=effects.shared.copy(),
        deviation=effects.shared_deviation.copy(),
        information=effects.information.copy(),
        mean=np.zeros(data.item.size),
        common=effects.common.copy() if same else np.zeros(data.item.size),
        common_variance=effects.common_variance,
        hyper=replace(effects.hyper, prior_mean=effects.hyper.prior_mean.copy()),
    )


def _refresh(frame: _Frame, state: _State, turn: int) -> Data:
    """Columns and means at the present estimates."""
    data, bend = (frame.raw, 0.0) if frame.raw.saturation < 0 else shaped(frame.raw, state.item)
    if turn >= WARM_TURNS:
        data = with_season(data, frame.parts, state.shared, state.common)
    mean_of_rows(data, frame.parts, state.item, state.shared, state.common + bend, state.mean)
    return data


def _look(frame: _Frame, state: _State, turn: int) -> Data:
    """Columns, means, dispersion and shocks at the present estimates."""
    data = _refresh(frame, state, turn)
    if turn and data.item.size:
        state.hyper = learn_shocks(data, frame.blocks, state.hyper, state.mean)
    if turn >= WARM_TURNS and data.item.size:
        noise = state.hyper.dispersion * frame.weeks.row_share + sum(state.hyper.variances)
        state.common, state.common_variance = common_shocks(frame.weeks, data.units, state.mean, state.common, noise)
        data = _refresh(frame, state, turn)
    return data


def _step(frame: _Frame, data: Data, state: _State, turn: int) -> None:
    """One scoring step of every category, then pooling."""
    squares = np.zeros(2)
    hyper = state.hyper
    for category, members in by_category(frame.parts).items():
        step, owners = category_step(data, members, hyper, state.item, state.shared[category], state.mean, category)
        precision = 1.0 / hyper.prior_variance[owners]
        if turn >= WARM_TURNS:
            squares += score_squares(data, members, hyper, step, precision, state.mean)
        state.shared[category] += np.clip(step.shared - state.shared[category], -MAX_STEP, MAX_STEP)
        state.item[owners] += np.clip(step.item - state.item[owners], -MAX_STEP, MAX_STEP)
        state.deviation[category] = np.sqrt(np.diag(step.shared_covariance))
        hyper.prior_mean[owners] += np.clip(step.shift, -MAX_STEP, MAX_STEP)
        for k in range(state.item.shape[1]):
            state.information[owners, k] = marginal(step, precision, k)
    if squares[1] > 0:
        hyper = replace(hyper, excess=float(np.clip(squares[0] / squares[1], 1.0, 10.0)))
    hyper = learn_item_priors(data, frame.groups, hyper, state.item, state.information)
    state.hyper = learn_shared_priors(data, hyper, state.shared, state.deviation)


def _effects(state: _State) -> Effects:
    return Effects(
        item=state.item,
        shared=state.shared,
        shared_deviation=state.deviation,
        information=state.information,
        mean=state.mean,
        common=state.common,
        common_variance=state.common_variance,
        hyper=state.hyper,
    )
