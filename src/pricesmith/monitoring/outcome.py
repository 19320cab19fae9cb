"""Promised against realised: did the prices of a run bring what was said, product by product and in sum?

Demand also moves by itself. What products whose price stayed sold tells by how much (`drift.py`); promises are judged after that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats

from .drift import Drift, drift

Z90 = 1.6448536269514722
OUTCOME = ("units", "revenue", "profit")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a run said of n products, and what they did since, over `days` days each.

    base, expected   units a day at the old price and at the new one, the rest of the run in force
    deviation        standard deviation of log units at the new price against the old one: what is not known of the elasticity
    net, margin      net revenue and profit of one unit at the price in force, minor units
    margin_before    profit of one unit at the old price
    sold             units sold in `days` days
    changed          True where the run moved the price
    """

    base: Floats
    expected: Floats
    deviation: Floats
    net: Floats
    margin: Floats
    margin_before: Floats
    sold: Floats
    days: Floats
    changed: Flags


@dataclass(frozen=True, slots=True)
class Total:
    """A sum with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reckoning of a run.

    products   one row a product, a day, minor units: promised and realised units, revenue, profit; `units_lo`, `units_hi` (90 % interval
               of the promise), `inside`; `effect` (realised profit less that at the old price) with `effect_lo`, `effect_hi`,
               `effect_promised`
    promised, realised   of the changed products, by `units`, `revenue`, `profit`, a day
    effect     what the run brought, a day; `effect_promised` what it said
    coverage   share of the changed products whose units lie inside their interval
    drift      how demand moved by itself
    """

    products: pl.DataFrame
    promised: dict[str, Total]
    realised: dict[str, float]
    effect: Total
    effect_promised: float
    coverage: float
    drift: Drift


def outcome(keys: pl.DataFrame, promise: Promise, category: pl.Series, dispersion: float) -> Outcome:
    """Reckon up a run.

    keys        (n,) rows that name the products
    category    (n,) their categories
    dispersion  variance of a product's units over the days = mean + dispersion * mean**2
    """
    codes = category.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
    moved = drift(promise.expected * promise.days, promise.sold, ~promise.changed, codes, dispersion)
    lift = np.exp(moved.mean)
    fair = promise.expected * promise.days * lift
    spread2 = moved.deviation**2 + moved.own**2 + np.where(promise.changed, promise.deviation**2, 0.0)
    width = Z90 * np.sqrt(fair + (dispersion + spread2) * fair**2)
    low, high = np.maximum(np.floor(fair - width), 0.0), np.ceil(fair + width)
    inside = (promise.sold >= low) & (promise.sold <= high)
    effect, effect_width = _effects(promise, moved, lift, dispersion)
    products = _rows(keys, promise, lift, low, high, inside, effect, effect_width)
    return Outcome(
        products=products,
        promised=_promised(promise, moved, lift, dispersion),
        realised=_sums(promise, promise.sold / np.maximum(promise.days, 1e-9)),
        effect=_total_effect(promise, moved, lift, dispersion, effect),
        effect_promised=float((_gain(promise, promise.expected, promise.base) * lift)[promise.changed].sum()),
        coverage=float(inside[promise.changed].mean()) if promise.changed.any() else float("nan"),
        drift=moved,
    )


def _gain(promise: Promise, units: Floats, base: Floats) -> Floats:
    """Profit a day of selling `units` at the price in force instead of `base` at the old one."""
    return np.where(promise.changed, promise.margin * units - promise.margin_before * base, 0.0)


def _effects(promise: Promise, moved: Drift, lift: Floats, dispersion: float) -> tuple[Floats, Floats]:
    """(n,) realised gain a day, and the half width of its 90 % interval."""
    days = np.maximum(promise.days, 1e-9)
    rate, base = promise.sold / days, promise.base * lift
    counted = (promise.sold + dispersion * promise.sold**2) / days**2
    unknown = base**2 * (moved.deviation**2 + moved.own**2)
    width = Z90 * np.sqrt(promise.margin**2 * counted + promise.margin_before**2 * unknown)
    return _gain(promise, rate, base), np.where(promise.changed, width, 0.0)


def _total_effect(promise: Promise, moved: Drift, lift: Floats, dispersion: float, effect: Floats) -> Total:
    """Errors of counting and of single products average out; the drift is common to all."""
    on, days = promise.changed, np.maximum(promise.days, 1e-9)
    before = promise.margin_before * promise.base * lift
    counted = promise.margin**2 * (promise.sold + dispersion * promise.sold**2) / days**2
    common = float((before * moved.deviation)[on].sum())
    width = Z90 * float(np.sqrt((counted + before**2 * moved.own**2)[on].sum() + common**2))
    value = float(effect[on].sum())
    return Total(value, value - width, value + width)


def _sums(promise: Promise, units: Floats) -> dict[str, float]:
    worth = {"units": np.ones_like(units), "revenue": promise.net, "profit": promise.margin}
    return {name: float((worth[name] * units)[promise.changed].sum()) for name in OUTCOME}


def _promised(promise: Promise, moved: Drift, lift: Floats, dispersion: float) -> dict[str, Total]:
    on, days = promise.changed, np.maximum(promise.days, 1e-9)
    fair = promise.expected * lift
    alone = fair / days + (dispersion + moved.own**2 + promise.deviation**2) * fair**2
    found = {}
    for name, worth in (("units", np.ones_like(fair)), ("revenue", promise.net), ("profit", promise.margin)):
        width = Z90 * float(np.sqrt((worth**2 * alone)[on].sum() + float((np.abs(worth) * fair * moved.deviation)[on].sum()) ** 2))
        value = float((worth * fair)[on].sum())
        found[name] = Total(value, value - width, value + width)
    return found


def _rows(
    keys: pl.DataFrame, promise: Promise, lift: Floats, low: Floats, high: Floats, inside: Flags, effect: Floats, width: Floats
) -> pl.DataFrame:
    days = np.maximum(promise.days, 1e-9)
    fair, real = promise.expected * lift, promise.sold / days
    return keys.with_columns(
        changed=promise.changed,
        days=promise.days,
        units_promised=fair,
        units_lo=low / days,
        units_hi=high / days,
        units=real,
        inside=inside,
        revenue_promised=fair * promise.net,
        revenue=real * promise.net,
        profit_promised=fair * promise.margin,
        profit=real * promise.margin,
        effect_promised=_gain(promise, fair, promise.base * lift),
        effect=effect,
        effect_lo=effect - width,
        effect_hi=effect + width,
    )
