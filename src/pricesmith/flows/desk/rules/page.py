"""The rules of a shop for people who change them: what is in force or in a draft, what is wrong with it, and what it would change."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.accounts import Kept
from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.fees import FeesPolicy
from pricesmith.contracts.idle import Idle, idle, told
from pricesmith.contracts.money import exponent
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.rule import plain
from pricesmith.contracts.toml_lines import line_of
from pricesmith.flows.desk.approval.foreseen import Foreseen, foreseen_under
from pricesmith.flows.desk.forms.last_digit import endings_shown
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.desk.runs.in_force import files_since
from pricesmith.flows.desk.what_if.choices import patience
from pricesmith.flows.desk.what_if.compared import (
    Against,
    Clash,
    Differs,
    Holds,
    Sum,
    against,
    clashes,
    differing,
    differs,
    first,
    holds,
    side_by_side,
    sums,
)
from pricesmith.flows.desk.what_if.replay import Again, again
from pricesmith.flows.shop_toml import text_of
from pricesmith.rules.apply import names_of
from pricesmith.rules.together import binds

from . import drafts
from .caution import MAX_MOVE, Caution, Unkept, caution, unkept
from .drafts import ListedDraft
from .fees import fees
from .policy_file import checked
from .rule_kinds import Kind, as_text, fields, kinds
from .rule_text import blocks
from .stricter import Stricter, stricter
from .typed import Typed, typed_again
from .versions import Line, Setting, Version, compare, flat, versions

LATER = ("data.", "model.", "fees", "period", "timezone", "currency", "tax", "horizon_days")
"""Settings that act when data are read and demand is learned: a dry run on the stored snapshot and model cannot show them whole."""
UNSOLD = "data.stale_after_days"
"""A setting of the data that acts when prices are decided, as MAX_MOVE does of the model."""
_PLACE = re.compile(r"\$(\.rule\[(\d+)\])?[^\s:]*")
_LINE = re.compile(r":(\d+)(?:\s|$)")


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a text. line: from 1, None where unknown; rule: number of the rule it is in, None where none."""

    what: str
    where: str
    hint: str
    line: int | None
    rule: int | None


