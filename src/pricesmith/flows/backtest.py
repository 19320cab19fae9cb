"""Rolling-origin evaluation: learn on what was known at each origin, forecast the periods after it, score.

Every forecaster sees the same: sales up to the origin, and the price and promotion of each row to forecast (a scenario).
Scored are the rows of items with a sale history before the origin, periods without a sale included, stock-outs left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot

from . import baselines, lightgbm_baseline
from .clustered import PROBABILITY, Clusters, Estimate
from .followed import Moves, followed, moves
from .hindsight import compared
from .panel import KEY, Panel, panel, step
from .scores import QUANTILES, Forecast, bias, gains, score, slope

HORIZON = {"day": 28, "week": 8, "month": 6}
"""Periods ahead of each origin."""
FOLDS = 4
MOVED = 0.05
"""A row counts as moved where its price differs by more than this share from the last price before the origin."""

Learn = Callable[[Snapshot, Policy], DemandModel]
Take = Callable[[dt.date], Snapshot]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened after an origin: m rows.

    item    (m,) row of the panel's items
    ahead   (m,) periods after the origin, from 0
    period  (m,) period of the panel
    units   (m,) units sold
    moved   (m,) the price moved against the last one before the origin
    """

    item: NDArray[np.int64]
    ahead: NDArray[np.int64]
    period: NDArray[np.int64]
    units: NDArray[np.float64]
    moved: NDArray[np.bool_]


def backtest(
    take: Take,
    last: dt.date,
    policy: Policy,
    learn: Learn,
    *,
    horizon: int | None = None,
    folds: int = FOLDS,
    compare: bool = True,
    tell: Progress | None = None,
) -> dict[str, Any]:
    """The report of INTERFACE.md: scores of the model and of four baselines, over all folds and by fold.

    take     the snapshot as of a day
    last     date of the last sales row
    learn    snapshot, policy -> model
    horizon  periods ahead of each origin; by default 28 days, 8 weeks or 6 months
    folds    origins at most, one horizon apart, see `origins`; those without a sale are left out
    """
    end = take(step(last, policy.period, 1))
    whole = panel(end)
    length = horizon or HORIZON[policy.period]
    starts = origins(len(whole.dates), length, folds)
    sold = _sold(whole, starts, length)
    found: list[_Fold] = []
    entries: list[dict[str, Any]] = []
    for origin, truth in sold:
        if tell is not None:
            tell(f"origin {whole.dates[origin]}: learning, then forecasting {len(truth.units)} rows")
        snapshot = take(whole.dates[origin])
        model = learn(snapshot, policy)
        seen = compared(snapshot, model, end, policy.horizon_days)
        found.append(_fold(model, snapshot, whole, origin, truth, length, compare, seen))
        scored = {name: score(truth.units, forecast, truth.moved) for name, forecast in found[-1].forecasts.items()}
        entries.append({"origin": whole.dates[origin].isoformat(), **scored.pop("model"), "baselines": scored})
    every = _together([truth for _, truth in sold])
    total = _total({name: _joined([fold.forecasts[name] for fold in found]) for name in found[0].forecasts}, every)
    return {
        "folds": entries,
        **total.pop("model"),
        "baselines": {**total, **_absent(compare)},
        "followed": _followed([fold.moved for fold in found]),
        "expected": _biased([fold.expected for fold in found], every),
        "ranges": _ranges([fold.seen for fold in found], policy.horizon_days),
        "about": _about(policy, length, len(entries)) | _fewer(folds, len(starts), len(entries), _room(len(whole.dates))),
    }


@dataclass(frozen=True, slots=True)
class _Fold:
    """What was foretold from one origin: by forecaster, by the price list (see `_expected`), of moves of prices, and of the days ahead."""

    forecasts: dict[str, Forecast]
    expected: NDArray[np.float64] | None
    moved: Moves
    seen: pl.DataFrame | None


def _fold(
    model: DemandModel, snapshot: Snapshot, whole: Panel, origin: int, truth: Truth, length: int, compare: bool, seen: pl.DataFrame | None
) -> _Fold:
    scenario = _scenario(snapshot, whole, origin, truth)
    forecasts = {"model": _model(model, snapshot, scenario)} | (_baselines(whole, origin, length, truth) if compare else {})
    return _Fold(forecasts, _expected(model, snapshot, scenario), moves(model, snapshot, whole, origin, length, MOVED), seen)


def _ranges(folds: list[pl.DataFrame | None], days: int) -> dict[str, float | int] | None:
    """How often a product sold within the range beside its price, over the days ahead that prices are chosen for: see `hindsight`."""
    known = [rows.select("sold", "low", "high") for rows in folds if rows is not None and rows.height]
    if not known:
        return None
    rows = pl.concat(known)
    inside = (rows["sold"] >= rows["low"]) & (rows["sold"] <= rows["high"])
    return {"coverage90": float(inside.to_numpy().mean()), "rows": rows.height, "days": days}


