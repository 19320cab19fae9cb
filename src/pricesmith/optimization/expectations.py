"""What a plan should bring, item by item: units, revenue, profit, and the change against today with its 90 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import ndtri

from pricesmith.contracts.curves import Z90, Curves, Flags, Floats, Ints, Ladder, response
from pricesmith.contracts.economics import shares, unit_profit, unit_revenue

BLOCK = 50_000
"""Items whose draws are held at once."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """Per day, per item (n,), money in minor units; NaN where the item has no price or no cost.

    units, revenue, profit   at the plan, the family's new prices included
    change, change_lo, change_hi   profit of the item and its family against the same plan with this item at its current price
    gain     change of all items' profit against today
    common   (D,) deviations from the gain if all items err together
    alone    variance of the gain if every item errs by itself
    linked_common, linked_alone  standard deviation and variance of the gain likewise, from what is not known of the effects between prices:
             if all families err together, and if each errs by itself; the effects within one err alike, as pooling has them
    """

    units: Floats
    revenue: Floats
    profit: Floats
    change: Floats
    change_lo: Floats
    change_hi: Floats
    gain: float
    common: Floats
    alone: float
    linked_common: float
    linked_alone: float

    @property
    def total(self) -> Floats:
        """(D,) draws of the whole shop's change of profit against today; its mean is the gain.

        Elasticities share their category's mean, so errors do not average out as independent ones would: half of each item's variance is
        taken as common to all items (draws are in the order of the elasticity, so summing them as they stand is the common part).
        """
        return self.gain + around(self.common, self.alone, self.linked_common, self.linked_alone)


def around(common: Floats, alone: float, linked_common: float, linked_alone: float) -> Floats:
    """(D,) draws around 0 of a sum over items; the arguments as in `Expectations`. Half of each variance is taken as common to all."""
    together = float((common**2).mean()) if common.size else 0.0
    variance = 0.5 * (together + alone + linked_common**2 + linked_alone)
    known = together > 1e-12 * variance
    shape = common / np.sqrt(together) if known else ndtri((np.arange(common.size) + 0.5) / common.size)
    return np.asarray(shape * np.sqrt(variance))


def by_family(values: Floats, family: Ints) -> Floats:
    """(F,) sums of (n,) values over each family; products alone (-1) are left out."""
    inside = family >= 0
    return np.asarray(np.bincount(family[inside], values[inside]), dtype=np.float64)


def joined(parts: Sequence[Expectations], rows: Sequence[Ints]) -> Expectations:
    """Expectations of a shop from those of parts of its items."""
    each: dict[str, Any] = {}
    for name in ("units", "revenue", "profit", "change", "change_lo", "change_hi"):
        each[name] = np.empty(sum(part.size for part in rows))
        for part, here in zip(parts, rows, strict=True):
            each[name][here] = getattr(part, name)
    each |= {name: sum(getattr(part, name) for part in parts) for name in ("gain", "alone", "linked_common", "linked_alone")}
    return Expectations(**each, common=np.sum([part.common for part in parts], axis=0))


def others_mean(log_ratio: Floats, family: Ints, known: Flags) -> Floats:
    """(n,) mean log price ratio of the other members of each item's family; 0 where alone."""
    inside = (family >= 0) & known
    total = np.bincount(family[inside], log_ratio[inside], int(family.max(initial=-1)) + 1)
    number = np.bincount(family[inside], minlength=total.size)
    mean = np.zeros(log_ratio.size)
    rows = np.flatnonzero(inside & (np.where(family >= 0, number[family] if number.size else 0, 0) > 1))
    mean[rows] = (total[family[rows]] - log_ratio[rows]) / (number[family[rows]] - 1)
    return mean


def units_at(curves: Curves, ladder: Ladder, column: Ints) -> Floats:
    """(n,) expected units per day at the chosen columns, the family's prices included; today's where no column is known."""
    rows = np.arange(column.size)
    known = (column >= 0) & (ladder.current >= 0)
    picked = np.maximum(column, 0)
    ratio = np.where(known, np.log(ladder.prices[rows, picked] / np.maximum(ladder.prices[rows, np.maximum(ladder.current, 0)], 1)), 0.0)
    own = np.where(known, curves.units[rows, picked], curves.base)
    return np.asarray(own * np.exp(curves.cross * others_mean(ratio, curves.family, known)))


