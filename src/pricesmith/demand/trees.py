"""Gradient-boosted trees of demand: the rows they learn from, what they see, and how many rounds they take.

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
MORE = 1.1
"""Rounds on all rows over those that were best on rows before a block."""
LEVELS = (0.05, 0.5, 0.95)
QUANTILE_ROUNDS = 100
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
class Past:
    """m rows to learn from: item, pseudo-origin (the first period that is not known), period to forecast."""

    item: Ints
    origin: Ints
    target: Ints


@dataclass(frozen=True, slots=True)
class Design:
    """What trees see of m rows.

    names, features  (F), (m, F)
    base             (m,) log units without the trees: smoothed level, times the structural effect where there is one
    lasting          (m,) the same with the level of a year
    """

    names: list[str]
    features: Floats
    base: Floats
    lasting: Floats


def available() -> bool:
    """Whether LightGBM is installed."""
    return importlib.util.find_spec("lightgbm") is not None


def past_rows(history: History, horizon: int, seed: int) -> Past:
    """Every open item and period with a random distance, as often as ROWS allows."""
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
    return Past(item, origin, target)


def designs(history: History, rows: Past) -> tuple[Design, Design]:
    """For trees on the structural level, and for trees that see price and promotion instead of the structural effect."""
    price, promo = history.price[rows.item, rows.target], history.promo[rows.item, rows.target]
    effect = history.effect[rows.item, rows.target]
    level = design(Lags.of(history), rows, effect)
    lags = Lags.of(history.without_effect())
    return level, design(lags, rows, None, price, promo, lags.plan(history.price, history.promo))


def design(
    lags: Lags, rows: Past, effect: Floats | None, price: Floats | None = None, promo: Floats | None = None, plan: Plan | None = None
) -> Design:
    """Features of rows; with their prices where a plan is given, with the structural effect in the base where one is given."""
    item, origin, target = rows.item, rows.origin, rows.target
    columns = lags.features(item, origin, target)
    if price is not None and promo is not None and plan is not None:
        columns |= lags.prices(item, origin, target, price, promo, plan)
    base = np.clip(lags.level[item, origin] + (0.0 if effect is None else effect), -18, 18)
    lasting = base + lags.lasting[item, origin] - lags.level[item, origin]
    return Design(list(columns), np.column_stack(list(columns.values())), base, lasting)


def try_rounds(seen: Design, units: Floats, before: Flags, held: Flags, seed: int) -> tuple[int, Floats]:
    """Rounds that suit the held rows best, for trees of units over exp(base) learned from the rows before; log corrections of held rows."""
    import lightgbm as lgb

    train = _data(seen, units, before)
    watch = [_data(seen, units, held, train)]
    options = {**PARAMETERS, "seed": seed}
    trial = lgb.train(options, train, ROUNDS, valid_sets=watch, callbacks=[lgb.early_stopping(PATIENCE, verbose=False)])
    return trial.best_iteration, _log(trial.predict(seen.features[held], num_threads=1))


def final_rounds(tried: list[int]) -> int:
    """Rounds for all rows, from those that suited blocks."""
    return max(int(MORE * np.mean(tried)), LEAST_ROUNDS)


def train(seen: Design, units: Floats, rounds: int, seed: int) -> str:
    """Trees of units over exp(base) as text."""
    import lightgbm as lgb

    text: str = lgb.train({**PARAMETERS, "seed": seed}, _data(seen, units, np.ones(len(units), dtype=bool)), rounds).model_to_string()
    return text


def corrections(texts: tuple[str, ...], features: Floats) -> Floats:
    """(m,) log of units over exp(base), the mean of several runs."""
    import lightgbm as lgb

    told = np.stack([_log(lgb.Booster(model_str=text).predict(features, num_threads=1)) for text in texts])
    return np.asarray(told.mean(axis=0))


def train_spread(seen: Design, units: Floats, base: Floats, used: Flags, seed: int) -> tuple[str, str, str]:
    """Trees of each quantile of units over exp(base), from the rows `used`."""
    import lightgbm as lgb

    plain = {name: value for name, value in PARAMETERS.items() if not name.startswith("tweedie")}
    data = _data(Design(seen.names, seen.features, base, base), units, used)
    options = [{**plain, "objective": "quantile", "alpha": level, "seed": seed} for level in LEVELS]
    low, middle, high = (lgb.train(option, data, QUANTILE_ROUNDS).model_to_string() for option in options)
    return low, middle, high


def spread(texts: tuple[str, str, str], features: Floats) -> Floats:
    """(m, 3) quantiles of units over exp(base)."""
    import lightgbm as lgb

    drawn = np.stack([lgb.Booster(model_str=text).predict(features, num_threads=1) for text in texts], axis=1)
    return np.sort(np.maximum(drawn, 0.0), axis=1)


def _data(seen: Design, units: Floats, rows: Flags, reference: Any = None) -> Any:
    import lightgbm as lgb

    expected = np.exp(seen.base)
    ratio, weight = units / expected, expected / expected[rows].mean()
    categorical = [name for name in CATEGORICAL if name in seen.names]
    given = {"max_bin": PARAMETERS["max_bin"], "verbosity": -1}
    return lgb.Dataset(
        seen.features[rows], ratio[rows], reference, weight[rows],
        feature_name=seen.names, categorical_feature=categorical, params=given, free_raw_data=False,
    )  # fmt: skip


def _log(ratio: Any) -> Floats:
    return np.log(np.maximum(np.asarray(ratio, dtype=np.float64), 1e-6))
