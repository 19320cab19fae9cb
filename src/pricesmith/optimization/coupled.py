"""The optimum under ties and couplings: families enter linearised around the plan, the finished plan is judged by the true sums."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .coupled_bound import coupled_bound
from .decisions import Plans, best_held, knapsack, spread_out
from .knapsack import Packed, pack
from .market import Market, linearised
from .tied import Component, best_plan, every_plan, mended, shared_plans

ROUNDS = 8
"""Times that families are linearised anew."""

GENERATIONS = 6
"""Times that components are asked for a better plan at new multipliers."""


COUNTABLE = 4000
"""Plans of one component up to which all of them are valued."""


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
    Ties that today's prices break are mended, see `tied.mended`. Where couplings leave no room for all of them, those of the fewest items
    are, and the bound is that of the plans that mend these. Where no plan of open columns is found, keeping prices is opened to the items
    of components that have none, and then to every item: today's prices keep all couplings.
    """
    found = _mending(market, tied, start, ceiling)
    if found is None:
        stuck = [one.items for one in tied if not _has_plan(market, one)]
        if stuck:
            found = _mending(_keeping(market, np.concatenate(stuck)), tied, market.current, np.inf)
    if found is None:
        market = _keeping(market, np.flatnonzero(market.current >= 0))
        found = _mending(market, tied, market.current, np.inf)
    if found is None:
        keep = market.current
        return Coupled(keep, market.value(keep), coupled_bound(market, [], keep, np.zeros(market.sums.lower.size)), np.zeros(0), 0)
    return found


def _keeping(market: Market, items: Ints) -> Market:
    """The same with today's prices of some items opened."""
    opened = market.opened.copy()
    opened[items, market.current[items]] = True
    return dataclasses.replace(market, opened=opened)


def _has_plan(market: Market, component: Component) -> bool:
    """Whether open columns keep the ties of a component, broken ones left as they are."""
    if component.equal:
        return bool(shared_plans(component, market.prices, market.opened, market.current).size)
    opened = market.opened[component.items]
    return best_plan(component, np.zeros(opened.shape), opened)[0] is not None


def _mending(market: Market, tied: list[Component], start: Ints, ceiling: float) -> Coupled | None:
    """The best plan that mends what it can; None where none is found."""
    mending = [mended(component, market.prices, market.opened, market.current) for component in tied]
    found = _search(market, mending, start, ceiling)
    if found is None and not all(component.stays for component in mending):
        found = _mended_in_part(market, mending, tied, start, ceiling)
    return found


def _mended_in_part(market: Market, mending: list[Component], staying: list[Component], start: Ints, ceiling: float) -> Coupled | None:
    """As many of the components mended as couplings leave room for, the smallest first: found by halving. None where not even none are."""
    order = sorted((number for number, one in enumerate(mending) if not one.stays), key=lambda number: (mending[number].items.size, number))
    best = _search(market, staying, start, ceiling)
    least, most = 0, len(order)  # the first `least` are known to have room, the first `most` not to
    while best is not None and most - least > 1:
        some = (least + most) // 2
        chosen = set(order[:some])
        tied = [one if number in chosen else kept for number, (one, kept) in enumerate(zip(mending, staying, strict=True))]
        found = _search(market, tied, start, ceiling)
        least, most, best = (least, some, best) if found is None else (some, most, found)
    return best


def _search(market: Market, tied: list[Component], start: Ints, ceiling: float) -> Coupled | None:
    held = _plans(market, tied)
    if held is None:
        return None
    inside, exact = np.zeros(market.current.size, dtype=bool), np.zeros(market.current.size, dtype=bool)
    for group in held:
        inside[group.component.items] = True
        exact[group.component.items] = group.closed
    single = np.flatnonzero(~inside & (market.current >= 0))
    best, nu, rounds = _rounds(market, single, held, start, exact)
    if best is None:
        return None
    value = market.value(best)
    bound = min(ceiling, coupled_bound(market, held, best, nu))
    return Coupled(best, value, max(bound, value), nu, rounds)


