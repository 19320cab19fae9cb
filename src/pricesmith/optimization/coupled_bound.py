"""A bound on every plan under ties and couplings, from any multipliers of the couplings."""

from __future__ import annotations

import numpy as np

from pricesmith.contracts.curves import Floats, Ints

from .decisions import Plans, best_held
from .family import families
from .family_bound import prove
from .market import Market


def coupled_bound(market: Market, held: list[Plans], plan: Ints, nu: Floats) -> float:
    """sum of the best priced values - nu * limits.

    Items alone and components without cross effects are exact; families are bounded by `family_bound`, ties inside them left out,
    unless the plans of a component can be counted.
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
    for group in held:
        items = group.component.items
        whole = group.component.equal or group.every is not None
        if not kin[items].any() or (whole and bool((group.closed | ~kin[items]).all())):
            loose[items] = False
            total += best_held(market, group, scaling, adding)[1]
    alone = np.flatnonzero(loose & ~kin)
    total += float(np.where(market.opened[alone], scaling[alone] + adding[alone], -np.inf).max(axis=1).sum())
    rows = np.flatnonzero(loose & kin)
    if rows.size:
        args = (scaling, adding, market.opened, market.logs, market.cross, market.prices, market.current)
        group_of = families(rows, market.family, *args)
        total += float(prove(group_of, plan[group_of.items]).bound.sum())
    return total
