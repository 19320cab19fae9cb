"""Price plans side by side as people read them: sums of each, what one is less another, and the products that differ."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.engine import Decided
from pricesmith.flows.desk.prices.counts import keys
from pricesmith.flows.publishing.answers.own_price import prices_of

from .plans import QUANTITIES, Beside, Contrast, Plan, World, beside
from .replay import Again

KEY = ["sku", "channel", "region"]
SHOWN, MOST_SHOWN, EXAMPLES = 20, 250, 5
"""Products that are listed by themselves, those where all that differ are asked for, and those named of a kind."""


class Sum(msgspec.Struct, frozen=True):
    """One plan a day, money in major units. `change` against doing nothing as things are, with its 90 % interval.

    plan  `nothing`, `recommended`, `mine`; where costs or competitors change also `nothing_then` and `recommended_then`: the same prices
          in that case
    """

    plan: str
    changes: int
    profit: float
    profit_change: float
    profit_lo: float
    profit_hi: float
    revenue: float
    revenue_change: float
    revenue_lo: float
    revenue_hi: float
    units: float
    units_change: float
    units_lo: float
    units_hi: float


class Against(msgspec.Struct, frozen=True):
    """The plan `mine` less another one, a day, with 90 % intervals; the same random draws on both sides."""

    other: str
    profit: float
    profit_lo: float
    profit_hi: float
    revenue: float
    revenue_lo: float
    revenue_hi: float
    units: float
    units_lo: float
    units_hi: float


class Differs(msgspec.Struct, frozen=True):
    """A product whose price would be another one. Prices in minor units; profit: its own, mine less recommended, major units a day."""

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    recommended: int
    price: int
    profit: float | None
    reason: str
    binding_rules: str


class Holds(msgspec.Struct, frozen=True):
    """Products that are held, for which no price may be set: under the rules in force and under the draft.

    enter, leave  held under the draft alone, and no more under it;  entering, leaving: some of their SKUs
    """

    before: int
    after: int
    enter: int
    leave: int
    entering: list[str]
    leaving: list[str]


class Clash(msgspec.Struct, frozen=True):
    """Products for which no price is left, by the smallest set of rules that clash (names joined by `;`)."""

    rules: str
    count: int
    examples: list[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Plans side by side and the run that `mine` is."""

    mine: Again
    plans: dict[str, Plan]
    beside: Beside
    pairs: list[tuple[str, str]]


def side_by_side(before: Decided, mine: Again, where: Flags) -> Compared:
    """Doing nothing, what `before` recommends, and `mine`, on the items of `where` (n,); also in the world of `mine` where it differs."""
    now, recommended, own = (prices for prices in (_current(before), prices_of(before), mine.prices))
    here = World(before.items, before.shop.demand)
    other = mine.decided.items is not before.items and not mine.decided.items.equals(before.items)
    then = World(mine.decided.items, mine.decided.shop.demand) if other else here
    plans = {"nothing": Plan(here, now), "recommended": Plan(here, recommended)}
    if other:
        plans |= {"nothing_then": Plan(then, now), "recommended_then": Plan(then, recommended)}
    plans["mine"] = Plan(then, own)
    pairs = [(name, "nothing") for name in plans] + [("mine", name) for name in plans if name not in ("mine", "nothing")]
    return Compared(mine, plans, beside(plans, pairs, np.flatnonzero(where)), pairs)


def _current(decided: Decided) -> Ints:
    return decided.items["current_price"].fill_null(0).to_numpy().astype(np.int64)


