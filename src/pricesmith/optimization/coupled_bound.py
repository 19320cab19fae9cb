"""A bound on every plan under ties and couplings, from any multipliers of the couplings."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Flags, Floats, Ints

from .decisions import Plans, best_held
from .family import families
from .family_bound import prove
from .market import Market, around


def coupled_bound(market: Market, held: list[Plans], plan: Ints, nu: Floats) -> float:
    """sum of the best priced values - nu * limits.

    Items alone and components without cross effects are exact; families are bounded by `family_bound`. Ties of their members to others are
    priced where all of a component must share one price (`_shared_out`), and left out elsewhere, unless the plans of a component can be
    counted.
    """
    sums = market.sums
    scaling, adding = market.gain.copy(), np.zeros(market.gain.shape)
    price = np.append(nu, 0.0) if nu.size else np.zeros(sums.lower.size + 1)
    for row, weight, scaled in zip(sums.row, sums.weight, sums.scaled, strict=True):
        into = scaling if scaled else adding
        into += price[row][:, None] * weight
    side = np.where(price[:-1] > 0, sums.lower, np.where(price[:-1] < 0, sums.upper, 0.0))
    kin = (market.family >= 0) & (market.current >= 0) & (market.by_family(np.abs(market.cross)) > 0)
    loose = market.current >= 0
    total = -float(price[:-1] @ side)
    shared: list[Plans] = []
    for group in held:
        items = group.component.items
        whole = group.component.equal or group.every is not None
        if not kin[items].any() or (whole and bool((group.closed | ~kin[items]).all())):
            loose[items] = False
            total += best_held(market, group, scaling, adding)[1]
        elif group.component.equal:
            shared.append(group)
    opened = market.opened.copy() if shared else market.opened
    if shared:
        every = np.ones(plan.size, dtype=bool)
        linear = around(market, plan, ~every)(scaling, every) + adding
        total -= sum(_shared_out(group, linear, opened, adding) for group in shared)
    alone = np.flatnonzero(loose & ~kin)
    total += float(np.where(opened[alone], scaling[alone] + adding[alone], -np.inf).max(axis=1).sum())
    rows = np.flatnonzero(loose & kin)
    if rows.size:
        args = (scaling, adding, opened, market.logs, market.cross, market.prices, market.current)
        group_of = families(rows, market.family, *args)
        total += float(prove(group_of, plan[group_of.items]).bound.sum())
    return total


def _shared_out(group: Plans, linear: Floats, opened: Flags, adding: Floats) -> float:
    """Let the members of a component that shares one price differ, and take away what they could gain by it: each is given, at every common
    price, the mean of what that price is worth to all of them in place of its own worth (Lagrange multipliers of the ties).

    linear  (n, K) what each column is worth to the whole with the other items at the plan, to first order
    Writes into `opened` and `adding` (n, K). Returns what the gifts of any plan add up to at least: 0 where no column stands in two plans.
    """
    items, plans = group.component.items, group.plans
    worth = np.take_along_axis(linear[items], plans.T, axis=1).T
    gift = worth.mean(axis=1, keepdims=True) - worth
    given = np.zeros((items.size, linear.shape[1]))
    opened[items] = False
    for member, columns in enumerate(plans.T):
        given[member, columns] = gift[:, member]
        opened[items[member], columns] = True
    adding[items] += given
    return float(np.take_along_axis(given, plans.T, axis=1).sum(axis=0).min(initial=0.0))
