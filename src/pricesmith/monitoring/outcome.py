"""Promised against realised: did the prices of a run bring what was said, product by product and in sum?

Demand also moves by itself. What products whose price stayed sold tells by how much (`drift.py`); promises are judged after that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import gammaincinv

from pricesmith.contracts.curves import Z90, Flags, Floats

from .drift import Drift, Seen, drift

COMMON = 0.5
"""Share of the variance of elasticities that all products have in common; as `optimization/expectations.py` has it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a run said of n products, and what they did since.

    base, expected   units a day at the old prices of all, and at the prices that came into the shop
    own              variance of log demand of a single product around its category's, as the model says it
    response         standard deviation of log units at the new price over units at the old one, with the sign of the move: what is not
                     known of the elasticity
    linked           standard deviation of log units at the family's other prices likewise, with the sign of their move, from what is not
                     known of the effects between prices
    net, margin      net revenue and profit of one unit at the price in force, minor units;  margin_before  profit at the old price
    sold, days       units sold, and days on which they could be, promotions left out; 0 days: not to be judged
    noise            variance of a day's count = mean + noise * mean**2
    changed          True where a new price came into the shop
    touched          True where it did, or where one came to a product of the same family
    """

    base: Floats
    expected: Floats
    own: Floats
    response: Floats
    linked: Floats
    net: Floats
    margin: Floats
    margin_before: Floats
    sold: Floats
    days: Floats
    noise: float
    changed: Flags
    touched: Flags


@dataclass(frozen=True, slots=True)
class Total:
    """A sum with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reckoning of a run; everything a day, money in minor units.

    products   one row a product: `units_promised` with `units_lo`, `units_hi` (90 % of what could be sold), `units`, `inside`, the same for
               revenue and profit, and `effect` (profit less that at the old prices) with `effect_lo`, `effect_hi`, `effect_promised`
    promised, realised   sums over the changed products: `units`, `revenue`, `profit`; the promise after drift
    effect     what the run brought, products of the same families included;  effect_promised  what it said of that, after drift
    coverage   share of the changed products whose units lie inside their interval; NaN without any
    bias       units of the changed products over what was promised of them, less 1; NaN without any
    drift      how demand moved by itself
    """

    products: pl.DataFrame
    promised: dict[str, Total]
    realised: dict[str, float]
    effect: Total
    effect_promised: float
    coverage: float
    bias: float
    drift: Drift


@dataclass(frozen=True, slots=True)
class _Judged:
    """Per product (n,): drift as a factor, promised and realised units a day, variance of counting and of single products."""

    lift: Floats
    fair: Floats
    rate: Floats
    counting: Floats
    own: Floats


def outcome(keys: pl.DataFrame, promise: Promise, category: pl.Series) -> Outcome:
    """Reckon up a run. keys: (n,) rows that name the products; category: (n,) their categories."""
    codes = category.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
    days = promise.days
    noise = promise.noise / np.maximum(days, 1.0)
    answers = np.where(promise.changed, promise.response, 0.0) ** 2 + promise.linked**2
    moved = drift(Seen(promise.expected * days, promise.sold, ~promise.changed, codes, noise, promise.own, answers))
    lift, length = np.exp(moved.mean), np.maximum(days, 1e-9)
    counting = (np.maximum(promise.sold, 1.0) + noise * promise.sold**2) / length**2
    judged = _Judged(lift, promise.expected * lift, promise.sold / length, counting, moved.scale * promise.own)
    low, high = interval(judged.fair * days, noise + judged.own + moved.variance + answers)
    inside = (promise.sold >= low) & (promise.sold <= high)
    on = promise.changed & (days > 0)
    promised = _sums(promise, judged.fair, on)
    realised = _sums(promise, judged.rate, on)
    return Outcome(
        products=_rows(keys, promise, judged, moved, low / length, high / length, inside),
        promised={name: _promised(promise, judged, moved, noise, worth, on) for name, worth in _worth(promise).items()},
        realised=realised,
        effect=_effect(promise, judged, moved),
        effect_promised=float(_gain(promise, judged.fair, judged.lift).sum()),
        coverage=float(inside[on].mean()) if on.any() else float("nan"),
        bias=realised["units"] / promised["units"] - 1.0 if promised["units"] > 0 else float("nan"),
        drift=moved,
    )


NOTHING = 1e-9
"""Expected units below which none will be sold."""


def interval(mean: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """(n,) 90 % interval of counts with variance mean + spread * mean**2.

    Quantiles of the gamma with that mean and variance; the lower one is 0 where none sold has a chance of 5 % in the negative binomial.
    """
    known = mean > NOTHING
    fair, wide = np.where(known, mean, 1.0), np.maximum(spread, 1e-12)
    scale = 1.0 + wide * fair
    low, high = (scale * gammaincinv(fair / scale, q) for q in (0.05, 0.95))
    none = np.log1p(wide * fair) / wide < -np.log(0.05)
    return np.where(known & ~none, low, 0.0), np.where(known, high, 0.0)


def _worth(promise: Promise) -> dict[str, Floats]:
    """What one unit counts, by name of the sum."""
    return {"units": np.ones_like(promise.net), "revenue": promise.net, "profit": promise.margin}


def _sums(promise: Promise, units: Floats, on: Flags) -> dict[str, float]:
    return {name: float((worth * units)[on].sum()) for name, worth in _worth(promise).items()}


def _promised(promise: Promise, judged: _Judged, moved: Drift, noise: Floats, worth: Floats, on: Flags) -> Total:
    """A promised sum: counting and single products average out, the drift and half of the elasticities' error do not."""
    fair, length = np.where(on, judged.fair, 0.0), np.maximum(promise.days, 1e-9)
    value = float((worth * fair).sum())
    unsure = (promise.response, promise.linked)
    alone = fair / length + (noise + judged.own + (1.0 - COMMON) * sum(each**2 for each in unsure)) * fair**2
    together = COMMON * sum(float((worth * fair * each).sum()) ** 2 for each in unsure) + moved.variance_of(worth * fair)
    return _around(value, float((worth**2 * alone).sum()) + together)


