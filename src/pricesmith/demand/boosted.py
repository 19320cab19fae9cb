"""Boosted forecasts: gradient-boosted trees sharpen the level of demand; the structural model keeps its response to price.

Four forecasters, averaged in logs:
    smooth, lasting  the smoothed level of the item, with a short memory and one of a year, times exp(effect), the factor by which the
            structural model says that price, promotion and season move it.
    level   the smooth one, and trees that forecast how the level moves over 1 ... H periods. They see no price and no promotion of the
            period to forecast.
    direct  trees that see price, relative price and promotion of the period too; the mean of several runs, each on its own draw of rows.
The trees learn on pseudo-origins of the past from what was known there. Forecasts of one item and period never rise with the price: they
are rearranged where they would. Quantiles are a mean of two kinds: of actual over forecast by class of forecast size; and of quantile
trees. Shares, level and quantiles suit the last blocks of the history, which the forecasters of the trials have not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .blend import Blend, blend, ends
from .lags import Floats, History, Ints, Lags
from .trees import Past, corrections, design, designs, past_rows, spread, train
from .trials import Before, blocks, tried

BAG = 3
"""Runs of the direct trees whose log forecasts are averaged."""


@dataclass(frozen=True, slots=True)
class Boosted:
    """Learned trees, in LightGBM's own text format, and how their forecasts are put together.

    direct   BAG runs
    spread   trees of the quantiles .05, .5, .95 of units over the smooth forecast
    horizon  periods ahead that the trees tell apart
    """

    level: str
    direct: tuple[str, ...]
    spread: tuple[str, str, str]
    horizon: int
    blend: Blend


@dataclass(frozen=True, slots=True)
class Rows:
    """m rows to forecast: item, periods after the history (from 0), log price, promotion 0/1, structural effect in logs."""

    item: Ints
    ahead: Ints
    price: Floats
    promo: Floats
    effect: Floats


def boost(history: History, before: Before, horizon: int, seed: int) -> Boosted | None:
    """Learn the forecasters; None under 500 rows or 6 periods.

    before  first period of a block -> the same history, its structural effect learned from the periods before alone
    """
    rows = past_rows(history, horizon, seed)
    if len(rows.item) < 500 or len(np.unique(rows.target)) < 6:
        return None
    spans = blocks(rows, horizon)
    if not spans:
        return None
    trials = tried(before, rows, spans, seed)
    runs = [rows, *(past_rows(history, horizon, seed + run) for run in range(1, BAG))]
    level, direct = "", []
    for run, drawn in enumerate(runs):
        units = history.units[drawn.item, drawn.target]
        on_level, with_price = designs(history, drawn)
        level = level or train(on_level, units, trials.rounds[0], seed)
        direct.append(train(with_price, units, trials.rounds[1], seed + run))
    told = blend(trials.units, trials.logs, trials.drawn, trials.block, trials.item)
    return Boosted(level, tuple(direct), trials.spread, horizon, told)


def forecast(boosted: Boosted, history: History, rows: Rows) -> tuple[Floats, Floats]:
    """(m,) log expected units and (m, 3) units at the quantiles, per period."""
    length = history.units.shape[1]
    wanted = Past(rows.item, np.full(len(rows.item), length), length + rows.ahead)
    lags = Lags.of(history, boosted.horizon)
    on_level = design(lags, wanted, rows.effect)
    plain = Lags.of(history.without_effect(), boosted.horizon)
    with_price = design(plain, wanted, None, rows.price, rows.promo, plain.plan(*_planned(history, rows)))
    moved, answered = corrections((boosted.level,), on_level.features), corrections(boosted.direct, with_price.features)
    told, start = boosted.blend, on_level.base
    mixed = np.asarray(told.shares) @ np.stack([start, on_level.lasting, start + moved, with_price.base + answered])
    mean = np.exp(_falling(rows, np.clip(told.slope * mixed + told.scale, -18, 18)))
    drawn = spread(boosted.spread, with_price.features) * np.exp(start)[:, None]
    return np.log(mean), ends(mean, told.bands, drawn)


def _falling(rows: Rows, log_mean: Floats) -> Floats:
    """Forecasts of one item, period and promotion at several prices, rearranged so that none rises with the price.

    The monotone rearrangement of Chernozhukov, Fernández-Val and Galichon (2009): never farther from a falling truth than the original.
    """
    same = (rows.promo > 0, rows.ahead, rows.item)
    result = np.empty_like(log_mean)
    result[np.lexsort((rows.price, *same))] = log_mean[np.lexsort((-log_mean, *same))]
    return result


def _planned(history: History, rows: Rows) -> tuple[Floats, Floats]:
    """(n, T + H) log price and promotion: the past, then the rows' own; an item without a row keeps its last price, without promotion."""
    periods = int(rows.ahead.max(initial=0)) + 1
    price = np.concatenate([history.price, np.repeat(history.price[:, -1:], periods, axis=1)], axis=1)
    promo = np.concatenate([history.promo, np.zeros((len(history.promo), periods))], axis=1)
    at = history.units.shape[1] + rows.ahead
    price[rows.item, at], promo[rows.item, at] = rows.price, rows.promo
    return price, promo