class RuleShown(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the text. number: from 0 as in `$.rule[0]`; values: field -> text of a form; idle: its `where` selects no product.

    unmatched  what of its `where` fits none;  unmatched_told: the same in words, with what to do
    settings  the rule as it stands in shop.toml, its kind included;  together: it is hard and may bind several products
    """

    number: int
    name: str
    kind: str
    settings: dict[str, Any]
    values: dict[str, str]
    where: dict[str, str]
    hard: bool
    priority: int
    line: int | None
    idle: bool
    together: bool
    unmatched: Idle | None = None
    unmatched_told: str = ""


class Difference(msgspec.Struct, frozen=True):
    """What the draft would change on the data of the last run. Plans: `nothing`, `recommended` (the rules in force), `mine` (the draft).

    later   settings that differ and act only when data are read or demand is learned
    holds   products that are held, before and after;  files_since: tables whose files were written since the run, which it does not know
    foreseen  changes under the draft that a guard would hold as they are
    """

    run: str
    currency: str
    plans: list[Sum]
    against: list[Against]
    differing: int
    differs: list[Differs]
    clashes: list[Clash]
    later: list[str]
    holds: Holds | None = None
    foreseen: Foreseen = Foreseen()
    files_since: list[str] = []


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The page Rules.

    draft, draft_name  the draft that is shown; "" for what is in force
    base       version of the file that the text began with;  stale: the file is another one by now
    trouble    why the text cannot be used;  rules, currency: empty where it cannot be read
    adding     kind of rule that is about to be added
    settings, lines  what the draft changes in the text;  difference: in prices, where it was asked for;  working: ask for it again
    clashes    of the last run, under the rules that it was made with
    rule_people  people who must agree with the first run after a change of rules;  connected: a shop is, without which nobody more must
    stale_after_days  days without a sale after which a product is held, null for never;  stale_line: where that stands in the text
    stricter   rules that allow more than a guard lets through
    fees       what each channel takes of every product; empty before there is a run;  tax_rate: inside prices, where it is one for all
    caution    how far prices may move that rest mostly on similar products;  cautious: its form, where it was filled in and cannot be kept
    """

    text: str
    base: str
    draft: str = ""
    draft_name: str = ""
    stale: bool = False
    trouble: Trouble | None = None
    rules: list[RuleShown] = []
    currency: str = ""
    editable: bool = True
    kinds: list[Kind] = []
    adding: str = ""
    settings: list[Setting] = []
    lines: list[Line] = []
    difference: Difference | None = None
    working: bool = False
    clashes: list[Clash] = []
    run: str = ""
    versions: list[Version] = []
    drafts: list[ListedDraft] = []
    rule_people: int = 2
    connected: bool = True
    stale_after_days: int | None = None
    stale_line: int | None = None
    stricter: list[Stricter] = []
    tax_rate: float | None = None
    fees: list[FeesPolicy] = []
    caution: Caution | None = None
    typed: Typed | None = None
    cautious: Unkept | None = None


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """draft: one's own draft to be shown; add: kind of rule whose form is shown; dry: `1` to see what the draft changes in prices;
    every: with all prices that differ; typed, cautious: a form of a rule, or of `caution`, that could not be kept, as JSON."""

    draft: str = ""
    add: str = ""
    dry: bool = False
    every: bool = False
    typed: str = ""
    cautious: str = ""


def rules(reading: Reading, kept: Kept, owner: str, wanted: Wanted) -> Rules:
    """Raises UnknownChoice for a draft that is not there."""
    now = text_of(reading.folder)
    name, draft = drafts.get(kept, owner, wanted.draft) if wanted.draft else ("", drafts.Draft(now, drafts.digest(now)))
    trouble, policy = _tried(draft.text)
    run = reading.latest()
    old = _tried(now)[1]
    difference, working = None, False
    if wanted.dry and policy is not None and old is not None and run is not None:
        whole = difference_of(reading, run, old, policy)
        difference = None if whole is None else as_shown(reading, whole, wanted.every)
        working = difference is None
    told = compare(now, draft.text)
    return Rules(
        text=draft.text,
        base=draft.base,
        draft=wanted.draft,
        draft_name=name,
        stale=draft.base != drafts.digest(now),
        trouble=trouble,
        rules=shown(draft.text, policy, reading, run),
        currency=policy.currency if policy else "",
        editable=policy is None or len(blocks(draft.text)) == len(policy.rules),
        kinds=kinds(),
        adding=wanted.add,
        settings=told.settings,
        lines=told.lines,
        difference=difference,
        working=working,
        clashes=run_clashes(reading, run),
        run=run or "",
        versions=versions(reading),
        drafts=drafts.listed(kept, owner),
        rule_people=(old or Policy(currency="EUR")).approval.changed_people,
        connected=old is None or bool(old.shops),
        stale_after_days=policy.data.stale_after_days if policy else None,
        stale_line=line_of(draft.text, f"$.{UNSOLD}") if policy and policy.data.stale_after_days else None,
        stricter=stricter(policy, draft.text) if policy else [],
        fees=fees(policy.fees, reading.run(run).decided["channel"]) if policy and run else [],
        tax_rate=policy.data.tax_rate if policy and policy.tax == "gross" else None,
        caution=caution(policy, draft.text) if policy else None,
        typed=typed_again(reading, draft.text, wanted.typed),
        cautious=unkept(wanted.cautious),
    )


def _tried(text: str) -> tuple[Trouble | None, Policy | None]:
    try:
        return None, checked(text)
    except PricesmithError as error:
        return trouble_of(text, error), None


def trouble_of(text: str, error: PricesmithError) -> Trouble:
    """The place of an error in a text: its line, and the rule in which it is."""
    place, line = _PLACE.search(error.where), _LINE.search(error.where)
    number = int(line[1]) if line else line_of(text, place[0]) if place else None
    rule = int(place[2]) if place and place[2] else None
    return Trouble(error.what, error.where, error.hint, number, rule)


def shown(text: str, policy: Policy | None, reading: Reading, run: str | None) -> list[RuleShown]:
    """The rules of a text; none where it cannot be read."""
    if policy is None:
        return []
    unused = {one.number: one for one in idle(policy.rules, reading.replayed(run).snapshot.items)} if run else {}
    found = []
    for number, (name, rule) in enumerate(zip(names_of(policy.rules), policy.rules, strict=True)):
        values = plain(rule)
        own = {one.name: as_text(values.get(one.name)) for one in fields(type(rule))}
        own |= {"endings": ", ".join(endings_shown(values["endings"], policy.currency))} if "endings" in own else {}
        found.append(
            RuleShown(
                number=number,
                name=name,
                kind=rule.kind,
                settings=values,
                values=own,
                where=dict(rule.where),
                hard=rule.hard,
                priority=rule.priority,
                line=line_of(text, f"$.rule[{number}]"),
                idle=number in unused and not unused[number].excepts,
                together=binds((rule,)),
                unmatched=unused.get(number),
                unmatched_told=f"shop.toml: {told(unused[number])}" if number in unused else "",
            )
        )
    return found


def run_clashes(reading: Reading, run: str | None) -> list[Clash]:
    """Products of the last run for which its rules left no price."""
    return clashes(reading.run(run).decided) if run else []


def as_shown(reading: Reading, whole: Difference, every: bool) -> Difference:
    """Beside what the files are by now, with the products that are listed."""
    shown_: Difference = msgspec.structs.replace(whole, differs=first(whole.differs, every), files_since=files_since(reading, whole.run))
    return shown_


def difference_of(reading: Reading, run: str, old: Policy, new: Policy) -> Difference | None:
    """The run decided under both settings; None while it is being worked out."""
    before, after = (_decided(reading, run, policy) for policy in (old, new))
    if before is None or after is None:
        return None
    name = f"rules {run} {drafts.digest(repr(old))} {drafts.digest(repr(new))}"
    known = before, after
    found: Difference | None = reading.replies.ask(name, lambda: _difference(reading, run, (old, new), known), patience(reading, run))
    if found is None:
        return None
    everywhere, at = np.ones(after.decided.items.height, dtype=bool), reading.now()
    held = foreseen_under(reading, reading.run(run), drafts.digest(repr(new)), after.decided, everywhere, at)
    return msgspec.structs.replace(found, foreseen=held)


def _difference(reading: Reading, run: str, policies: tuple[Policy, Policy], decided: tuple[Again, Again]) -> Difference:
    before, after = decided
    everywhere = np.ones(before.decided.items.height, dtype=bool)
    found = side_by_side(before.decided, after, everywhere)
    currency = reading.run(run).currency
    major = 10.0 ** exponent(currency)
    one, other = (flat(policy) for policy in policies)
    differ = [place for place in dict.fromkeys([*one, *other]) if one.get(place) != other.get(place)]
    later = [place for place in differ if place.startswith(LATER) and not place.startswith((UNSOLD, MAX_MOVE))]
    return Difference(
        run, currency, sums(found, everywhere, major), against(found, major), int(differing(found, everywhere).sum()),
        differs(found, everywhere, major), clashes(after.decided.decisions), later,
        holds(before.decided.decisions, after.decided.decisions),
    )  # fmt: skip


def _decided(reading: Reading, run: str, policy: Policy) -> Again | None:
    stored = reading.replayed(run)
    if policy == stored.policy:
        return Again(stored.decided)
    items: pl.DataFrame = stored.snapshot.items
    name = f"rules {run} {drafts.digest(repr(policy))}"
    found: Again | None = reading.anew.ask(name, lambda: again(reading, run, policy, items, {}), patience(reading, run))
    return found