def sums(found: Compared, where: Flags, major: float) -> list[Sum]:
    """Levels are of the products that are to be priced; changes take related products in that are not."""
    active = (found.plans["nothing"].world.items["active"].fill_null(1) == 1).to_numpy()
    contrasts = dict(zip(found.pairs, found.beside.contrasts, strict=True))
    found_sums = []
    for name, plan in found.plans.items():
        contrast, values = contrasts[name, "nothing"], found.beside.values[name]
        changes = int((where & active & (plan.price != found.plans["nothing"].price)).sum())
        row: dict[str, float] = {}
        for number, quantity in enumerate(QUANTITIES):
            scale = 1.0 if quantity == "units" else major
            row[quantity] = float(np.nansum(values[where & active, number])) / scale
            row |= _bounds(contrast, quantity, scale, f"{quantity}_change", quantity)
        found_sums.append(Sum(plan=name, changes=changes, **row))
    return found_sums


def against(found: Compared, major: float) -> list[Against]:
    """`mine` less each other plan."""
    rows = []
    for (one, other), contrast in zip(found.pairs, found.beside.contrasts, strict=True):
        if one == "mine":
            parts = [_bounds(contrast, name, 1.0 if name == "units" else major, name, name) for name in QUANTITIES]
            rows.append(Against(other, **{key: value for part in parts for key, value in part.items()}))
    return rows


def _bounds(contrast: Contrast, quantity: str, scale: float, mean: str, prefix: str) -> dict[str, float]:
    found = (contrast.mean, contrast.low, contrast.high)
    return {key: one[quantity] / scale for key, one in zip((mean, f"{prefix}_lo", f"{prefix}_hi"), found, strict=True)}


def differing(found: Compared, where: Flags) -> Flags:
    """(n,) items whose price would be another one than recommended."""
    return np.asarray(where & (found.plans["mine"].price != found.plans["recommended"].price))


def differs(found: Compared, where: Flags, major: float) -> list[Differs]:
    """The products that differ most, by their own profit: MOST_SHOWN of them."""
    rows = np.flatnonzero(differing(found, where))
    gain: Floats = (found.beside.values["mine"][rows, 0] - found.beside.values["recommended"][rows, 0]) / major
    order = rows[np.argsort(-np.abs(np.nan_to_num(gain)), kind="stable")[:MOST_SHOWN]]
    by_row = dict(zip(rows.tolist(), gain.tolist(), strict=True))
    decided = found.mine.decided
    chosen = (
        decided.items[order]
        .select(*KEY, "name", "current_price")
        .join(decided.decisions.select(*KEY, "reason", "binding_rules"), on=KEY, how="left", maintain_order="left")
    )
    return [
        Differs(
            **{part: line[part] for part in (*KEY, "name", "current_price")},
            recommended=int(found.plans["recommended"].price[row]),
            price=int(found.plans["mine"].price[row]),
            profit=by_row[row] if np.isfinite(by_row[row]) else None,
            reason="override" if row in found.mine.own else line["reason"] or "",
            binding_rules="" if row in found.mine.own else line["binding_rules"] or "",
        )
        for row, line in zip(order.tolist(), chosen.iter_rows(named=True), strict=True)
    ]


def first(listed: list[Differs], every: bool) -> list[Differs]:
    """Those of `differs` that a page lists. every: as many as there may be."""
    return listed if every else listed[:SHOWN]


def holds(before: pl.DataFrame, after: pl.DataFrame) -> Holds:
    """before, after: rows of table DECISIONS of the same products."""
    one, other = (table.filter(pl.col("action") == "hold").select(KEY) for table in (before, after))
    enter, leave = other.join(one, on=KEY, how="anti"), one.join(other, on=KEY, how="anti")
    named = (rows["sku"].unique().sort().head(EXAMPLES).to_list() for rows in (enter, leave))
    return Holds(one.height, other.height, enter.height, leave.height, *named)


def clashes(decisions: pl.DataFrame) -> list[Clash]:
    """Products without any price that the rules allow, by the rules that clash. decisions: rows of table DECISIONS."""
    held = decisions.filter(pl.col("reason") == "no_feasible_price")
    groups = held.group_by("binding_rules").agg(pl.len(), keys(decisions).head(3))
    return [Clash(*row) for row in groups.sort("len", "binding_rules", descending=[True, False]).head(20).iter_rows()]
