"""The strongest baseline: LightGBM on price, relative price, promotion, season and lags known at the origin.

One model for all horizons: every training row is (item, pseudo-origin, periods ahead), its features are computed from units before the
pseudo-origin alone. The target is units over the item's level at the pseudo-origin, weighted by that level, so that large and small items
share one model; the quantiles are models of their own.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .panel import Panel
from .scores import QUANTILES, Forecast

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROWS = 40_000
"""Training rows at most; more are sampled."""

PARAMETERS: dict[str, Any] = {
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
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
}
MEAN = {"objective": "tweedie", "tweedie_variance_power": 1.5}
ROUNDS = 300
PATIENCE = 20
SPANS = {"day": (1, 3, 7, 14, 28, 56), "week": (1, 2, 4, 8, 13, 26, 52), "month": (1, 2, 3, 6, 12, 24)}
HALF_LIFE = {"day": 21.0, "week": 6.0, "month": 4.0}
CATEGORICAL = ("sku", "place", "category", "weekday")


def installed() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("lightgbm") is not None


def lightgbm(panel: Panel, origin: int, horizon: int, *, settings: Mapping[str, Any] | None = None) -> Forecast:
    """Forecast of shape (n, horizon); see the module. Raises ImportError where lightgbm is not installed."""
    history = _History.of(panel, origin)
    origins, items, targets = _training_rows(panel, origin, horizon)
    names, features, level = history.features(items, origins, targets)
    ratio = panel.units[items, targets] / level
    periods = np.unique(targets)
    held = targets >= periods[-min(horizon, max(len(periods) // 6, 1))]
    ahead = np.arange(origin, origin + horizon)
    rows, cols = np.repeat(np.arange(len(panel.units)), horizon), np.tile(ahead, len(panel.units))
    _, unknown, scale = history.features(rows, np.full(len(rows), origin), cols)
    shape = (len(panel.units), horizon)
    predicted = []
    for objective in (MEAN, *({"objective": "quantile", "alpha": q} for q in QUANTILES)):
        booster = _train({**PARAMETERS, **objective, **(settings or {})}, names, features, ratio, level, held)
        predicted.append((np.maximum(booster.predict(unknown, num_threads=1), 0.0) * scale).reshape(shape))
    return Forecast(predicted[0], np.sort(np.stack(predicted[1:], axis=-1), axis=-1))


def _training_rows(panel: Panel, origin: int, horizon: int) -> tuple[Ints, Ints, Ints]:
    """Pseudo-origins, items and target periods: every seen (item, period) with a random distance, as often as ROWS allows."""
    generator = np.random.default_rng(7)
    first = min(max(2, origin // 8), 2 * panel.cycle)
    items, targets = np.nonzero(panel.seen[:, :origin] & (np.arange(origin) >= first))
    repeats = int(np.clip(np.ceil(ROWS / max(len(items), 1)), 1, min(horizon, 6)))
    items, targets = np.tile(items, repeats), np.tile(targets, repeats)
    origins = targets - generator.integers(0, horizon, len(targets))
    good = origins >= 1
    origins, items, targets = origins[good], items[good], targets[good]
    if len(items) > ROWS:
        recent = np.exp(-(origin - targets) / (3.0 * panel.cycle))
        keep = np.argsort(generator.random(len(items)) ** (1.0 / recent))[-ROWS:]
        origins, items, targets = origins[keep], items[keep], targets[keep]
    return origins.astype(np.int64), items.astype(np.int64), targets.astype(np.int64)


def _train(parameters: dict[str, Any], names: list[str], features: Floats, ratio: Floats, weight: Floats, held: NDArray[np.bool_]) -> Any:
    """Rounds chosen on the last block, then fitted again on everything."""
    import lightgbm as lgb

    categorical = [name for name in CATEGORICAL if name in names]

    def data(rows: NDArray[np.bool_], reference: Any = None) -> Any:
        options = {"verbosity": -1, "max_bin": parameters["max_bin"]}
        return lgb.Dataset(
            features[rows], ratio[rows], reference, weight[rows] / weight.mean(),
            feature_name=names, categorical_feature=categorical, params=options,
        )  # fmt: skip

    train = data(~held)
    trial = lgb.train(parameters, train, ROUNDS, valid_sets=[data(held, train)], callbacks=[lgb.early_stopping(PATIENCE, verbose=False)])
    rounds = max(int(trial.best_iteration * 1.1), 20)
    return lgb.train(parameters, data(np.ones(len(ratio), dtype=bool)), rounds)


@dataclass(frozen=True, slots=True)
class _History:
    """Running sums of a panel, so that any window ending at any pseudo-origin is one subtraction. Arrays are (n, T + 1)."""

    panel: Panel
    count: Floats
    total: Floats
    promo_count: Floats
    promo_total: Floats
    zeros: Floats
    level: Floats
    regular: Floats
    usual_price: Floats
    group: Ints
    group_total: Floats
    group_count: Floats

    @classmethod
    def of(cls, panel: Panel, origin: int) -> _History:
        """Units at or after the origin are blanked first: nothing below can see them."""
        seen = panel.seen.copy()
        seen[:, origin:] = False
        units = np.where(seen, panel.units, 0.0)
        plain = seen & (panel.promo == 0)
        decay = 0.5 ** (1.0 / HALF_LIFE[panel.period])
        level, regular = _smooth(units, seen, decay), _smooth(units, plain, decay)
        price = np.log(np.where(panel.price > 0, panel.price, np.nan))
        usual = _smooth(np.nan_to_num(price), np.isfinite(price), 0.5 ** (1.0 / (4 * HALF_LIFE[panel.period])), shrink=0.0)
        group = panel.codes("category")
        sums = [np.zeros((group.max() + 1, panel.units.shape[1])) for _ in range(2)]
        relative = np.where(seen, units / np.maximum(_running(units)[:, -1:] / np.maximum(_running(seen)[:, -1:], 1), 1e-9), 0.0)
        np.add.at(sums[0], group, relative)
        np.add.at(sums[1], group, seen.astype(float))
        raised = seen & ~plain
        counted = [_running(values) for values in (seen, units, raised, units * raised, seen & (units == 0))]
        count, total, promo_count, promo_total, zeros = counted
        grouped = (_running(sums[0]), _running(sums[1]))
        return cls(panel, count, total, promo_count, promo_total, zeros, level, regular, usual, group, *grouped)

    def features(self, items: Ints, origins: Ints, targets: Ints) -> tuple[list[str], Floats, Floats]:
        """Names (F), features (m, F) and levels (m,) of rows (item, pseudo-origin, target period)."""
        level = self.level[items, origins]
        columns: dict[str, Floats] = {"level": np.log(level), "ahead": (targets - origins).astype(float)}
        columns |= self._lags(items, origins, level)
        columns |= self._season(items, origins, targets, level)
        columns |= self._prices(items, origins, targets)
        columns |= self._known(items, targets)
        return list(columns), np.column_stack(list(columns.values())), level

    def _window(self, sums: Floats, rows: Ints, last: Ints, length: int) -> Floats:
        return np.asarray(sums[rows, last] - sums[rows, np.maximum(last - length, 0)], dtype=float)

    def _lags(self, items: Ints, origins: Ints, level: Floats) -> dict[str, Floats]:
        out = {}
        for span in SPANS[self.panel.period]:
            count = self._window(self.count, items, origins, span)
            out[f"mean{span}"] = np.where(count > 0, self._window(self.total, items, origins, span) / np.maximum(count, 1) / level, np.nan)
        long = SPANS[self.panel.period][-1]
        many = self._window(self.promo_count, items, origins, long)
        out["promo_lift"] = np.where(many > 0, self._window(self.promo_total, items, origins, long) / np.maximum(many, 1) / level, np.nan)
        out["promo_share"] = many / np.maximum(self._window(self.count, items, origins, long), 1)
        out["regular"] = np.log(self.regular[items, origins] / level)
        out["zero_share"] = self._window(self.zeros, items, origins, long) / np.maximum(self._window(self.count, items, origins, long), 1)
        out["history"] = self.count[items, origins]
        return out

    def _season(self, items: Ints, origins: Ints, targets: Ints, level: Floats) -> dict[str, Floats]:
        """Last year around the target, for the item and for its category; the same weekdays for days."""
        year = {"day": 364, "week": 52, "month": 12}[self.panel.period]
        side = {"day": 3, "week": 1, "month": 0}[self.panel.period]
        end = targets - year + side + 1
        known = (end - 2 * side - 1 >= 0) & (end <= origins)
        end = np.clip(end, 0, origins)
        own = self._window(self.count, items, end, 2 * side + 1)
        place = self.group[items]
        base = np.clip(origins - year, 0, None)
        group = _ratio(self._window(self.group_total, place, end, 2 * side + 1), self._window(self.group_count, place, end, 2 * side + 1))
        before = _ratio(
            self._window(self.group_total, place, base, 4 * side + 2), self._window(self.group_count, place, base, 4 * side + 2)
        )
        out = {
            "last_year": np.where(
                known & (own > 0), self._window(self.total, items, end, 2 * side + 1) / np.maximum(own, 1) / level, np.nan
            ),
            "group_last_year": np.where(known, group, np.nan),
            "group_growth_last_year": np.where(known & (base > 0), _ratio(group, before), np.nan),
        }
        if self.panel.period == "day":
            weeks = [origins - 1 - (origins - 1 - targets) % 7 - 7 * k for k in range(6)]
            sums = [np.where(day >= 0, self._window(self.total, items, np.maximum(day, 0) + 1, 1), 0.0) for day in weeks]
            counts = [np.where(day >= 0, self._window(self.count, items, np.maximum(day, 0) + 1, 1), 0.0) for day in weeks]
            out["same_weekday"] = _ratio(np.sum(sums, axis=0), np.sum(counts, axis=0)) / level
        return out

    def _prices(self, items: Ints, origins: Ints, targets: Ints) -> dict[str, Floats]:
        """Price of the target period against the usual one, the last one, and the other products of the family at the same place."""
        price = np.log(np.where(self.panel.price > 0, self.panel.price, np.nan))
        relative = price - self.usual_price[:, :-1]
        relative_now = price[items, targets] - self.usual_price[items, origins]
        family = _peers(self.panel)
        kinds = range(1, len(self.panel.kinds)) if len(self.panel.kinds) > 2 else ()
        return {
            "price": price[items, targets],
            "price_to_usual": relative_now,
            "price_to_last": price[items, targets] - price[items, np.maximum(origins - 1, 0)],
            "last_to_usual": price[items, np.maximum(origins - 1, 0)] - self.usual_price[items, origins],
            "price_change": price[items, targets] - price[items, np.maximum(targets - 1, 0)],
            "others": _others(relative, family)[items, targets],
            "others_promo": _others(self.panel.promo, family)[items, targets],
            "promo": self.panel.promo[items, targets],
            **{f"promo_kind{number}": (self.panel.kind[items, targets] == number).astype(float) for number in kinds},
            "promo_before": self.panel.promo[items, np.maximum(targets - 1, 0)],
            "promo_last": self.panel.promo[items, np.maximum(origins - 1, 0)],
        }

    def _known(self, items: Ints, targets: Ints) -> dict[str, Floats]:
        dates = self.panel.dates
        out = {
            "day_of_year": np.array([d.timetuple().tm_yday for d in dates], dtype=float)[targets],
            "month": np.array([d.month for d in dates], dtype=float)[targets],
            "sku": self.panel.codes("sku")[items].astype(float),
            "place": _places(self.panel)[items].astype(float),
            "category": self.group[items].astype(float),
        }
        if self.panel.period == "day":
            out["weekday"] = np.array([d.weekday() for d in dates], dtype=float)[targets]
        for number in range(self.panel.events.shape[1]):
            out[f"event{number}"] = self.panel.events[targets, number]
        return out


def _running(values: NDArray[Any]) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1, dtype=float)], axis=1)


def _smooth(values: Floats, seen: NDArray[np.bool_], decay: float, shrink: float = 1.0) -> Floats:
    """(n, T + 1) exponentially weighted mean of the seen values before each period, shrunk by one period towards their overall mean."""
    n, length = values.shape
    out, total, weight = np.empty((n, length + 1)), np.zeros(n), np.zeros(n)
    overall = max(float(values[seen].mean()) if seen.any() else 1.0, 1e-6) * 0.5 if shrink else 0.0
    for t in range(length + 1):
        out[:, t] = (total + shrink * overall * 0.2) / (weight + shrink * 0.2) if shrink else total / np.maximum(weight, 1e-12)
        if t < length:
            total, weight = decay * total + values[:, t] * seen[:, t], decay * weight + seen[:, t]
    return out


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.where(bottom > 0, top / np.maximum(bottom, 1e-12), np.nan)


def _places(panel: Panel) -> Ints:
    both = panel.codes("channel") * (panel.codes("region").max() + 1) + panel.codes("region")
    return np.unique(both, return_inverse=True)[1].astype(np.int64)


def _peers(panel: Panel) -> Ints:
    """(n,) number of the group of products of the same family (else category) at the same place."""
    families = panel.codes("family") if panel.items["family"].null_count() == 0 else panel.codes("category")
    return np.unique(families * (_places(panel).max() + 1) + _places(panel), return_inverse=True)[1].astype(np.int64)


def _others(values: Floats, group: Ints) -> Floats:
    """(n, T) mean of the values of the other members of the group; NaN where there are none."""
    known = np.isfinite(values)
    sums, counts = np.zeros((group.max() + 1, values.shape[1])), np.zeros((group.max() + 1, values.shape[1]))
    np.add.at(sums, group, np.where(known, values, 0.0))
    np.add.at(counts, group, known.astype(float))
    return _ratio(sums[group] - np.where(known, values, 0.0), counts[group] - known)