def _followed(folds: list[Moves]) -> dict[str, Any] | None:
    told = followed(folds)
    if told is None:
        return None
    return {"share": told.share.value, **_bounds("share", told.share), "rows": told.rows, "items": told.items}


def _biased(expected: list[NDArray[np.float64] | None], truth: Truth) -> dict[str, float | None] | None:
    """Bias of what a price list expects at the prices and promotions that came; None where the model does not tell it."""
    known = [one for one in expected if one is not None]
    found = bias(truth.units, np.concatenate(known), Clusters(truth.item, truth.period)) if len(known) == len(expected) else None
    return None if found is None else {"bias": found.value, **_bounds("bias", found)}


SMALL = 0.05
"""A loss that is surely not further above that of the best other method is no reason to distrust the prices."""
NOTHING = 1.0
"""WAPE of a forecast of 0 units everywhere."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The model beside the best of the other methods.

    kind    `level` where chance alone could have made the difference: the interval of the gain holds 0
    gain    share by which its loss (pinball) is below that one's
    """

    kind: Literal["better", "level", "worse"]
    best: str
    gain: Estimate

    @property
    def small(self) -> bool:
        """It is worse, and surely by less than SMALL."""
        return self.kind == "worse" and -self.gain.lo < SMALL


def verdict(others: Mapping[str, Mapping[str, Any]]) -> Verdict | None:
    """What the scores of the other methods in a report, by name, say of the model; None where no interval of a gain can be had."""
    known = {name: scores for name, scores in others.items() if scores.get("pinball") is not None}
    best = min(known, key=lambda name: (known[name]["pinball"], name), default=None)
    if best is None or known[best].get("pinball_gain_lo") is None:
        return None
    gain = read_estimate(known[best], "pinball_gain")
    return Verdict("better" if gain.side > 0 else "worse" if gain.side < 0 else "level", best, gain)


def read_estimate(scores: Mapping[str, Any], figure: str) -> Estimate:
    """A figure of a report with its interval."""
    return Estimate(scores[figure], scores[f"{figure}_lo"], scores[f"{figure}_hi"])


