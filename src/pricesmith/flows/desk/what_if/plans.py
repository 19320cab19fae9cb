"""Several price plans side by side: what each brings a day, and how far apart any two are, from the same random draws.

Two plans share every draw of elasticity and level, so that the interval of their difference is that of the change alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Flags, Floats, Ints, Ladder, response
from pricesmith.contracts.economics import shares, unit_profit, unit_revenue
from pricesmith.contracts.protocols import Demand
from pricesmith.optimization.expectations import around, by_family, others_mean

QUANTITIES = ("profit", "revenue", "units")
ROWS = 8_192
"""Items whose draws are held at once."""


@dataclass(frozen=True, slots=True)
class World:
    """Products as they are or would be: table ITEMS, and the demand for them."""

    items: pl.DataFrame
    demand: Demand


@dataclass(frozen=True, slots=True)
class Plan:
    """One price for each of n items, minor units (0 where none is known), in a world."""

    world: World
    price: Ints


@dataclass(frozen=True, slots=True)
class Contrast:
    """One plan less another, a day: mean of profit, revenue (minor units) and units, each with its 90 % interval."""

    mean: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]


@dataclass(frozen=True, slots=True)
class Beside:
    """Plans side by side.

    values     plan -> (n, 3) profit, revenue (minor units) and units a day of each item; NaN where not known, and outside the rows asked
    contrasts  in the order in which they were asked
    """

    values: dict[str, Floats]
    contrasts: list[Contrast]


def beside(plans: Mapping[str, Plan], pairs: Sequence[tuple[str, str]], rows: Ints) -> Beside:
    """Compare plans on some items (their numbers); what lies outside still acts on them as family. pairs: (plan, less which plan)."""
    count = next(iter(plans.values())).price.size
    values = {name: np.full((count, len(QUANTITIES)), np.nan) for name in plans}
    lifts = {name: _others(plan) for name, plan in plans.items()}
    common: list[Floats] = [np.zeros((len(QUANTITIES), 0)) for _ in pairs]
    alone = [np.zeros(len(QUANTITIES)) for _ in pairs]
    linked = [np.zeros((count, len(QUANTITIES))) for _ in pairs]
    for start in range(0, rows.size, ROWS):
        part = rows[start : start + ROWS]
        drawn, leaning = {}, {}
        for name, plan in plans.items():
            values[name][part], drawn[name], leaning[name] = _brought(plan, part, lifts[name][part])
        for number, (one, other) in enumerate(pairs):
            gap = drawn[one] - drawn[other]
            total = gap.sum(axis=1)
            common[number] = common[number] + total if common[number].size else total
            alone[number] += (gap**2).mean(axis=2).sum(axis=1)
            linked[number][part] = leaning[one] - leaning[other]
    found = [
        _contrast(
            np.nan_to_num(values[one][rows]) - np.nan_to_num(values[other][rows]),
            common[number],
            alone[number],
            linked[number],
            plans[one].world.demand.family,
        )
        for number, (one, other) in enumerate(pairs)
    ]
    return Beside(values, found)


def _contrast(each: Floats, common: Floats, alone: Floats, linked: Floats, family: Ints) -> Contrast:
    """The items' errors come together as in `Expectations.total`; linked: (n, 3) of `_brought`."""
    mean, low, high = {}, {}, {}
    for number, name in enumerate(QUANTITIES):
        mean[name] = float(each[:, number].sum())
        own = linked[:, number]
        unsure = (float(alone[number]), float(own.sum()), float((by_family(own, family) ** 2).sum()))
        spread = around(common[number] if common.size else np.zeros(1), *unsure)
        low[name], high[name] = (mean[name] + float(np.quantile(spread, share)) for share in (0.05, 0.95))
    return Contrast(mean, low, high)


def _now(world: World) -> Ints:
    """(n,) current price in minor units, 0 where none is known."""
    return world.items["current_price"].fill_null(0).to_numpy().astype(np.int64)


def _others(plan: Plan) -> Floats:
    """(n,) mean log price ratio of the other members of each item's family under the plan."""
    now = _now(plan.world)
    known = (now > 0) & (plan.price > 0)
    ratio = np.where(known, np.log(np.maximum(plan.price, 1) / np.maximum(now, 1)), 0.0)
    return others_mean(ratio, plan.world.demand.family, known)


def _brought(plan: Plan, rows: Ints, others: Floats) -> tuple[Floats, Floats, Floats]:
    """((m, 3) what each item brings, (3, m, D) deviations of it from its mean, draw by draw, and (m, 3) its standard deviation from what is
    not known of the effects between prices, with the sign of its slope in them).

    Where the price moves, the deviation is that of its change; the level of what does not move is common to all plans in one world, and
    counts only where the worlds differ: it is kept as a deviation of units, worth what the world makes of it.
    """
    now, price = _now(plan.world)[rows], plan.price[rows]
    known = (now > 0) & (price > 0)
    curves, column = _curves(plan.world.demand, rows, now, np.where(known, price, now))
    items = plan.world.items[rows]
    lift = np.exp(curves.cross * others)
    units = np.where(known, curves.units[np.arange(rows.size), column] * lift, np.nan)
    worth, before = _worth(items, price), _worth(items, now)
    values = worth * units[:, None]
    leaning = np.nan_to_num(values) * (others * curves.cross_deviation)[:, None]
    return values, _deviations(curves, lift, now, price, worth, before, known), leaning


def _deviations(curves: Curves, lift: Floats, now: Ints, price: Ints, worth: Floats, before: Floats, known: Flags) -> Floats:
    ratio = np.where(known, np.log(np.maximum(price, 1) / np.maximum(now, 1)), 0.0)[:, None]
    moved = known & (price != now)
    drawn = np.exp(response(ratio, curves.draws, curves.form[:, None], curves.saturation[:, None]))
    level = np.exp(curves.level) * curves.base[:, None]
    parts = []
    for number in range(worth.shape[1]):
        usable = known & np.isfinite(worth[:, number]) & np.isfinite(before[:, number])
        after, stay = (np.where(usable, one[:, number], 0.0)[:, None] for one in (worth, before))
        change = np.where(moved[:, None], lift[:, None] * (drawn * after - stay), 0.0)
        whole = level * (change + stay)
        parts.append(whole - whole.mean(axis=1, keepdims=True))
    return np.stack(parts)


def _worth(items: pl.DataFrame, price: Ints) -> Floats:
    """(m, 3) profit, revenue and units of one unit sold, minor units."""
    share = shares(items)
    profit = unit_profit(price, share["kept"], share["landed"], share["returned"])
    revenue = unit_revenue(price, share["net"], share["returned"])
    return np.stack([profit, revenue, np.ones(price.size)], axis=1)


def _curves(demand: Demand, rows: Ints, now: Ints, price: Ints) -> tuple[Curves, Ints]:
    """Curves over a ladder of the current price and another one, and the column of the other; both 0 where none is known."""
    now, price, known = np.maximum(now, 1), np.maximum(price, 1), now > 0
    pair = np.stack([np.minimum(now, price), np.maximum(now, price)], axis=1)
    valid = np.stack([np.ones(now.size, dtype=bool), now != price], axis=1)
    ladder = Ladder(pair, valid, np.where(known, (now > price).astype(np.int64), -1))
    return demand.curves(ladder, rows), (price > now).astype(np.int64)
