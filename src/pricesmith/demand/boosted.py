"""Boosted forecasts: gradient-boosted trees sharpen the level of demand; the structural model keeps its response to price.

Four forecasters, averaged in logs:
    smooth, lasting  the smoothed level of the item, with a short memory and one of a year, times exp(effect), the factor by which the
            structural model says that price, promotion and season move it.
    level   the smooth one, and trees that forecast how the level moves over 1 ... H periods. They see no price and no promotion of the
            period to forecast.
    direct  trees that see price, relative price and promotion of the period too.
The trees learn on pseudo-origins of the past from what was known there. Forecasts of one item and period never rise with the price: they
are rearranged where they would. Quantiles are the mean of two kinds: of actual over forecast in the last block, which the trees of the
trial run have not seen, by class of forecast size; and of quantile trees. Their width suits the last block.
LightGBM is imported inside the functions only.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np

from .lags import CATEGORICAL, Flags, Floats, History, Ints, Lags, Plan

ROWS = 40_000
"""Training rows at most; more are sampled, recent ones first."""
ROUNDS = 250
LEAST_ROUNDS = 20
PATIENCE = 20
LEVELS = (0.05, 0.5, 0.95)
TAIL = 0.04
"""Share of the last block left outside each end of the interval: what was chosen on it fits it a little too well."""
QUANTILE_ROUNDS = 100
CLASSES = 8
PARAMETERS: dict[str, Any] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 127,
    "cat_smooth": 20.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
}


@dataclass(frozen=True, slots=True)
class Boosted:
    """Learned trees and their calibration.

    level, direct  LightGBM's own text format
    shares         of smooth, lasting, level and direct in the log forecast; they sum to 1
    scale          log factor on the average that suits the last block, half of it
    spread         trees of the quantiles LEVELS of units over the smooth forecast
    edges          (C - 1,) class bounds of the expected units
    ratios         (C, 3) quantiles of actual over forecast by class, at LEVELS
    widen          factors on the lower and the upper half of the interval
    errors         WAPE on the last block of smooth, lasting, level, direct and their average
    """

    level: str
    direct: str
    shares: tuple[float, float, float, float]
    horizon: int
    scale: float
    spread: tuple[str, str, str]
    edges: Floats
    ratios: Floats
    widen: tuple[float, float]
    errors: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """m rows to forecast: item, periods after the history (from 0), log price, promotion 0/1, structural effect in logs."""

    item: Ints
    ahead: Ints
    price: Floats
    promo: Floats
    effect: Floats


def available() -> bool:
    """Whether LightGBM is installed."""
    return importlib.util.find_spec("lightgbm") is not None


def boost(history: History, horizon: int, seed: int) -> Boosted | None:
    """Learn both forecasters; None under 500 rows or 6 periods."""
    item, origin, target = _training_rows(history, horizon, seed)
    periods = np.unique(target)
    if len(item) < 500 or len(periods) < 6:
        return None
    held: Flags = target >= periods[-min(horizon, max(len(periods) // 6, 1))]
    units, effect = history.units[item, target], history.effect[item, target]
    texts, tried, smooth = [], [], np.zeros(len(item))
    for structural in (True, False):
        lags = Lags.of(history if structural else history.without_effect())
        plan = lags.plan(history.price, history.promo)
        names, features = _design(lags, item, origin, target, history.price[item, target], history.promo[item, target], plan, structural)
        base = np.clip(lags.level[item, origin] + (effect if structural else 0.0), -18, 18)
        text, corrections = _train(names, features, units, base, held, seed)
        texts.append(text)
        slow = base + lags.lasting[item, origin] - lags.level[item, origin]
        tried += [base[held], slow[held], base[held] + corrections] if structural else [base[held] + corrections]
        smooth = base if structural else smooth
    shares = _best_shares(units[held], tried)
    scale = _best_scale(units[held], _mixed(shares, tried))
    log_mean = np.clip(_mixed(shares, tried) + scale, -18, 18)
    edges, ratios = _calibrate(units[held], np.exp(log_mean))
    spread = _train_spread(names, features, units, smooth, ~held, seed)
    ends = _ends(np.exp(log_mean), edges, ratios, _spread(spread, features[held]) * np.exp(smooth[held])[:, None], (1.0, 1.0))
    widen = _widening(units[held], np.exp(log_mean), ends)
    errors = tuple(_wape(units[held], log) for log in (*tried, log_mean))
    return Boosted(texts[0], texts[1], shares, horizon, scale, spread, edges, ratios, widen, errors)  # type: ignore[arg-type]


def forecast(boosted: Boosted, history: History, rows: Rows) -> tuple[Floats, Floats]:
    """(m,) log expected units and (m, 3) units at the quantiles LEVELS, per period."""
    import lightgbm as lgb

    length = history.units.shape[1]
    origin, target = np.full(len(rows.item), length), length + rows.ahead
    price, promo = _planned(history, rows)
    smooth, lasting, level, direct = boosted.shares
    total, start = np.zeros(len(rows.item)), np.zeros(len(rows.item))
    for structural, text, share in ((True, boosted.level, level), (False, boosted.direct, direct)):
        lags = Lags.of(history if structural else history.without_effect(), boosted.horizon)
        _, features = _design(lags, rows.item, origin, target, rows.price, rows.promo, lags.plan(price, promo), structural)
        correction = np.log(np.maximum(lgb.Booster(model_str=text).predict(features, num_threads=1), 1e-6))
        base = np.clip(lags.level[rows.item, origin] + (rows.effect if structural else 0.0), -18, 18)
        slow = base + lags.lasting[rows.item, origin] - lags.level[rows.item, origin]
        total += share * (base + correction) + (smooth * base + lasting * slow if structural else 0.0)
        start = base if structural else start
    mean = np.exp(_falling(rows, np.clip(total + boosted.scale, -18, 18)))
    drawn = _spread(boosted.spread, features) * np.exp(start)[:, None]
    return np.log(mean), _ends(mean, boosted.edges, boosted.ratios, drawn, boosted.widen)


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


def _training_rows(history: History, horizon: int, seed: int) -> tuple[Ints, Ints, Ints]:
    """Items, pseudo-origins and target periods."""
    generator = np.random.default_rng(seed)
    length = history.units.shape[1]
    first = min(max(2, length // 8), history.year)
    item, target = np.nonzero(history.open & (np.arange(length) >= first))
    repeats = int(np.clip(np.ceil(ROWS / max(len(item), 1)), 1, min(horizon, 6)))
    item, target = np.tile(item, repeats), np.tile(target, repeats)
    origin = target - generator.integers(0, horizon, len(target))
    good = origin >= 1
    item, target, origin = item[good], target[good], origin[good]
    if len(item) > ROWS:
        recent = np.exp((target - length) / (3.0 * history.year))
        kept = np.argsort(generator.random(len(item)) ** (1.0 / recent))[-ROWS:]
        item, target, origin = item[kept], target[kept], origin[kept]
    return item, origin, target


def _design(
    lags: Lags, item: Ints, origin: Ints, target: Ints, price: Floats, promo: Floats, plan: Plan, structural: bool
) -> tuple[list[str], Floats]:
    """Names and features (m, F)."""
    columns = lags.features(item, origin, target)
    if not structural:
        columns |= lags.prices(item, origin, target, price, promo, plan)
    return list(columns), np.column_stack(list(columns.values()))


def _train(names: list[str], features: Floats, units: Floats, base: Floats, held: Flags, seed: int) -> tuple[str, Floats]:
    """Trees of units over exp(base), as text; and log corrections of the held rows by trees that have not seen them."""
    import lightgbm as lgb

    expected = np.exp(base)
    ratio, weight = units / expected, expected / expected.mean()
    options = {**PARAMETERS, "seed": seed}
    given = {"max_bin": PARAMETERS["max_bin"], "verbosity": -1}
    categorical = [name for name in CATEGORICAL if name in names]

    def data(rows: Flags, reference: Any = None) -> Any:
        return lgb.Dataset(
            features[rows], ratio[rows], reference, weight[rows], feature_name=names, categorical_feature=categorical, params=given
        )

    train = data(~held)
    trial = lgb.train(options, train, ROUNDS, valid_sets=[data(held, train)], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)])
    rounds = max(int(trial.best_iteration * 1.1), LEAST_ROUNDS)
    final = lgb.train(options, data(np.ones(len(ratio), dtype=bool)), rounds)
    corrections = np.log(np.maximum(trial.predict(features[held], num_threads=1), 1e-6))
    return final.model_to_string(), corrections


def _best_shares(units: Floats, logs: list[Floats]) -> tuple[float, float, float, float]:
    """Shares of the four: the mean of the five mixtures, of those in fifths with at least one of the direct trees, with least error."""
    fifths = [(5 - a - b - c, a, b, c) for a in range(5) for b in range(5) for c in range(1, 5) if a + b + c <= 5]
    errors = [_wape(units, _mixed((a / 5, b / 5, c / 5, d / 5), logs)) for a, b, c, d in fifths]
    best = np.mean([fifths[k] for k in np.argsort(errors, kind="stable")[:5]], axis=0) / 5
    return float(best[0]), float(best[1]), float(best[2]), float(best[3])


def _mixed(shares: tuple[float, float, float, float], logs: list[Floats]) -> Floats:
    return shares[0] * logs[0] + shares[1] * logs[1] + shares[2] * logs[2] + shares[3] * logs[3]


def _wape(units: Floats, log_mean: Floats) -> float:
    return float(np.abs(units - np.exp(np.clip(log_mean, -18, 18))).sum() / max(float(units.sum()), 1e-12))


def _calibrate(units: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Class edges of the forecast and quantiles of actual over forecast; classes of at least 40 rows."""
    count = int(np.clip(len(units) // 40, 1, CLASSES))
    edges = np.quantile(mean, np.arange(1, count) / count)
    kind = np.searchsorted(edges, mean, side="right")
    whole = np.quantile(units / mean, LEVELS)
    ratios = np.array([np.quantile((units / mean)[kind == k], LEVELS) if (kind == k).sum() >= 20 else whole for k in range(count)])
    return edges, ratios


def _best_scale(units: Floats, log_mean: Floats) -> float:
    """Half of the log factor, within a tenth of one, that gives the last block the least absolute error."""
    factors = np.arange(-0.1, 0.101, 0.01)
    return 0.5 * float(factors[int(np.argmin([_wape(units, log_mean + factor) for factor in factors]))])


def _train_spread(names: list[str], features: Floats, units: Floats, base: Floats, used: Flags, seed: int) -> tuple[str, str, str]:
    """Trees of each quantile of units over exp(base), learned before the last block."""
    import lightgbm as lgb

    expected = np.exp(base[used])
    given = {"max_bin": PARAMETERS["max_bin"], "verbosity": -1}
    categorical = [name for name in CATEGORICAL if name in names]
    data = lgb.Dataset(
        features[used], units[used] / expected, weight=expected / expected.mean(), feature_name=names, categorical_feature=categorical,
        params=given, free_raw_data=False,
    )  # fmt: skip
    plain = {name: value for name, value in PARAMETERS.items() if not name.startswith("tweedie")}
    options = [{**plain, "objective": "quantile", "alpha": level, "seed": seed} for level in LEVELS]
    low, middle, high = (lgb.train(option, data, QUANTILE_ROUNDS).model_to_string() for option in options)
    return low, middle, high


def _spread(texts: tuple[str, str, str], features: Floats) -> Floats:
    """(m, 3) quantiles of units over the smooth forecast."""
    import lightgbm as lgb

    drawn = np.stack([lgb.Booster(model_str=text).predict(features, num_threads=1) for text in texts], axis=1)
    return np.sort(np.maximum(drawn, 0.0), axis=1)


def _ends(mean: Floats, edges: Floats, ratios: Floats, drawn: Floats, widen: tuple[float, float]) -> Floats:
    """(m, 3) quantiles: the mean of those by class of forecast and those of the trees, the ends moved away from the middle."""
    both = 0.5 * drawn + 0.5 * mean[:, None] * ratios[np.searchsorted(edges, mean, side="right")]
    middle = both[:, 1]
    low = middle - widen[0] * (middle - both[:, 0])
    high = middle + widen[1] * (both[:, 2] - middle)
    return np.stack([np.maximum(low, 0.0), middle, high], axis=1)


def _widening(units: Floats, mean: Floats, ends: Floats) -> tuple[float, float]:
    """Factors, between 0.7 and 1.6, that leave TAIL of the last block below and above."""
    middle = ends[:, 1]
    below = (middle - units) / np.maximum(middle - ends[:, 0], 1e-9 * mean + 1e-9)
    above = (units - middle) / np.maximum(ends[:, 2] - middle, 1e-9 * mean + 1e-9)
    low, high = float(np.quantile(below, 1 - TAIL)), float(np.quantile(above, 1 - TAIL))
    return float(np.clip(low, 0.7, 1.6)), float(np.clip(high, 0.7, 1.6))
