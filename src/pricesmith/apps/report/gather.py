"""A finished run -> the content of its report."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import Decided
from pricesmith.optimization import Problem
from pricesmith.optimization.frontier import efficient_frontier, totals
from pricesmith.preparation.prepared import Prepared

from .content import Certificate, Content, Curve, Frontier, Total
from .curves import bounds, seen, smooth
from .view import biggest

CURVES, WARNINGS, GRID, PLANS = 9, 12, 49, 7


def gather(prepared: Prepared, snapshot: Snapshot, policy: Policy, decided: Decided, *, frontier: bool = False) -> Content:
    """Everything the report of a run shows; the frontier takes several more rounds of choosing."""
    key = list(DECISIONS.key)
    named = decided.decisions.join(decided.items.select(*key, "item", "name", "category"), on=key, how="left", maintain_order="left")
    assumed = policy.data.cost_assumed or bool((decided.items["cost_assumed"].fill_null(0) == 1).any())
    return Content(
        name=policy.name,
        as_of=snapshot.as_of,
        currency=snapshot.currency,
        period=snapshot.period if snapshot.period != "day" else "week",
        horizon_days=policy.horizon_days,
        locale=policy.locale,
        objective=next(iter(policy.weights)) if len(policy.weights) == 1 else "mixed",
        cost_assumed=assumed,
        decisions=named.drop("item"),
        total=total(decided, snapshot.currency),
        certificate=certificate(decided, policy, snapshot.currency),
        curves=tuple(curve(row, decided, snapshot) for row in biggest(named, CURVES).iter_rows(named=True)),
        rows={name: (count.rows, count.quarantined) for name, count in prepared.counts.items()},
        warnings=tuple(str(entry["message"]) for entry in prepared.warnings if entry["level"] != "info")[:WARNINGS],
        frontier=efficient(decided, snapshot.currency) if frontier else None,
    )


def total(decided: Decided, currency: str) -> Total:
    """Profit of the whole shop and its change, major units a day."""
    major, draws = 10.0 ** exponent(currency), decided.expected.total
    plan = float(np.nansum(decided.expected.profit))
    change = float(draws.mean()) if draws.size else 0.0
    low, high = np.quantile(draws, (0.05, 0.95)) if draws.size else (np.nan, np.nan)
    return Total((plan - change) / major, change / major, float(low) / major, float(high) / major)


def certificate(decided: Decided, policy: Policy, currency: str) -> Certificate:
    """Value and bound of the objective: major units a day, or units a day where units alone are the objective.

    Where the rules' last word took prices back after the choice, the value is that of the finished list.
    """
    scale = 1.0 if set(policy.weights) == {"units"} else 10.0 ** exponent(currency)
    choice = decided.choice
    value = choice.value
    if not np.array_equal(decided.column, choice.column):
        asked = decided.opened().problem
        value += worth(asked, decided.column, policy) - worth(asked, choice.column, policy)
    gap = choice.gap if value == choice.value else (choice.bound - value) / max(abs(choice.bound), 1e-300)
    return Certificate(value / scale, choice.bound / scale, gap)


def worth(problem: Problem, column: Ints, policy: Policy) -> float:
    """Expected objective of a plan, in the units of `Choice.value`."""
    brought = totals(problem, column)
    one = problem.major if len(policy.weights) > 1 else 1.0
    return sum(weight * float(brought[name]) * (one if name == "units" else 1.0) for name, weight in policy.weights.items())


def efficient(decided: Decided, currency: str) -> Frontier:
    """Profit against revenue under the same rules; both at today's prices and at the chosen ones."""
    major, places = 10.0 ** exponent(currency), ("revenue", "profit")
    asked = decided.opened().problem
    table = efficient_frontier(asked, "revenue", PLANS).filter("efficient").sort("revenue")
    plans = table.select(*(pl.col(name) / major for name in places), "changes")
    today, chosen = (totals(asked, column) for column in (asked.ladder.current, decided.column))
    return Frontier(plans, *((one["revenue"] / major, one["profit"] / major) for one in (today, chosen)))


def curve(row: dict[str, Any], decided: Decided, snapshot: Snapshot) -> Curve:
    """The picture of one decision."""
    item, major = int(row["item"]), 10.0 ** exponent(snapshot.currency)
    found, (floor, ceiling) = seen(snapshot, item), bounds(decided, item, snapshot.currency)
    now, new = row["current_price"] / major, row["price"] / major
    prices = span(np.array([now, new]), found["price"].to_numpy(), decided.opened(np.array([item])).ladder.prices[0] / major)
    units, low, high = smooth(decided, item, prices, snapshot.currency)
    places = [row["sku"], *(row[name] for name in ("channel", "region") if row[name] != "default")]
    return Curve(
        title=row["name"] or row["sku"],
        sku=" · ".join(places),
        prices=prices,
        units=units,
        low=low,
        high=high,
        now=now,
        new=new,
        floor=floor,
        ceiling=ceiling,
        elasticity=(row["elasticity"], row["elasticity_lo"], row["elasticity_hi"]),
        seen=found,
    )


def span(chosen: Floats, charged: Floats, ladder: Floats) -> Floats:
    """Prices that a picture spans: the candidates, and what was charged within half and double of today's."""
    near = charged[(charged >= chosen[0] * 0.5) & (charged <= chosen[0] * 2.0)]
    every = np.concatenate([chosen, ladder, near])
    return np.linspace(every.min(), every.max(), GRID)
