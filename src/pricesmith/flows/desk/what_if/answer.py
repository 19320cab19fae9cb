"""What if: do nothing, the recommendation, and the recommendation under changes, side by side with 90 % intervals."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.flows.desk.approval.foreseen import Foreseen, foreseen_under
from pricesmith.flows.desk.models.said_against import Covered, covered
from pricesmith.flows.desk.own_prices.whole import departures_of
from pricesmith.flows.desk.product import why
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.reading.trouble import Trouble
from pricesmith.flows.desk.rules import rule_kinds
from pricesmith.flows.desk.runs.in_force import files_since
from pricesmith.rules.apply import names_of
from pricesmith.rules.together import Broken

from .choices import Category, Suggested, choices, patience
from .compared import Against, Clash, Differs, Sum, against, clashes, differing, differs, first, side_by_side, sums
from .kinds import Kind, kinds
from .meant import Meant, meant
from .question import FIELDS, changes_of, standing, values_of, write
from .replay import Again, again
from .scenario import SCENARIOS
from .scenario._change import Change, checked_category, inside
from .scenario._product import label_of, product_of

CENT = 0.005
"""Major units a day below which profits are not told apart."""


class Given(msgspec.Struct, frozen=True):
    """One change of the question: its kind, its fields, and how it stands in an address."""

    kind: str
    fields: dict[str, Any]
    text: str


class Typed(msgspec.Struct, frozen=True):
    """A change that could not be asked about, as it was typed. at: the field that says why; "" where it is none of them."""

    kind: str
    fields: dict[str, str]
    at: str


class OwnPrice(msgspec.Struct, frozen=True):
    """A price that was asked for and something stands against; it is counted all the same. price: minor units.

    same, hold, barred, broken  why nobody may set it, see `Verdict`; broken: rules over several products
    against                     what a person who sets it all the same goes against
    """

    product: str
    price: int
    hold: str
    barred: tuple[str, ...]
    broken: tuple[Broken, ...]
    against: tuple[str, ...]
    same: bool = False

    @property
    def refused(self) -> bool:
        """Whether nobody may set it."""
        return bool(self.same or self.hold or self.barred or self.broken)


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """The question and its answer; `run` is empty before the first run.

    plans, against  see Sum and Against;  differing: products whose price would differ, the `differs` that matter most first
    refused, warned  prices that were asked for: those that nobody may set, and those that a person may set against what may give way
    given_up        products whose price a person had set, which these settings do not allow
    files_since     tables whose files were written after the run was made: the answer does not know them
    typed           what was typed in vain, in place of an answer;  meant: what may be asked instead where it names several products
    asked_rules     names, among those that stopped prices here, of rules that the question adds or changes
    numbered        the other rules of a kind of which there are several, by their names: as they stand in shop.toml
    working         the answer is being worked out: ask again
    settings        rule of the run -> its settings -> what each means
    covered         the last test of the model found its 90 % intervals too narrow or wider than need be
    less            the prices recommended now would earn more in that case than the best that its rules allow
    draft           the changes are changes of settings alone: they can be kept as a draft
    foreseen        of a draft: changes of what is looked at that a guard would hold as they are
    """

    run: str = ""
    as_of: dt.date | None = None
    currency: str = ""
    horizon_days: int = 0
    covered: Covered | None = None
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
    asked_rules: list[str] = []
    numbered: dict[str, dict[str, Any]] = {}
    refused: list[OwnPrice] = []
    warned: list[OwnPrice] = []
    less: bool = False
    files_since: list[str] = []
    draft: bool = False
    foreseen: Foreseen | None = None
    trouble: Trouble | None = None
    typed: Typed | None = None
    meant: list[Meant] = []
    working: bool = False
    categories: list[Category] = []
    suggested: list[Suggested] = []
    rules: tuple[str, ...] = ()
    settings: dict[str, dict[str, str]] = {}
    objective: str = ""
    kinds: list[Kind] = []


def what_if(reading: Reading, asked: Any) -> WhatIf:
    """Answer a question (question.Asked). What cannot be asked comes back as `trouble`, with everything to ask again."""
    name = asked.run or reading.latest()
    if name is None:
        return WhatIf()
    plain = _without_answer(reading, name, asked)
    changes: list[Change] = []
    instead: list[Meant] = []
    try:
        changes, items = changes_of(asked), reading.replayed(name).decided.items
        instead = meant(items, changes, asked.of_product)
        where, of = _scope(items, asked)
        found = answered(reading, name, changes, where, f"{asked.in_category}/{of}")
    except PricesmithError as error:
        trouble, kept = Trouble.of(error), changes or standing(asked)
        answer: WhatIf = msgspec.structs.replace(
            plain, changes=given(kept), trouble=trouble, meant=instead, typed=None if changes else _typed(asked, trouble)
        )
        return answer
    draft = bool(changes) and all(change.of_policy() for change in changes)
    asked_about = {"changes": given(changes), "of_product": of, "products": int(where.sum()), "draft": draft}
    if found is None:
        return msgspec.structs.replace(plain, **asked_about, working=True)
    held = _foreseen(reading, name, changes, where) if draft else None
    return msgspec.structs.replace(plain, **asked_about, **_listed(found, asked.every), foreseen=held)


def _foreseen(reading: Reading, name: str, changes: list[Change], where: Flags) -> Foreseen | None:
    mine = mine_of(reading, name, changes)
    asked = " ".join(write(change) for change in changes)
    return None if mine is None else foreseen_under(reading, reading.run(name), asked, mine.decided, where, reading.now())


def _typed(asked: Any, trouble: Trouble) -> Typed | None:
    """What was typed into the form of the added change; None where there is none."""
    said = {name: getattr(asked, name) for name in FIELDS if getattr(asked, name)}
    kind, _, field = trouble.where.partition(" ")
    return Typed(asked.add, said, field if kind == asked.add and field in FIELDS else "") if asked.add in SCENARIOS else None


def _without_answer(reading: Reading, name: str, asked: Any) -> WhatIf:
    """The run, and what can be asked of it."""
    run, known = reading.run(name), choices(reading, name)
    return WhatIf(
        run=name,
        as_of=run.as_of,
        currency=run.currency,
        horizon_days=run.policy.horizon_days,
        covered=covered(reading, run),
        files_since=files_since(reading, name),
        in_category=asked.in_category,
        of_product=asked.of_product,
        categories=known.categories,
        suggested=known.products,
        rules=names_of(run.policy.rules),
        settings=settings_of(run.policy),
        objective=run.policy.objective if isinstance(run.policy.objective, str) else " + ".join(sorted(run.policy.objective)),
        kinds=kinds(run.policy),
    )


def answered(reading: Reading, run: str, changes: list[Change], where: Flags, scope: str) -> dict[str, Any] | None:
    """The fields of WhatIf that say the answer, on the items of `where` (n,), which `scope` names; None while it is being worked out."""
    mine = mine_of(reading, run, changes)
    if mine is None:
        return None
    name = f"{run} {[write(change) for change in changes]} {scope}"
    found: dict[str, Any] | None = reading.replies.ask(name, lambda: _answered(reading, run, mine, where), patience(reading, run))
    return found


def _listed(found: dict[str, Any], every: bool) -> dict[str, Any]:
    return {**found, "differs": first(found["differs"], every)}


def _answered(reading: Reading, run: str, mine: Again, where: Flags) -> dict[str, Any]:
    found = side_by_side(reading.replayed(run).decided, mine, where)
    major, own = 10.0 ** exponent(reading.run(run).currency), _own_prices(mine)
    plans = sums(found, where, major)
    return {
        "plans": plans,
        "less": not mine.own and _less(plans, mine.decided.shop.policy),
        "against": against(found, major),
        "differing": int(differing(found, where).sum()),
        "differs": differs(found, where, major),
        "clashes": clashes(mine.decided.decisions),
        "given_up": list(mine.given_up),
        **_rules_told(mine.decided.shop.policy, reading.run(run).policy),
        "refused": [one for one in own if one.refused],
        "warned": [one for one in own if not one.refused],
    }


def _less(plans: list[Sum], policy: Policy) -> bool:
    """Whether only limits can be why the best prices earn less than those recommended now: where it is mean profit that is maximised."""
    if policy.objective != "profit" or policy.risk.measure != "mean":
        return False
    profit = {one.plan: one.profit for one in plans}
    return profit["mine"] < profit.get("recommended_then", -np.inf) - CENT


def _rules_told(mine: Policy, before: Policy) -> dict[str, Any]:
    """`asked_rules` and `numbered` of WhatIf."""
    named = why.settings(mine.rules)
    asked = [name for name, rule in zip(named, mine.rules, strict=True) if rule not in before.rules]
    several = {name.partition(":")[0] for name in named if ":" in name and name not in asked}
    return {"asked_rules": asked, "numbered": {name: one for name, one in named.items() if name.partition(":")[0] in several}}


def settings_of(policy: Policy) -> dict[str, dict[str, str]]:
    """Name of a rule -> its own settings -> what each means."""
    named = zip(names_of(policy.rules), policy.rules, strict=True)
    return {name: {one.name: one.meaning for one in rule_kinds.fields(type(rule))} for name, rule in named}


def given(changes: list[Change]) -> list[Given]:
    return [Given(change.kind, values_of(change), write(change)) for change in changes]


def policy_with(changes: list[Change], policy: Policy, items: pl.DataFrame) -> Policy:
    """The settings after all changes, in their order."""
    for change in changes:
        policy = change.policy(policy, items)
    return policy


def mine_of(reading: Reading, run: str, changes: list[Change]) -> Again | None:
    """The run under changes, kept for whoever asks the same again; None while it is being worked out."""
    if not changes:
        return Again(reading.replayed(run).decided)
    texts, said = [write(change) for change in changes], _said(reading, run, changes)
    name = f"what if {run} {texts} {'' if said is None else hashlib.sha256(said.write_csv().encode()).hexdigest()}"
    found: Again | None = reading.anew.ask(name, lambda: decided_with(reading, run, changes, said), patience(reading, run))
    return found


def _said(reading: Reading, run: str, changes: list[Change]) -> pl.DataFrame | None:
    """What people made of the run, see `departures`; None where no price is asked for."""
    items = reading.replayed(run).snapshot.items
    if not any(change.prices(items, reading.run(run).currency) for change in changes):
        return None
    return departures_of(reading, reading.run(run), reading.now())


def decided_with(reading: Reading, run: str, changes: list[Change], said: pl.DataFrame | None = None) -> Again:
    """The run decided again under changes. said: see `again`."""
    before = reading.replayed(run)
    items = before.snapshot.items
    policy = policy_with(changes, before.policy, items)
    prices: dict[int, int] = {}
    for change in changes:
        prices |= dict(change.prices(items, before.snapshot.currency))
    for change in changes:
        items = change.world(items, before.snapshot.currency)
    return again(reading, run, policy, items, prices, said)


def _scope(items: pl.DataFrame, asked: Any) -> tuple[Flags, str]:
    """((n,) True for the items that are looked at, the product's key in words where it is one). Raises UsageError, UnknownChoice."""
    if asked.of_product:
        row = product_of(items, asked.of_product)
        return np.arange(items.height) == row, label_of(items.row(row, named=True))
    checked_category(items, asked.in_category)
    return items.select(inside(asked.in_category)).to_series().to_numpy().astype(bool) | np.zeros(items.height, dtype=bool), ""


def _own_prices(mine: Again) -> list[OwnPrice]:
    """Those that something stands against."""
    told = [(label_of(mine.decided.items.row(row, named=True)), one) for row, one in mine.own.items()]
    every = [
        OwnPrice(name, one.price, one.verdict.hold, one.verdict.barred, one.broken, one.verdict.against, one.verdict.same)
        for name, one in told
    ]
    return [one for one in every if one.refused or one.against]
