"""The whole system on one page: learn, decide, replay. Pure: the same tables and policy give the same decisions.

snapshot --learn--> model          cells -> demand with a posterior for every elasticity
snapshot, model --decide--> prices   hold -> limit -> ladder -> admit -> curves -> choose -> check -> price list
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Flags, Floats, Ints, Ladder
from pricesmith.contracts.economics import shares
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.rule import Context, NDArrayStr, Rule
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS, EVIDENCE
from pricesmith.demand import MODELS
from pricesmith.experiments.holdout import clusters
from pricesmith.optimization import Choice, Problem, build_ladder, choose
from pricesmith.optimization.expectations import Expectations, expect, units_at
from pricesmith.optimization.problem import unit_values
from pricesmith.rules.apply import Allowed, Bounds, admit, couplings, limit, settle, ties
from pricesmith.rules.binding import binding
from pricesmith.rules.holds import holds

BEYOND = 1.06
"""The ladder reaches this factor beyond the limits, so that a rule that stopped a better price can be named."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One run: the price list and everything that explains it."""

    decisions: pl.DataFrame
    items: pl.DataFrame
    ladder: Ladder
    bounds: Bounds
    allowed: Allowed
    curves: Curves
    choice: Choice
    column: Ints
    expected: Expectations
    problem: Problem


def learn(snapshot: Snapshot, policy: Policy) -> DemandModel:
    """Learn demand from everything known before snapshot.as_of."""
    return MODELS.pick(policy.model.name, where="$.model.name").fit(snapshot, policy.model)


def decide(snapshot: Snapshot, model: DemandModel, policy: Policy) -> Decided:
    """The best lawful price of every active item, or the reason why it keeps its own."""
    items, rules = snapshot.items, policy.rules
    context = Context(snapshot.as_of, snapshot.currency, policy.tax)
    bounds = _held(limit(rules, items, context), items, policy, snapshot)
    ladder = build_ladder(items, _endings(rules), snapshot.currency, _reach(rules, bounds), _some_endings(rules))
    curves = model.curves(snapshot, ladder, policy.horizon_days)
    context = dataclasses.replace(context, units_now=curves.base)
    allowed = _with_caution(admit(rules, items, ladder, bounds, context), ladder, curves, bounds, policy)
    problem = Problem(
        ladder=ladder,
        allowed=allowed.valid & (bounds.hold == "")[:, None],
        curves=curves,
        **shares(items),
        weights=policy.weights,
        ties=ties(rules, items, context, ladder, allowed.valid),
        couplings=tuple(coupling for _, coupling in couplings(rules, items, context)),
        risk=policy.risk,
        seed=policy.model.seed,
        major=10.0 ** exponent(snapshot.currency),
    )
    choice = choose(problem)
    column = _last_word(rules, items, ladder, curves, choice.column, context)
    expected = expect(items, curves, ladder, column)
    then = dataclasses.replace(context, units_then=units_at(curves, ladder, column))
    value = unit_values(problem) * curves.units
    stopped = binding(rules, items, ladder, bounds, allowed, value, column, then, curves.units)
    decisions = _price_list(snapshot, ladder, bounds, allowed, curves, column, expected, stopped, policy)
    return Decided(decisions, items, ladder, bounds, allowed, curves, choice, column, expected, problem)


def replay(snapshot: Snapshot, tables: Mapping[str, pl.DataFrame], policy: Policy) -> Decided:
    """Decide again from a stored model: the same snapshot, tables and policy give the same price list."""
    return decide(snapshot, MODELS.pick(policy.model.name, where="$.model.name").from_tables(tables), policy)


def _held(bounds: Bounds, items: pl.DataFrame, policy: Policy, snapshot: Snapshot) -> Bounds:
    """What must not be priced at all comes before any rule."""
    first = holds(items, policy, snapshot.as_of)
    kept = clusters(items, policy.holdout)["kept"].to_numpy()
    return dataclasses.replace(bounds, hold=np.where(first != "", first, np.where(kept, "holdout", bounds.hold)))


def _endings(rules: Sequence[Rule]) -> tuple[float, ...] | None:
    """Endings that every published price must have; None where some price is free of them."""
    for rule in rules:
        if rule.kind == "price_endings" and rule.hard and not rule.where:
            return tuple(rule.endings)  # type: ignore[attr-defined]
    return None


def _some_endings(rules: Sequence[Rule]) -> tuple[float, ...]:
    """Endings that some price must, or had better, have."""
    return tuple(sorted({value for rule in rules if rule.kind == "price_endings" for value in rule.endings}))  # type: ignore[attr-defined]


def _reach(rules: Sequence[Rule], bounds: Bounds) -> tuple[Floats, Floats]:
    """As far as the hard rules let prices go: a soft one may give way."""
    hard = np.array([rule.hard for rule in rules], dtype=bool)
    return bounds.low[hard].max(axis=0, initial=-np.inf) / BEYOND, bounds.high[hard].min(axis=0, initial=np.inf) * BEYOND


