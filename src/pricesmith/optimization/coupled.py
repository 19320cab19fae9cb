"""The optimum under ties and couplings: families enter linearised around the plan, the finished plan is judged by the true sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .coupled_bound import coupled_bound
from .decisions import Plans, knapsack, spread_out
from .knapsack import Packed, pack
from .market import Market, linearised
from .tied import Component, best_plan, shared_plans

ROUNDS = 8
"""Times that families are linearised anew."""

GENERATIONS = 6
"""Times that components are asked for a better plan at new multipliers."""


@dataclass(frozen=True, slots=True)
class Coupled:
    """columns (n,), value, bound, multipliers (R,) and rounds."""

    columns: Ints
    value: float
    bound: float
    nu: Floats
    rounds: int


def solve_coupled(market: Market, tied: list[Component], start: Ints, ceiling: float) -> Coupled:
    """A plan that keeps all ties and couplings, and its bound.

    start    (n,) the best plan without ties and couplings
    ceiling  its bound, which holds here too
    Where no plan of open columns is found, keeping prices is opened to every item: today's prices keep all couplings.
    """
    found = _search(market, tied, start, ceiling)
    if found is None:
        keeping = market.opened.copy()
        known = np.flatnonzero(market.current >= 0)
        keeping[known, market.current[known]] = True
        market = Market(market.gain, keeping, market.prices, market.current, market.logs, market.cross, market.family, market.sums)
        found = _search(market, tied, market.current, np.inf)
    if found is None:
        keep = market.current
        return Coupled(keep, market.value(keep), coupled_bound(market, [], keep, np.zeros(market.sums.lower.size)), np.zeros(0), 0)
    return found


def _search(market: Market, tied: list[Component], start: Ints, ceiling: float) -> Coupled | None:
    held = _plans(market, tied)
    if held is None:
        return None
    inside = np.zeros(market.current.size, dtype=bool)
    exact = np.zeros(market.current.size, dtype=bool)
    for group in held:
        inside[group.component.items] = True
        exact[group.component.items] = group.closed
    single = np.flatnonzero(~inside & (market.current >= 0))
    lower, upper = market.sums.lower.copy(), market.sums.upper.copy()
    plan, best, value, rounds = start, None, -np.inf, 0
    nu = np.zeros(lower.size)
    tangled = bool((market.rate[~exact] != 0).any())
    for _ in range(ROUNDS if tangled else 1):
        packed, plan = _pack(market, single, held, plan, exact, (lower, upper))
        rounds += packed.rounds + 1
        nu = packed.nu if best is None else nu
        breach = _breach(market, plan)
        worth = market.value(plan)
        if not breach.any() and worth > value + 1e-9 * abs(worth):
            best, value, nu = plan, worth, packed.nu
        elif not breach.any():
            break
        lower = lower + 1.2 * np.where(market.totals(plan) < market.sums.lower, breach, 0.0)
        upper = upper - 1.2 * np.where(market.totals(plan) > market.sums.upper, breach, 0.0)
    if best is None:
        best = _fall_back(market, held, single, plan)
        if best is None:
            return None
        value = market.value(best)
    bound = min(ceiling, coupled_bound(market, held, best, nu))
    return Coupled(best, value, max(bound, value), nu, rounds)


def _plans(market: Market, tied: list[Component]) -> list[Plans] | None:
    """First plans of each component; None where a component has none."""
    family = market.family
    size = np.bincount(family[(family >= 0) & (market.current >= 0)], minlength=1)
    held = []
    for component in tied:
        items = component.items
        own = family[items]
        here = np.bincount(own[own >= 0], minlength=size.size)
        closed = (own >= 0) & (here[np.maximum(own, 0)] == size[np.maximum(own, 0)]) & (size[np.maximum(own, 0)] > 1)
        if component.equal:
            plans = shared_plans(component, market.prices, market.opened, market.current)
        else:
            stay = market.current[items]
            first, _ = best_plan(component, market.gain[items], market.opened[items])
            able = market.opened[items, stay].all()
            plans = np.array([plan for plan in (first, stay if able else None) if plan is not None]).reshape(-1, items.size)
        if not plans.size:
            return None
        held.append(Plans(component, np.unique(plans, axis=0).astype(np.int64), closed))
    return held


def _pack(market: Market, single: Ints, held: list[Plans], plan: Ints, exact: Flags, limits: tuple[Floats, Floats]) -> tuple[Packed, Ints]:
    """The knapsack around a plan, with better plans of the components as the multipliers call for them."""
    values, weights = linearised(market, plan, exact)
    for _ in range(GENERATIONS):
        sack, keep = knapsack(market, single, held, values, weights, *limits)
        packed = pack(sack, np.where(keep >= 0, keep, sack.value.argmax(axis=1)))
        priced = values.copy()
        nu = np.append(packed.nu, 0.0)
        for row, weight in zip(market.sums.row, weights, strict=True):
            if nu[row].any():
                priced += nu[row][:, None] * weight
        fresh = False
        for group in held:
            if not group.component.equal:
                items = group.component.items
                better, _ = best_plan(group.component, priced[items], market.opened[items])
                fresh |= better is not None and group.add(better)
        if not fresh:
            break
    else:
        sack, keep = knapsack(market, single, held, values, weights, *limits)
        packed = pack(sack, np.where(keep >= 0, keep, sack.value.argmax(axis=1)))
    return packed, spread_out(market, single, held, packed.columns)


def _breach(market: Market, columns: Ints) -> Floats:
    """(R,) how far the true sums lie outside the bounds, rounding forgiven."""
    totals = market.totals(columns)
    sums = market.sums
    outside = np.maximum(np.maximum(sums.lower - totals, totals - sums.upper), 0.0)
    size = np.maximum(np.abs(totals), np.where(np.isfinite(sums.lower), np.abs(sums.lower), 0.0))
    return np.where(outside > 1e-9 * np.maximum(size, 1e-9), outside, 0.0)


def _fall_back(market: Market, held: list[Plans], single: Ints, plan: Ints) -> Ints | None:
    """Give decisions back to their current prices, those that lose least first, until the true sums are kept."""
    blocks = [np.array([item]) for item in single] + [group.component.items for group in held]
    blocks = [block for block in blocks if market.opened[block, market.current[block]].all()]
    lost = np.array([(market.gain[block, plan[block]] - market.gain[block, market.current[block]]).sum() for block in blocks])
    order = np.argsort(lost, kind="stable")
    count = 1
    while count <= 2 * len(blocks):
        columns = plan.copy()
        for number in order[:count]:
            columns[blocks[number]] = market.current[blocks[number]]
        if not _breach(market, columns).any():
            return columns
        count *= 2
    return None
