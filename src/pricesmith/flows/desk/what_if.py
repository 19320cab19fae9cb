"""What if: do nothing, the recommendation, and the recommendation under changes, side by side with 90 % intervals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags, Floats, Ints
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.engine import Decided
from pricesmith.rules.apply import names_of

from .choices import PATIENCE, Category, Suggested, choices
from .plans import QUANTITIES, Beside, Contrast, Plan, World, beside
from .question import changes_of, values_of, write
from .reading import Reading
from .replay import Again, again, prices_of
from .scenario import SCENARIOS, Change
from .scenario._change import checked_category, fields, inside
from .scenario._product import label_of, product_of

MOST_SHOWN = 20
ORDER = (
    "move_limit",
    "cost_change",
    "competitor_change",
    "set_price",
    "objective",
    "margin_floor",
    "change_budget",
    "rule_off",
    "rule_value",
)


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


class Clash(msgspec.Struct, frozen=True):
    """Products for which no price is left, by the smallest set of rules that clash (names joined by `;`)."""

    rules: str
    count: int
    examples: list[str]


class Given(msgspec.Struct, frozen=True):
    """One change of the question: its kind, its fields, and how it stands in an address."""

    kind: str
    fields: dict[str, Any]
    text: str


class Trouble(msgspec.Struct, frozen=True):
    """Why the question cannot be answered; nothing was changed."""

    what: str
    where: str
    hint: str


class Refused(msgspec.Struct, frozen=True):
    """A price that was asked for and could not be published. It is counted all the same. price: minor units."""

    product: str
    price: int
    what: str
    hint: str


class Field(msgspec.Struct, frozen=True):
    """A field of a kind of change. asks: what it is filled in with; low, high: bounds; choices: what can be chosen."""

    name: str
    asks: str
    needed: bool
    default: Any = None
    low: float | None = None
    high: float | None = None
    choices: list[str] = []


class Kind(msgspec.Struct, frozen=True):
    """A kind of change that can be asked about."""

    kind: str
    fields: list[Field]


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """The question and its answer; `run` is empty before the first run.

    plans, against  see Sum and Against;  differing: products whose price would differ, the `differs` that matter most first
    given_up        products whose price a person had set, which these settings do not allow
    working         the answer is being worked out: ask again
    draft           the changes are changes of settings alone: they can be kept as a draft
    """

    run: str = ""
    as_of: dt.date | None = None
    currency: str = ""
    horizon_days: int = 0
    in_category: str = ""
    of_product: str = ""
    products: int = 0
    changes: list[Given] = []
    plans: list[Sum] = []
    against: list[Against] = []
    differing: int = 0
    differs: list[Differs] = []
    clashes: list[Clash] = []
    given_up: list[str] = []
    refused: list[Refused] = []
    draft: bool = False
    trouble: Trouble | None = None
    working: bool = False
    categories: list[Category] = []
    suggested: list[Suggested] = []
    rules: tuple[str, ...] = ()
    objective: str = ""
    kinds: list[Kind] = []


@dataclass(frozen=True, slots=True)
class Compared:
    """Plans side by side and the run that `mine` is."""

    mine: Again
    plans: dict[str, Plan]
    beside: Beside
    pairs: list[tuple[str, str]]


def what_if(reading: Reading, asked: Any) -> WhatIf:
    """Answer a question (question.Asked). What cannot be asked comes back as `trouble`, with everything to ask again."""
    name = asked.run or reading.latest()
    if name is None:
        return WhatIf()
    run, before, known = reading.run(name), reading.replayed(name), choices(reading, name)
    shown = {
        "run": name, "as_of": run.as_of, "currency": run.currency, "horizon_days": run.policy.horizon_days, "categories": known.categories,
        "suggested": known.products, "rules": names_of(run.policy.rules), "objective": objective_of(run.policy),
        "kinds": kinds(),
    }  # fmt: skip
    changes: list[Change] = []
    try:
        changes = changes_of(asked)
        where, of = _scope(before.decided.items, asked)
        found = compared(reading, name, changes, where)
    except PricesmithError as error:
        trouble = Trouble(error.what, error.where, error.hint)
        return WhatIf(**shown, in_category=asked.in_category, of_product=asked.of_product, changes=given(changes), trouble=trouble)
    if found is None:
        return WhatIf(**shown, in_category=asked.in_category, of_product=of, changes=given(changes), working=True)
    major = 10.0 ** exponent(run.currency)
    return WhatIf(
        **shown, in_category=asked.in_category, of_product=of, products=int(where.sum()), changes=given(changes),
        plans=sums(found, where, major), against=against(found, major), differing=int(differing(found, where).sum()),
        differs=differs(found, where, major), clashes=clashes(found.mine.decided.decisions), given_up=list(found.mine.given_up),
        refused=_refused(found.mine), draft=bool(changes) and all(change.of_policy() for change in changes),
    )  # fmt: skip


def kinds() -> list[Kind]:
    """Kinds of change: those that are asked about most first, those of other packages last."""
    names = [name for name in ORDER if name in SCENARIOS] + [name for name in SCENARIOS if name not in ORDER]
    return [Kind(name, [_field(one, schema) for one, schema in fields(SCENARIOS[name]).items()]) for name in names]


def _field(name: str, schema: dict[str, Any]) -> Field:
    low, high = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum")
    return Field(name, schema.get("asks", "text"), schema["needed"], schema.get("default"), low, high, schema.get("enum", []))


def given(changes: list[Change]) -> list[Given]:
    return [Given(change.kind, values_of(change), write(change)) for change in changes]


def policy_with(changes: list[Change], policy: Policy, items: pl.DataFrame) -> Policy:
    """The settings after all changes, in their order."""
    for change in changes:
        policy = change.policy(policy, items)
    return policy


def compared(reading: Reading, run: str, changes: list[Change], where: Flags) -> Compared | None:
    """The three plans, or five where the world changes, on the items of `where` (n,); None while they are being worked out."""
    before = reading.replayed(run)
    mine = mine_of(reading, run, changes)
    return None if mine is None else side_by_side(before.decided, mine, where)


def mine_of(reading: Reading, run: str, changes: list[Change]) -> Again | None:
    """The run under changes, kept for whoever asks the same again; None while it is being worked out."""
    if not changes:
        return Again(reading.replayed(run).decided)
    texts = [write(change) for change in changes]
    found: Again | None = reading.replies.ask(f"what if {run} {texts}", lambda: decided_with(reading, run, changes), PATIENCE)
    return found


def decided_with(reading: Reading, run: str, changes: list[Change]) -> Again:
    """The run decided again under changes."""
    before = reading.replayed(run)
    items = before.snapshot.items
    policy, prices = policy_with(changes, before.policy, items), {}
    for change in changes:
        prices |= dict(change.prices(items, before.snapshot.currency))
    for change in changes:
        items = change.world(items)
    return again(reading, run, policy, items, prices)


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


def _scope(items: pl.DataFrame, asked: Any) -> tuple[Flags, str]:
    """((n,) True for the items that are looked at, the product's key in words where it is one). Raises UsageError, UnknownChoice."""
    if asked.of_product:
        row = product_of(items, asked.of_product)
        return np.arange(items.height) == row, label_of(items.row(row, named=True))
    checked_category(items, asked.in_category)
    return items.select(inside(asked.in_category)).to_series().to_numpy().astype(bool) | np.zeros(items.height, dtype=bool), ""


def _refused(mine: Again) -> list[Refused]:
    """What to do about a broken rule is to be read on the page of the product."""
    rows = mine.refused.items()
    return [
        Refused(label_of(mine.decided.items.row(row, named=True)), price, what, "" if "`explain`" in hint else hint)
        for row, (price, what, hint) in rows
    ]


def objective_of(policy: Policy) -> str:
    return policy.objective if isinstance(policy.objective, str) else " + ".join(sorted(policy.objective))


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
    return where & (found.plans["mine"].price != found.plans["recommended"].price)


def differs(found: Compared, where: Flags, major: float) -> list[Differs]:
    """The products that differ most, by their own profit."""
    rows = np.flatnonzero(differing(found, where))
    gain: Floats = (found.beside.values["mine"][rows, 0] - found.beside.values["recommended"][rows, 0]) / major
    order = rows[np.argsort(-np.abs(np.nan_to_num(gain)), kind="stable")[:MOST_SHOWN]]
    by_row = dict(zip(rows.tolist(), gain.tolist(), strict=True))
    decided = found.mine.decided
    key = ["sku", "channel", "region"]
    chosen = (
        decided.items[order]
        .select(*key, "name", "current_price")
        .join(decided.decisions.select(*key, "reason", "binding_rules"), on=key, how="left", maintain_order="left")
    )
    return [
        Differs(
            **{part: line[part] for part in (*key, "name", "current_price")},
            recommended=int(found.plans["recommended"].price[row]),
            price=int(found.plans["mine"].price[row]),
            profit=by_row[row] if np.isfinite(by_row[row]) else None,
            reason=line["reason"] or "",
            binding_rules=line["binding_rules"] or "",
        )
        for row, line in zip(order.tolist(), chosen.iter_rows(named=True), strict=True)
    ]


def clashes(decisions: pl.DataFrame) -> list[Clash]:
    """Products without any price that the rules allow, by the rules that clash. decisions: rows of table DECISIONS."""
    held = decisions.filter(pl.col("reason") == "no_feasible_price")
    groups = held.group_by("binding_rules").agg(pl.len(), pl.col("sku").sort().head(3))
    return [Clash(*row) for row in groups.sort("len", "binding_rules", descending=[True, False]).head(20).iter_rows()]