def _with_caution(allowed: Allowed, ladder: Ladder, curves: Curves, bounds: Bounds, policy: Policy) -> Allowed:
    """Keeping is possible where only a rule on the form of new prices is in the way; weak evidence may not move a price far."""
    rows = np.flatnonzero(ladder.current >= 0)
    own = ladder.prices[rows, ladder.current[rows]]
    lawful = (own >= bounds.low[:, rows].max(axis=0, initial=-np.inf)) & (own <= bounds.high[:, rows].min(axis=0, initial=np.inf))
    valid = allowed.valid.copy()
    valid[rows[lawful], ladder.current[rows[lawful]]] = True
    if policy.model.max_move:
        most = np.array([policy.model.max_move.get(grade, np.inf) for grade in EVIDENCE])[curves.evidence]  # type: ignore[call-overload]
        now = ladder.prices[np.arange(ladder.current.size), np.maximum(ladder.current, 0)]
        valid &= np.abs(ladder.prices / np.maximum(now, 1)[:, None] - 1.0) <= most[:, None] + 1e-12
    return dataclasses.replace(allowed, valid=valid)


def _last_word(rules: Sequence[Rule], items: pl.DataFrame, ladder: Ladder, curves: Curves, column: Ints, context: Context) -> Ints:
    """The rules judge the finished prices; one that breaks a hard rule goes back to the current price, until none does."""
    rows = np.arange(column.size)
    current = np.where(ladder.current >= 0, ladder.prices[rows, np.maximum(ladder.current, 0)], 0)
    while True:
        prices = np.where(column >= 0, ladder.prices[rows, np.maximum(column, 0)], 0)
        then = dataclasses.replace(context, units_then=units_at(curves, ladder, column))
        _, undone = settle(rules, items, prices, then, current)
        if not undone.any():
            return column
        column = np.where(undone, ladder.current, column)


def _price_list(
    snapshot: Snapshot,
    ladder: Ladder,
    bounds: Bounds,
    allowed: Allowed,
    curves: Curves,
    column: Ints,
    expected: Expectations,
    stopped: list[str],
    policy: Policy,
) -> pl.DataFrame:
    """Table DECISIONS of the active items."""
    rows = np.arange(column.size)
    clash = np.array([";".join(names) for names in allowed.clash], dtype=object)
    stuck = (clash != "") & (column == ladder.current)
    hold = np.where(bounds.hold != "", bounds.hold, np.where(stuck, "no_feasible_price", ""))
    moved = (hold == "") & (column != ladder.current) & (column >= 0)
    action = np.where(hold != "", "hold", np.where(moved, "change", "keep"))
    current = snapshot.items["current_price"]
    price = pl.Series(np.where(column >= 0, ladder.prices[rows, np.maximum(column, 0)], -1))
    major = 10.0 ** exponent(snapshot.currency)
    low, high = (_sorted_quantile(curves.draws, q) for q in (0.05, 0.95))
    measured = {
        "elasticity": curves.draws.mean(axis=1),
        "elasticity_lo": low,
        "elasticity_hi": high,
        "expected_units": expected.units,
        "expected_revenue": expected.revenue / major,
        "expected_profit": expected.profit / major,
        "profit_change": expected.change / major,
        "profit_change_lo": expected.change_lo / major,
        "profit_change_hi": expected.change_hi / major,
    }
    listed = snapshot.items.select("sku", "channel", "region", "current_price", "active").with_columns(
        price=pl.when(pl.Series(moved)).then(price).otherwise(current),
        action=pl.Series(action.astype(str)),
        reason=pl.Series(_reasons(hold, moved, ladder, bounds, expected, policy)),
        evidence=pl.Series(np.array(EVIDENCE)[curves.evidence]),
        binding_rules=pl.Series(np.where(stuck, clash, np.array(stopped, dtype=object)).astype(str)),
        **{name: pl.Series(values).fill_nan(None) for name, values in measured.items()},
    )
    return listed.filter(pl.col("active") == 1).select(DECISIONS.schema.names()).sort(DECISIONS.key)


def _sorted_quantile(draws: Floats, q: float) -> Floats:
    """(n,) quantile of ascending draws (n, D)."""
    place = q * (draws.shape[1] - 1)
    lower = int(place)
    upper = min(lower + 1, draws.shape[1] - 1)
    return np.asarray(draws[:, lower] + (place - lower) * (draws[:, upper] - draws[:, lower]))


def _reasons(hold: NDArrayStr, moved: Flags, ladder: Ladder, bounds: Bounds, expected: Expectations, policy: Policy) -> list[str]:
    """Stable codes: why the price moves, stays, or is held."""
    now = ladder.prices[np.arange(moved.size), np.maximum(ladder.current, 0)]
    goal = next(iter(policy.weights)) if len(policy.weights) == 1 else "objective"
    below, above = now < bounds.low.max(axis=0, initial=-np.inf), now > bounds.high.min(axis=0, initial=np.inf)
    gives = (expected.change < 0) if goal == "profit" else np.zeros(moved.size, dtype=bool)
    better = np.where(gives, "makes_room", f"{goal}_up")
    reason = np.where(moved, np.where(below, "floor", np.where(above, "ceiling", better)), "already_best")
    return [str(code) for code in np.where(hold != "", hold, reason)]