def expect(items: pl.DataFrame, curves: Curves, ladder: Ladder, column: Ints) -> Expectations:
    """What the plan `column` (n,) should bring; see Expectations."""
    rows = np.arange(column.size)
    known = (column >= 0) & (ladder.current >= 0)
    picked, now = np.maximum(column, 0), np.maximum(ladder.current, 0)
    share = shares(items)
    price, before = ladder.prices[rows, picked], ladder.prices[rows, now]
    margin = unit_profit(price, share["kept"], share["landed"], share["returned"])
    margin_before = unit_profit(before, share["kept"], share["landed"], share["returned"])
    ratio = np.where(known, np.log(price / np.maximum(before, 1)), 0.0)
    others = others_mean(ratio, curves.family, known)
    lift = np.exp(curves.cross * others)
    units = np.where(known, units_at(curves, ladder, column), np.nan)
    earned = np.where(np.isfinite(margin), margin, 0.0) * np.nan_to_num(units)
    family, family_slope = _effect_on_family(curves, ratio, earned, known)
    moved = known & (column != ladder.current)
    own = margin * units - margin_before * curves.base * lift
    change = np.where(moved, own + family, np.where(np.isfinite(margin), 0.0, np.nan))
    low, high, common, alone = _spread(curves, ratio, margin, margin_before, lift, moved)
    linked = np.where(moved, Z90 * np.abs(own * others * curves.cross_deviation + family_slope), 0.0)
    of_gain = earned * others * curves.cross_deviation
    today = np.where(known & np.isfinite(margin), margin_before * curves.base, 0.0)
    whole = np.where(known & np.isfinite(margin), margin * units, 0.0) - today
    return Expectations(
        units=units,
        revenue=units * unit_revenue(price, share["net"], share["returned"]),
        profit=units * margin,
        change=change,
        change_lo=change - np.hypot(low, linked),
        change_hi=change + np.hypot(high, linked),
        gain=float(whole.sum()),
        common=common,
        alone=alone,
        linked_common=float(of_gain.sum()),
        linked_alone=float((by_family(of_gain, curves.family) ** 2).sum()),
    )


def _spread(
    curves: Curves, ratio: Floats, margin: Floats, margin_before: Floats, lift: Floats, moved: Flags
) -> tuple[Floats, Floats, Floats, float]:
    """Distance of the 5 % and 95 % quantiles of each item's own change from its mean (n,), the items' deviations summed draw by draw (D,),
    and the sum of their variances."""
    low, high = np.zeros(ratio.size), np.zeros(ratio.size)
    common, alone = np.zeros(curves.draws.shape[1]), 0.0
    rows = np.flatnonzero(moved & np.isfinite(margin))
    for start in range(0, rows.size, BLOCK):
        part = rows[start : start + BLOCK]
        drawn = np.exp(response(ratio[part, None], curves.draws[part], curves.form[part, None], curves.saturation[part, None]))
        level = np.exp(curves.level[part]) * (curves.base[part] * lift[part])[:, None]
        change = level * (drawn * margin[part, None] - margin_before[part, None])
        change -= change.mean(axis=1, keepdims=True)
        low[part], high[part] = np.quantile(change, (0.05, 0.95), axis=1)
        common += change.sum(axis=0)
        alone += float((change**2).mean(axis=1).sum())
    return low, high, common, alone


def _effect_on_family(curves: Curves, ratio: Floats, profit: Floats, known: Flags) -> tuple[Floats, Floats]:
    """(n,) what the item's own move does to the profit of the rest of its family, by the others' cross effects at the plan, and by how much
    that moves where each of these effects is off by one standard deviation: a family's are off together."""
    family = curves.family
    inside = (family >= 0) & known
    effect, slope = np.zeros(ratio.size), np.zeros(ratio.size)
    if not inside.any():
        return effect, slope
    order = np.flatnonzero(inside)[np.argsort(family[inside], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(family[order]) != 0])
    sizes = np.diff(np.r_[starts, order.size])
    for shift in range(1, int(sizes.max())):
        place = np.arange(order.size) - np.repeat(starts, sizes)
        has = shift < np.repeat(sizes, sizes)
        other = order[np.repeat(starts, sizes) + (place + shift) % np.repeat(sizes, sizes)]
        share = ratio[order] / np.maximum(np.repeat(sizes, sizes) - 1, 1)
        lost = np.expm1(-curves.cross[other] * share)
        effect[order] += np.where(has, profit[other] * -lost, 0.0)
        slope[order] += np.where(has, profit[other] * (1.0 + lost) * share * curves.cross_deviation[other], 0.0)
    return effect, slope