def origins(periods: int, horizon: int, folds: int = FOLDS) -> list[int]:
    """Numbers of the periods at which a forecast starts, ascending; 2 periods and half of all, rounded down, lie before the first.

    Raises DataError where the history is too short for one.
    """
    room = _room(periods)
    count = min(folds, room // horizon)
    if count < 1:
        least = max(2 * horizon - 1, horizon + 2)
        what = f"a backtest with a horizon of {horizon} needs at least {least} periods of sales, there are {periods}"
        raise DataError(what, where="sales", hint=f"give a horizon of {room} or less" if room > 0 else "it takes a longer history")
    return [periods - horizon * number for number in range(count, 0, -1)]


def _room(periods: int) -> int:
    """Periods behind the first origin: 2 and half of all, rounded down, lie before it."""
    return periods - max(periods // 2, 2)


def _sold(whole: Panel, starts: list[int], horizon: int) -> list[tuple[int, Truth]]:
    """Origins and what happened after them, without those after which nothing was sold: there is nothing to be right about."""
    found = [(origin, _truth(whole, origin, horizon)) for origin in starts]
    sold = [(origin, truth) for origin, truth in found if truth.units.sum() > 0]
    if not sold:
        raise DataError(
            f"nothing that had sold before {whole.dates[starts[0]]} has sold since",
            where="sales",
            hint="a backtest needs sales of the same products before and after a day; see `pricesmith check` for days that are missing",
        )
    return sold


def _truth(whole: Panel, origin: int, horizon: int) -> Truth:
    block = slice(origin, min(origin + horizon, len(whole.dates)))
    known = whole.seen[:, :origin].any(axis=1)
    item, ahead = np.nonzero(whole.seen[:, block] * known.reshape(-1, 1))
    before, now = whole.price[item, origin - 1], whole.price[item, origin + ahead]
    moved: NDArray[np.bool_] = np.abs(now / before - 1.0) > MOVED
    return Truth(item.astype(np.int64), ahead.astype(np.int64), (origin + ahead).astype(np.int64), whole.units[item, origin + ahead], moved)


def _scenario(snapshot: Snapshot, whole: Panel, origin: int, truth: Truth) -> pl.DataFrame:
    """The rows of the truth to be forecast; items are matched by sku, channel and region."""
    names = whole.items.select(KEY)[truth.item]
    frame = names.with_columns(
        pl.Series("row", np.arange(len(truth.item))),
        pl.Series("date", [whole.dates[origin + ahead] for ahead in truth.ahead], dtype=pl.Date),
        pl.Series("price", whole.price[truth.item, origin + truth.ahead]),
        pl.Series("promo", whole.promo[truth.item, origin + truth.ahead]).cast(pl.Int8),
        pl.Series("promo_kind", whole.kinds).gather(whole.kind[truth.item, origin + truth.ahead]).replace("", None),
    )
    scenario = frame.join(snapshot.items.select("item", *KEY), on=list(KEY), how="left", maintain_order="left")
    return scenario.select("item", "date", "price", "promo", "promo_kind")


def _model(model: DemandModel, snapshot: Snapshot, scenario: pl.DataFrame) -> Forecast:
    out = model.forecast(snapshot, scenario)
    middle = out["units_median"] if "units_median" in out.columns else out["units"]
    return Forecast(out["units"].to_numpy(), np.column_stack([out["units_lo"].to_numpy(), middle.to_numpy(), out["units_hi"].to_numpy()]))


def _expected(model: DemandModel, snapshot: Snapshot, scenario: pl.DataFrame) -> NDArray[np.float64] | None:
    """(m,) mean units as prices are chosen by it; None where the model does not tell it apart from its forecast."""
    expect = getattr(model, "expect", None)
    return None if expect is None else np.asarray(expect(snapshot, scenario), dtype=np.float64)


def _baselines(whole: Panel, origin: int, horizon: int, truth: Truth) -> dict[str, Forecast]:
    forecasters = {
        "seasonal_naive": baselines.seasonal_naive,
        "price_blind_mean": baselines.price_blind_mean,
        "pooled_log_log": baselines.pooled_log_log,
    }
    if lightgbm_baseline.installed():
        forecasters["lightgbm"] = lightgbm_baseline.lightgbm
    grids = {name: forecaster(whole, origin, horizon) for name, forecaster in forecasters.items()}
    return {name: Forecast(grid.mean[truth.item, truth.ahead], grid.quantiles[truth.item, truth.ahead]) for name, grid in grids.items()}


def _joined(forecasts: list[Forecast]) -> Forecast:
    return Forecast(np.concatenate([f.mean for f in forecasts]), np.concatenate([f.quantiles for f in forecasts]))


def _together(truths: list[Truth]) -> Truth:
    """All rows; blocks after two origins have no period in common."""
    return Truth(*(np.concatenate([getattr(truth, field.name) for truth in truths]) for field in fields(Truth)))


def _total(found: dict[str, Forecast], truth: Truth) -> dict[str, dict[str, Any]]:
    """Scores over all folds, with the interval of the slope, and of the model's gain on every other forecaster."""
    clusters = Clusters(truth.item, truth.period)
    scored: dict[str, dict[str, Any]] = {}
    for name, forecast in found.items():
        scored[name] = score(truth.units, forecast, truth.moved) | _bounds("slope", slope(truth.units, forecast, truth.moved, clusters))
        if name != "model":
            for figure, gain in gains(truth.units, found["model"], forecast, clusters).items():
                scored[name] |= {f"{figure}_gain": None if gain is None else gain.value} | _bounds(f"{figure}_gain", gain)
    return scored


def _bounds(figure: str, found: Estimate | None) -> dict[str, float | None]:
    return {f"{figure}_lo": None if found is None else found.lo, f"{figure}_hi": None if found is None else found.hi}


def _absent(compare: bool) -> Mapping[str, Any]:
    """What the report says of LightGBM where it is not installed."""
    if not compare or lightgbm_baseline.installed():
        return {}
    return {"lightgbm": {"absent": "the package lightgbm is not installed: pip install '.[boosting]' in the clone"}}


def _fewer(asked: int, had: int, sold: int, room: int) -> dict[str, Any]:
    """Why there are fewer origins than were asked for, if there are, and the horizon that has room for all of them.

    had  origins that the history has room for;  room: periods behind the first
    """
    reasons = {"short_history": had < asked, "nothing_sold": sold < had}
    named = [reason for reason, true in reasons.items() if true]
    return {"origins_asked": asked, "origins_fewer": named, "horizon_for_all": (room // asked or None) if had < asked else None}


def _about(policy: Policy, horizon: int, folds: int) -> dict[str, Any]:
    """How the figures are to be read."""
    return {
        "period": policy.period,
        "horizon": horizon,
        "origins": folds,
        "quantiles": list(QUANTILES),
        "pinball": "mean pinball loss over rows and quantiles, divided by mean units",
        "slope": f"rows whose price moved more than {MOVED:.0%} since the origin: Poisson regression of units on log forecast",
        "gain": "share by which the model's loss is below that of the other method, on the same rows",
        "lo, hi": f"{PROBABILITY:.0%} interval; errors of one item, and of one period, come together",
        "slope_positive": "the same rows with units: least squares of log units on log forecast",
        "followed": "share of the foretold answer to price moves that came, by the curves that prices are chosen by; levels take no part",
        "expected": "units that a price list expects at the prices and promotions that came, over units sold, less 1",
    }
