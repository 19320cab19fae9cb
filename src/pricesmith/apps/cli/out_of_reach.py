"""The next prices with an allowed ending that the limits of a product keep out of reach."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import exponent
from pricesmith.contracts.rule import Context
from pricesmith.flows.batch import Priced
from pricesmith.optimization.ladder import lattice

WIDER = 1.5
"""How far beyond a limit the next ending is looked for, as a factor."""


def out_of_reach(priced: Priced, item: int) -> list[dict[str, Any]]:
    """The nearest endings above the tightest upper limit and below the tightest lower one: side, price, rule, limit (major units).

    Empty where no rule on price endings is about the product; a side without a limit, or without an ending near it, is left out.
    """
    bounds, major = priced.decided.shop.bounds, 10.0 ** exponent(priced.snapshot.currency)
    high, low = bounds.high[:, item], bounds.low[:, item]
    rungs = endings(priced, item, float(high.min(initial=np.inf)))
    found = []
    for side, limits, number in (("above", high, _first(high)), ("below", low, _first(-low))):
        if number is None or not rungs.size:
            continue
        limit = float(limits[number])
        beyond = rungs[rungs > limit] if side == "above" else rungs[rungs < limit][::-1]
        if beyond.size:
            found.append({"side": side, "price": float(beyond[0]) / major, "rule": bounds.names[number], "limit": limit / major})
    return found


def endings(priced: Priced, item: int, high: float) -> Ints:
    """Ascending prices (minor units) near and below `high` that every hard rule on endings of the product admits; () where it has none."""
    row, snapshot = priced.decided.items[item : item + 1], priced.snapshot
    rules = [rule for rule in priced.policy.rules if rule.kind == "price_endings" and rule.hard and rule.selects(row)[0]]
    none = np.zeros(0, dtype=np.int64)
    if not rules:
        return none
    now = int(row["current_price"].fill_null(0).item())
    top = WIDER * (high if math.isfinite(high) else now)
    values = tuple(sorted({value for rule in rules for value in rule.endings}))  # type: ignore[attr-defined]
    rungs = lattice(snapshot.currency, values, 10 ** max(math.ceil(math.log10(max(top, 10.0))), 1))
    rungs = rungs[rungs <= max(top, 10.0)]
    context = Context(snapshot.as_of, snapshot.currency, priced.policy.tax)
    for rule in rules:
        rungs = rungs[rule.admits(row, rungs[None, :], context)[0]] if rungs.size else none
    return rungs


def _first(limits: Floats) -> int | None:
    """Number of the smallest limit; None where all are free."""
    return int(limits.argmin()) if limits.size and np.isfinite(limits).any() and np.isfinite(limits.min()) else None