def _gain(promise: Promise, units: Floats, lift: Floats) -> Floats:
    """(n,) profit a day of `units` at the price in force, less that at the old prices of all; 0 where nothing moved or was judged."""
    gain = promise.margin * units - promise.margin_before * promise.base * lift
    return np.where(promise.touched & (promise.days > 0), gain, 0.0)


def _effect(promise: Promise, judged: _Judged, moved: Drift) -> Total:
    """What the run brought: counting and single products average out, the drift is common."""
    on = promise.touched & (promise.days > 0)
    before = np.where(on, promise.margin_before * promise.base * judged.lift, 0.0)
    alone = np.where(on, promise.margin**2 * judged.counting, 0.0) + before**2 * judged.own
    return _around(float(_gain(promise, judged.rate, judged.lift).sum()), float(alone.sum()) + moved.variance_of(before))


def _around(value: float, variance: float) -> Total:
    width = Z90 * float(np.sqrt(variance))
    return Total(value, value - width, value + width)


def _rows(keys: pl.DataFrame, promise: Promise, judged: _Judged, moved: Drift, low: Floats, high: Floats, inside: Flags) -> pl.DataFrame:
    """One row a product; see Outcome."""
    effect = _gain(promise, judged.rate, judged.lift)
    unknown = (promise.margin_before * promise.base * judged.lift) ** 2 * (judged.own + moved.variance)
    width = Z90 * np.sqrt(promise.margin**2 * judged.counting + unknown) * (promise.touched & (promise.days > 0))
    return keys.with_columns(
        changed=promise.changed,
        days=promise.days,
        units_promised=judged.fair,
        units_lo=low,
        units_hi=high,
        units=judged.rate,
        inside=inside,
        revenue_promised=judged.fair * promise.net,
        revenue=judged.rate * promise.net,
        profit_promised=judged.fair * promise.margin,
        profit=judged.rate * promise.margin,
        effect_promised=_gain(promise, judged.fair, judged.lift),
        effect=effect,
        effect_lo=effect - width,
        effect_hi=effect + width,
    )
