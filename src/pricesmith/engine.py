"""The whole system on one page: learn, decide, replay. Pure: the same tables and policy give the same decisions.

snapshot --learn--> model          cells -> demand with a posterior for every elasticity
snapshot, model --decide--> prices   hold -> limit -> shelf -> blocks; in each: ladder -> curves -> admit -> choose -> check -> list

A block is closed under families and ties, so nothing that binds two items leads out of it; where sums bind items, one block is the shop.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Curves, Flags, Floats, Ints, Ladder, pieces
from pricesmith.contracts.economics import shares
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import Demand, DemandModel
from pricesmith.contracts.rule import Context, NDArrayStr, Rule
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import DECISIONS, EVIDENCE
from pricesmith.demand import MODELS
from pricesmith.experiments.holdout import clusters
from pricesmith.optimization import Choice, Problem, build_shelf, choose, closed_blocks, expectations, problem
from pricesmith.optimization.expectations import Expectations, expect, units_at
from pricesmith.optimization.ladder import Shelf
from pricesmith.optimization.problem import values
from pricesmith.rules.apply import Allowed, Bounds, admit, context_of, couplings, judging, limit, passed, settle, ties, torn
from pricesmith.rules.binding import binding
from pricesmith.rules.caution import WEAK_EVIDENCE, Caution, caution, heeded
from pricesmith.rules.form import prices_beside
from pricesmith.rules.holds import holds

BEYOND = 1.06
"""The ladder reaches this factor, and a price at least, beyond the limits, so that a rule that stopped a better price can be named."""

THREADS = 2
"""Blocks worked on at once: NumPy lets go of the interpreter, the rest takes turns."""


@dataclass(frozen=True, slots=True)
class Shop:
    """What is known of n items before any price is chosen; all that is (n, K) is laid out block by block."""

    snapshot: Snapshot
    policy: Policy
    context: Context
    bounds: Bounds
    shelf: Shelf
    demand: Demand


@dataclass(frozen=True, slots=True)
class Block:
    """Some items of a shop, `rows` (m,), with their candidates laid out."""

    rows: Ints
    items: pl.DataFrame
    context: Context
    bounds: Bounds
    ladder: Ladder
    curves: Curves
    caution: Caution
    allowed: Allowed
    problem: Problem

    def limits(self) -> list[dict[str, tuple[float, float]]]:
        """By item the lowest and highest price, minor units, infinite where free, of every rule, and of caution where that limits it."""
        bounds, near = self.bounds, self.caution
        ruled = np.stack([bounds.low, bounds.high], axis=2).transpose(1, 0, 2).tolist()
        found = [{name: (low, high) for name, (low, high) in zip(bounds.names, of, strict=True)} for of in ruled]
        for row in np.flatnonzero(np.isfinite(near.low)):
            found[row][WEAK_EVIDENCE] = float(near.low[row]), float(near.high[row])
        return found


@dataclass(frozen=True, slots=True)
class Decided:
    """One run: the price list, and what explains it. `opened` lays out the candidates of the items that are asked about."""

    decisions: pl.DataFrame
    shop: Shop
    choice: Choice
    column: Ints
    expected: Expectations

    @property
    def items(self) -> pl.DataFrame:
        """Table ITEMS of the run."""
        return self.shop.snapshot.items

    def opened(self, rows: Ints | None = None) -> Block:
        """Candidates, curves and limits of some items, all by default."""
        return lay_out(self.shop, np.arange(self.column.size) if rows is None else rows)

    def meaning(self, rows: Ints, prices: Ints) -> Decided:
        """The same, asked about prices (m,), minor units, of items (m,), be they steps of the lattice or not; `column` is as it was."""
        shelf = self.shop.shelf.with_meant(rows, prices)
        return self if shelf is self.shop.shelf else dataclasses.replace(self, shop=dataclasses.replace(self.shop, shelf=shelf))


def learn(snapshot: Snapshot, policy: Policy) -> DemandModel:
    """Learn demand from everything known before snapshot.as_of."""
    return MODELS.pick(policy.model.name, where="$.model.name").fit(snapshot, policy.model)


def decide(snapshot: Snapshot, model: DemandModel, policy: Policy) -> Decided:
    """The best lawful price of every active item, or the reason why it keeps its own."""
    return decide_by(snapshot, model.demand(snapshot, policy.horizon_days), policy)


def decide_by(snapshot: Snapshot, demand: Demand, policy: Policy) -> Decided:
    """The same where it is known what would be sold. demand: that of a model for this snapshot and the horizon of the policy."""
    items, rules = snapshot.items, policy.rules
    context = Context(snapshot.as_of, snapshot.currency, policy.tax)
    bounds = _held(limit(rules, items, context), items, policy, snapshot)
    limits = _limits(rules, bounds)
    reach = limits[0] / BEYOND, limits[1] * BEYOND
    shelf = build_shelf(items, _endings(rules), snapshot.currency, reach, _some_endings(rules), limits)
    shop = Shop(snapshot, policy, context, bounds, _completed(shelf, rules, items, bounds, context), demand)
    with ThreadPoolExecutor(THREADS) as pool:
        rows, lists, choices, columns, expected = zip(*pool.map(partial(_decide, shop), _blocks(shop)), strict=True)
    column = np.empty(items.height, dtype=np.int64)
    column[np.concatenate(rows)] = np.concatenate(columns)
    decisions = pl.concat(lists).sort(DECISIONS.key)
    return Decided(decisions, shop, problem.joined(choices, rows), column, expectations.joined(expected, rows))


def lay_out(shop: Shop, rows: Ints) -> Block:
    """The candidates of some items, what they would sell, and which of them the rules admit."""
    items, rules, policy = shop.snapshot.items[rows], shop.policy.rules, shop.policy
    bounds, ladder = shop.bounds.part(rows), shop.shelf.ladder(rows)
    curves = shop.demand.curves(ladder, rows)
    context = dataclasses.replace(shop.context, units_now=curves.base)
    limits = caution(ladder, curves.evidence, policy.model)
    allowed = heeded(_keeping(admit(rules, items, ladder, bounds, context), ladder, bounds), ladder, bounds, limits)
    asked = Problem(
        ladder=ladder,
        allowed=allowed.valid & (bounds.hold == "")[:, None],
        curves=curves,
        **shares(items),
        weights=policy.weights,
        ties=ties(rules, items, context, ladder, allowed.valid),
        couplings=tuple(coupling for _, coupling in couplings(rules, items, context)),
        risk=policy.risk,
        seed=policy.model.seed,
        major=10.0 ** exponent(context.currency),
    )
    return Block(rows, items, context, bounds, ladder, curves, limits, allowed, asked)


def _decide(shop: Shop, rows: Ints) -> tuple[Ints, pl.DataFrame, Choice, Ints, Expectations]:
    """One block: (its items, their price list, the choice, the columns after the rules' last word, what they should bring)."""
    block, rules = lay_out(shop, rows), shop.policy.rules
    value = values(block.problem)
    choice = choose(block.problem, value)
    column = _last_word(rules, block, choice.column)
    expected = expect(block.items, block.curves, block.ladder, column)
    then = dataclasses.replace(block.context, units_then=units_at(block.curves, block.ladder, column))
    limits, units = block.caution, block.curves.units
    stopped = binding(rules, block.items, block.ladder, block.bounds, block.allowed, value, column, then, limits, units)
    return rows, price_list(block, column, expected, stopped, shop.policy), choice, column, expected


def _blocks(shop: Shop) -> list[Ints]:
    """Items that are decided together: all of them where sums bind them."""
    items, rules = shop.snapshot.items, shop.policy.rules
    if couplings(rules, items, shop.context):
        return [np.arange(items.height)]
    return closed_blocks(shop.shelf.length, shop.demand.family, ties(rules, items, shop.context))


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


def _completed(shelf: Shelf, rules: Sequence[Rule], items: pl.DataFrame, bounds: Bounds, context: Context) -> Shelf:
    """Prices that the rules allow, for items of which they allow none of the lattice."""
    if not judging(rules):
        return shelf
    empty = np.zeros(items.height, dtype=bool)
    every = np.arange(items.height)
    for part in pieces(items.height, int(shelf.length.max(initial=1))):
        ladder, limits = shelf.ladder(every[part]), bounds.part(part)
        empty[part] = ~passed(rules, items[part], ladder, limits, context_of(context, part)).any(axis=1)
    rows = np.flatnonzero(empty & (bounds.hold == "") & (shelf.current >= 0))
    found = prices_beside(rules, items[rows], bounds.part(rows), (shelf.low[rows], shelf.high[rows]), context_of(context, rows))
    return shelf.with_also(rows, found) if found.any() else shelf


def _limits(rules: Sequence[Rule], bounds: Bounds) -> tuple[Floats, Floats]:
    """As far as the hard rules let prices go: a soft one may give way."""
    hard = np.array([rule.hard for rule in rules], dtype=bool)
    return bounds.low[hard].max(axis=0, initial=-np.inf), bounds.high[hard].min(axis=0, initial=np.inf)


def _keeping(allowed: Allowed, ladder: Ladder, bounds: Bounds) -> Allowed:
    """Keeping is possible where only a rule on the form of new prices is in the way."""
    rows = np.flatnonzero(ladder.current >= 0)
    own = ladder.prices[rows, ladder.current[rows]]
    lawful = (own >= bounds.low[:, rows].max(axis=0, initial=-np.inf)) & (own <= bounds.high[:, rows].min(axis=0, initial=np.inf))
    valid = allowed.valid.copy()
    valid[rows[lawful], ladder.current[rows[lawful]]] = True
    return dataclasses.replace(allowed, valid=valid)


def _last_word(rules: Sequence[Rule], block: Block, column: Ints) -> Ints:
    """The rules judge the finished prices; one that breaks a hard rule goes back to the current price, until none does."""
    ladder, rows = block.ladder, np.arange(column.size)
    current = np.where(ladder.current >= 0, ladder.prices[rows, np.maximum(ladder.current, 0)], 0)
    while True:
        prices = np.where(column >= 0, ladder.prices[rows, np.maximum(column, 0)], 0)
        then = dataclasses.replace(block.context, units_then=units_at(block.curves, ladder, column))
        _, undone = settle(rules, block.items, prices, then, current)
        if not undone.any():
            return column
        column = np.where(undone, ladder.current, column)


def price_list(block: Block, column: Ints, expected: Expectations, stopped: list[str], policy: Policy) -> pl.DataFrame:
    """Table DECISIONS of the active items, in their order."""
    ladder, curves, bounds = block.ladder, block.curves, block.bounds
    clashing = np.array([bool(names) for names in block.allowed.clash], dtype=bool)
    stuck = clashing & (column == ladder.current)
    stopped = [";".join(block.allowed.clash[row]) if on else stopped[row] for row, on in enumerate(stuck.tolist())]
    hold = np.where((bounds.hold == "") & stuck, "no_feasible_price", bounds.hold)
    moved = (hold == "") & (column != ladder.current) & (column >= 0)
    action = np.where(hold != "", 0, np.where(moved, 1, 2))
    price = pl.Series(np.where(column >= 0, ladder.prices[np.arange(column.size), np.maximum(column, 0)], -1))
    major = block.problem.major
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
    listed = block.items.select("sku", "channel", "region", "current_price", "active").with_columns(
        price=pl.when(pl.Series(moved)).then(price).otherwise("current_price"),
        action=pl.Series(["hold", "change", "keep"]).gather(pl.Series(action)),
        reason=pl.Series(_reasons(hold, moved, np.array([text != "" for text in stopped]), block, expected, policy), dtype=pl.String),
        evidence=pl.Series(EVIDENCE).gather(pl.Series(curves.evidence)),
        binding_rules=pl.Series(stopped, dtype=pl.String),
        **{name: pl.Series(values).fill_nan(None) for name, values in measured.items()},
    )
    return listed.filter(pl.col("active") == 1).select(DECISIONS.schema.names())


def _sorted_quantile(draws: Floats, q: float) -> Floats:
    """(n,) quantile of ascending draws (n, D)."""
    place = q * (draws.shape[1] - 1)
    lower = int(place)
    upper = min(lower + 1, draws.shape[1] - 1)
    return np.asarray(draws[:, lower] + (place - lower) * (draws[:, upper] - draws[:, lower]))


def _reasons(hold: NDArrayStr, moved: Flags, stopped: Flags, block: Block, expected: Expectations, policy: Policy) -> list[str]:
    """Stable codes: why the price moves, stays, or is held. stopped: (n,) True where rules stopped a better price."""
    ladder, bounds = block.ladder, block.bounds
    now = ladder.prices[np.arange(moved.size), np.maximum(ladder.current, 0)]
    goal = next(iter(policy.weights)) if len(policy.weights) == 1 else "objective"
    below, above = now < bounds.low.max(axis=0, initial=-np.inf), now > bounds.high.min(axis=0, initial=np.inf)
    gives = (expected.change < 0) if goal == "profit" else np.zeros(moved.size, dtype=bool)
    better = np.where(gives, np.where(torn(block.problem.ties, now), "mends", "makes_room"), f"{goal}_up")
    known, (low, high) = ladder.current >= 0, _limits(policy.rules, bounds)
    stays = np.where(stopped, "best_allowed", "already_best")
    stays = np.where(known & (now < low), "stays_below", np.where(known & (now > high), "stays_above", stays))
    reason = np.where(moved, np.where(below, "floor", np.where(above, "ceiling", better)), stays)
    return list(np.where(hold != "", hold, reason))