def _rounds(market: Market, single: Ints, held: list[Plans], start: Ints, exact: Flags) -> tuple[Ints | None, Floats, int]:
    """(best plan that keeps the true sums, its multipliers, rounds): bounds are narrowed by what the linearised plan broke."""
    sums = market.sums
    lower, upper = sums.lower.copy(), sums.upper.copy()
    plan, best, value, rounds = start, None, -np.inf, 0
    nu = np.zeros(lower.size)
    tangled = bool((market.rate[~exact] != 0).any())
    for _ in range(ROUNDS if tangled else 1):
        packed, plan = _pack(market, single, held, plan, exact, (lower, upper))
        rounds += packed.rounds + 1
        nu = packed.nu if best is None else nu
        breach, worth = _breach(market, plan), market.value(plan)
        if not breach.any() and worth > value + 1e-9 * abs(worth):
            best, value, nu = plan, worth, packed.nu
        elif not breach.any():
            break
        totals = market.totals(plan)
        lower = lower + 1.2 * np.where(totals < sums.lower, breach, 0.0)
        upper = upper - 1.2 * np.where(totals > sums.upper, breach, 0.0)
    return (_fall_back(market, held, single, plan) if best is None else best), nu, rounds


def _plans(market: Market, tied: list[Component]) -> list[Plans] | None:
    """First plans of each component; None where a component has none."""
    family = market.family
    size = np.bincount(family[(family >= 0) & (market.current >= 0)], minlength=1)
    nothing = np.zeros(market.gain.shape)
    held = []
    for component in tied:
        own = family[component.items]
        here = np.bincount(own[own >= 0], minlength=1)
        closed = np.array([number >= 0 and here[number] == size[number] for number in own], dtype=bool)
        every = None
        if not component.equal and (closed | (own < 0)).all():
            every = every_plan(component, market.opened[component.items], COUNTABLE)
        closed &= component.equal or every is not None
        group = Plans(component, np.zeros((0, own.size), dtype=np.int64), closed, every)
        group.plans = _first(market, group, nothing)
        if not group.plans.size:
            return None
        held.append(group)
    return held


def _first(market: Market, group: Plans, nothing: Floats) -> Ints:
    """All plans at one price, or the best plan without couplings and that of keeping all prices."""
    component = group.component
    if component.equal:
        return shared_plans(component, market.prices, market.opened, market.current)
    items = component.items
    stay = market.current[items]
    first, _ = best_held(market, group, market.gain, nothing)
    kept = stay if component.stays and market.opened[items, stay].all() else None
    plans = [plan for plan in (first, kept) if plan is not None]
    return np.unique(np.array(plans, dtype=np.int64).reshape(-1, items.size), axis=0)


def _pack(market: Market, single: Ints, held: list[Plans], plan: Ints, exact: Flags, limits: tuple[Floats, Floats]) -> tuple[Packed, Ints]:
    """The knapsack around a plan, with better plans of the components as the multipliers call for them."""
    values, weights = linearised(market, plan, exact)
    for generation in range(GENERATIONS):
        sack, keep = knapsack(market, single, held, values, weights, *limits)
        packed = pack(sack, np.where(keep >= 0, keep, sack.value.argmax(axis=1)))
        if generation == GENERATIONS - 1 or not _generated(market, held, values, weights, packed.nu):
            break
    return packed, spread_out(market, single, held, packed.columns)


def _generated(market: Market, held: list[Plans], values: Floats, weights: tuple[Floats, ...], nu: Floats) -> bool:
    """True where the multipliers call for plans that some components did not hold yet; they hold them now."""
    wanting = [group for group in held if not group.component.equal]
    if not wanting:
        return False
    scaling, adding = values.copy(), np.zeros(values.shape)
    price = np.append(nu, 0.0)
    for row, weight, scaled in zip(market.sums.row, weights, market.sums.scaled, strict=True):
        if price[row].any():
            into = scaling if scaled else adding
            into += price[row][:, None] * weight
    found = [best_held(market, group, scaling, adding)[0] for group in wanting]
    new = [plan is not None and group.add(plan) for group, plan in zip(wanting, found, strict=True)]
    return any(new)


def _breach(market: Market, columns: Ints) -> Floats:
    """(R,) how far the true sums lie outside the bounds, rounding forgiven."""
    totals = market.totals(columns)
    sums = market.sums
    outside = np.maximum(np.maximum(sums.lower - totals, totals - sums.upper), 0.0)
    size = np.maximum(np.abs(totals), np.where(np.isfinite(sums.lower), np.abs(sums.lower), 0.0))
    return np.where(outside > 1e-9 * np.maximum(size, 1e-9), outside, 0.0)


def _fall_back(market: Market, held: list[Plans], single: Ints, plan: Ints) -> Ints | None:
    """Give decisions back to their current prices, those that lose least first, until the true sums are kept."""
    blocks = [np.array([item]) for item in single] + [group.component.items for group in held if group.component.stays]
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
