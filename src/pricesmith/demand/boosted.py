"""Boosted level: gradient-boosted trees forecast each item's level, the structural model keeps the response to price and promotion.

The structural model says by what factor exp(effect) price, promotion and season move an item's demand. What is left, units / exp(effect), is the item's
level; it drifts. Trees (LightGBM, Tweedie loss) learn how it moves over 1 ... H periods from adjusted levels over many windows, last year, category and
place trends and the calendar, on pseudo-origins of the past. No price and no promotion of the period to forecast is among the features: the correction
is the same for every candidate price, so the price curve stays the structural one.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROWS = 60_000
"""Training rows at most; more are sampled, recent ones first."""
ROUNDS = 400
PATIENCE = 25
PARAMETERS: dict[str, Any] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.5,
    "learning_rate": 0.05,
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
CATEGORICAL = ("product", "place", "category")


@dataclass(frozen=True, slots=True)
class History:
    """What the trees may see: n items over T past and H coming periods.

    units     (n, T) units sold, 0 where not open
    open      (n, T) sales are known and the item could be bought
    effect    (n, T + H) log effect of price, promotion and season in the structural model; coming periods are read by nobody
    promo     (n, T) 1 where on promotion
    calendar  (T + H, C) known features of a period: month, weekday, events
    names     (C) of the calendar's columns
    year      periods of a year
    halflife  periods after which a past period counts half in the level
    product, place, category  (n,) codes from 0
    """

    units: Floats
    open: Flags
    effect: Floats
    promo: Floats
    calendar: Floats
    names: tuple[str, ...]
    year: int
    halflife: float
    product: Ints
    place: Ints
    category: Ints


def available() -> bool:
    """Whether LightGBM is installed."""
    return importlib.util.find_spec("lightgbm") is not None


def boost(history: History, horizon: int, seed: int) -> tuple[str, Floats]:
    """The trees as LightGBM's text, and (n, H) log level forecasts for the periods right after the history."""
    import lightgbm as lgb

    sums = _Sums.of(history)
    origin, item, target = _rows(history, horizon, seed)
    names, features = sums.features(item, origin, target)
    expected = np.exp(np.clip(sums.level[item, origin] + history.effect[item, target], -18, 18))
    ratio, weight = history.units[item, target] / expected, expected / expected.mean()
    periods = np.unique(target)
    held = target >= periods[-min(horizon, max(len(periods) // 6, 1))]
    options = {**PARAMETERS, "seed": seed}

    def data(rows: Flags, reference: Any = None) -> Any:
        given = {"max_bin": PARAMETERS["max_bin"], "verbosity": -1}
        return lgb.Dataset(
            features[rows], ratio[rows], reference, weight[rows],
            feature_name=names, categorical_feature=[name for name in CATEGORICAL if name in names], params=given,
        )  # fmt: skip

    train = data(~held)
    trial = lgb.train(options, train, ROUNDS, valid_sets=[data(held, train)], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)])
    booster = lgb.train(options, data(np.ones(len(ratio), dtype=bool)), max(int(trial.best_iteration * 1.1), 5))
    return booster.model_to_string(), forecast(history, horizon, booster.model_to_string())


def forecast(history: History, horizon: int, text: str) -> Floats:
    """(n, H) log level of the periods after the history, from trees saved as text."""
    import lightgbm as lgb

    booster = lgb.Booster(model_str=text)
    n, length = history.units.shape
    item, ahead = np.repeat(np.arange(n), horizon), np.tile(np.arange(horizon), n)
    sums = _Sums.of(history)
    _, features = sums.features(item, np.full(len(item), length), length + ahead)
    correction = np.log(np.maximum(booster.predict(features, num_threads=1), 1e-6))
    result: Floats = (sums.level[item, length] + correction).reshape(n, horizon)
    return result


def _rows(history: History, horizon: int, seed: int) -> tuple[Ints, Ints, Ints]:
    """Pseudo-origins, items and target periods of the training rows."""
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
    return origin, item, target


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums: any window that ends at any pseudo-origin is one subtraction."""

    history: History
    units: Floats
    expected: Floats
    count: Floats
    zeros: Floats
    level: Floats
    category: tuple[Floats, Floats]
    place: tuple[Floats, Floats]

    @classmethod
    def of(cls, history: History) -> _Sums:
        length = history.units.shape[1]
        expected = np.exp(np.clip(history.effect[:, :length], -12, 12)) * history.open
        level = _level(history.units, expected, history.halflife)
        own = np.exp(level[:, -1:]) * expected
        groups = []
        for code in (history.category, history.place):
            totals = [np.zeros((int(code.max()) + 1, length)) for _ in range(2)]
            np.add.at(totals[0], code, history.units)
            np.add.at(totals[1], code, own)
            groups.append((_running(totals[0]), _running(totals[1])))
        return cls(history, _running(history.units), _running(expected), _running(history.open), _running(history.open & (history.units == 0)),
                   level, groups[0], groups[1])  # fmt: skip

    def features(self, item: Ints, origin: Ints, target: Ints) -> tuple[list[str], Floats]:
        """Names (F) and features (m, F) of rows (item, pseudo-origin, target)."""
        level = self.level[item, origin]
        columns: dict[str, Floats] = {"level": level, "ahead": (target - origin).astype(float)}
        columns |= self._windows(item, origin, level) | self._last_year(item, origin, target, level) | self._groups(item, origin, target)
        columns |= {name: self.history.calendar[target, c] for c, name in enumerate(self.history.names)}
        for name, code in zip(CATEGORICAL, (self.history.product, self.history.place, self.history.category), strict=True):
            if code.max() > 0:
                columns[name] = code[item].astype(float)
        return list(columns), np.column_stack(list(columns.values()))

    def _windows(self, item: Ints, origin: Ints, level: Floats) -> dict[str, Floats]:
        year = self.history.year
        spans = sorted({1, 2, 4, 8, max(year // 4, 3), max(year // 2, 6), year} if year <= 60 else {1, 3, 7, 14, 28, 56, 112})
        out = {f"level{span}": self._ratio(self.units, self.expected, item, origin, span, level) for span in spans}
        long = spans[-1]
        out["zeros"] = _window(self.zeros, item, origin, long) / np.maximum(_window(self.count, item, origin, long), 1)
        out["age"] = self.count[item, origin]
        last = np.maximum(origin - 1, 0)
        out["effect_last"] = self.history.effect[item, last] - self.history.effect[item, np.maximum(origin - 5, 0)]
        out["promo_last"] = self.history.promo[item, last]
        return out

    def _last_year(self, item: Ints, origin: Ints, target: Ints, level: Floats) -> dict[str, Floats]:
        year = self.history.year
        side = 3 if year > 60 else (1 if year > 12 else 0)
        end = target - year + side + 1
        known = (end - 2 * side - 1 >= 0) & (end <= origin)
        end = np.clip(end, 0, origin)
        out = {"last_year": np.where(known, self._ratio(self.units, self.expected, item, end, 2 * side + 1, level), np.nan)}
        before = self._ratio(self.units, self.expected, item, np.maximum(origin - year, 0), 4 * side + 4, level)
        out["growth_last_year"] = np.where(known & (origin > year), out["last_year"] - before, np.nan)
        top, bottom = self.category
        code = self.history.category[item]
        seasonal = self._ratio(top, bottom, code, end, 2 * side + 1, np.zeros(len(code)))
        base = self._ratio(top, bottom, code, np.maximum(origin - year, 0), 4 * side + 4, np.zeros(len(code)))
        out["category_last_year"] = np.where(known & (origin > year), seasonal - base, np.nan)
        if year > 60:
            out["same_weekday"] = self._weekday(item, origin, target, level)
        return out

    def _weekday(self, item: Ints, origin: Ints, target: Ints, level: Floats) -> Floats:
        top, bottom = np.zeros(len(item)), np.zeros(len(item))
        for week in range(6):
            day = origin - 1 - (origin - 1 - target) % 7 - 7 * week
            known = day >= 0
            top += np.where(known, _window(self.units, item, np.maximum(day, 0) + 1, 1), 0.0)
            bottom += np.where(known, _window(self.expected, item, np.maximum(day, 0) + 1, 1), 0.0)
        prior = np.exp(-level) * 0.5
        return np.log((top + 0.5) / (bottom + prior)) - level

    def _groups(self, item: Ints, origin: Ints, target: Ints) -> dict[str, Floats]:
        """How category and place have moved lately against a longer past."""
        year = self.history.year
        short, long = (4, 13) if 12 < year <= 60 else ((14, 56) if year > 60 else (2, 6))
        out = {}
        for name, code, (top, bottom) in (("category", self.history.category, self.category), ("place", self.history.place, self.place)):
            none = np.zeros(len(item))
            now = self._ratio(top, bottom, code[item], origin, short, none)
            out[f"{name}_now"] = now - self._ratio(top, bottom, code[item], origin, long, none)
            out[f"{name}_last"] = self._ratio(top, bottom, code[item], origin, 1, none) - now
        return out

    @staticmethod
    def _ratio(top: Floats, bottom: Floats, row: Ints, last: Ints, span: int, level: Floats) -> Floats:
        """Log of units over expected units in the window, against the level; half a unit of prior at the level keeps it finite."""
        units, expected = _window(top, row, last, span), _window(bottom, row, last, span)
        value = np.log((units + 0.5) / (expected + 0.5 * np.exp(-level))) - level
        return np.where(expected > 0, value, np.nan)


def _running(values: NDArray[Any]) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1, dtype=float)], axis=1)


def _window(sums: Floats, row: Ints, last: Ints, span: int) -> Floats:
    return np.asarray(sums[row, last] - sums[row, np.maximum(last - span, 0)], dtype=float)


def _level(units: Floats, expected: Floats, halflife: float) -> Floats:
    """(n, T + 1) log of exponentially weighted units over exponentially weighted expected units before each period."""
    n, length = units.shape
    decay = 0.5 ** (1.0 / halflife)
    prior = 0.2 * max(float(units.sum()) / max(float(expected.sum()), 1e-9), 1e-9)
    top, bottom, out = np.zeros(n), np.zeros(n), np.empty((n, length + 1))
    weight = expected / np.maximum(expected.sum(axis=1, keepdims=True) / np.maximum((expected > 0).sum(axis=1, keepdims=True), 1), 1e-12)
    scale = np.divide(weight, expected, out=np.ones_like(weight), where=expected > 0)
    for t in range(length + 1):
        out[:, t] = np.log((top + 0.05 * prior) / (bottom + 0.05))
        if t < length:
            top, bottom = decay * top + scale[:, t] * units[:, t], decay * bottom + weight[:, t]
    return out
