"""A person sets a price in place of the one decided: a new run, under the same rules, that somebody else approves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl

from pricesmith import engine, revision
from pricesmith.contracts.errors import LedgerError, PricesmithError, UsageError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.money import format_minor
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import DECISIONS
from pricesmith.demand import MODELS
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.facts import Facts, Override
from pricesmith.flows.publishing.history.record import Made, record
from pricesmith.flows.publishing.history.rederive import rederive, rows_of
from pricesmith.flows.publishing.measured.departures import beside, departures, left, root_of
from pricesmith.flows.publishing.sending.undo import way_back
from pricesmith.rules.together import Broken

from .approval import MACHINE, run_row
from .own_price import Verdict, began_with, bound, breaking, forbidden, judged, stands_already


class ForbiddenError(PricesmithError):
    """Prices that nobody may set.

    key      the product whose price cannot be, with its verdict; None where each may be set, but not all at once
    broken   rules over several products that the prices would break
    """

    def __init__(self, price: str, key: Key | None, verdict: Verdict, broken: Sequence[Broken] = (), hint: str = "") -> None:
        self.price, self.key, self.verdict, self.broken = price, key, verdict, broken
        names = verdict.barred or tuple(dict.fromkeys(one.rule for one in broken))
        what = f"no price may be set: {verdict.hold}" if verdict.hold else forbidden(price, ", ".join(names))
        what = began_with(price) if verdict.same else what
        super().__init__(what, where=" ".join(key) if key else "", hint=hint or "`explain` shows the limits of every rule")


@dataclass(frozen=True, slots=True)
class Overridden:
    """The run that was recorded; `new` as of Recorded. against: what prices go against that may give way, see `Verdict`."""

    run: str
    new: bool
    against: Mapping[Key, tuple[str, ...]]


def override(
    ledger: Ledger, run: str, wanted: Mapping[Key, int], *, by: str, why: str | Mapping[Key, str], at: dt.datetime, code: str
) -> Overridden:
    """Record a run like `run` with these prices (minor units). Who sets them is its requester, so somebody else must approve it; where one
    person runs the shop nobody is, and the facts of the run say who set them. why: one reason for all of them, or that of each.

    Rules over several products are judged beside what people made of the run by now, see `departures`, and the rest as it proposes.
    Raises ForbiddenError where a price cannot be.
    """
    whys = dict.fromkeys(wanted, why) if isinstance(why, str) else why
    if not by.strip() or not all(whys[key].strip() for key in wanted):
        raise UsageError("an override needs a name and a reason", hint="--by NAME --why TEXT")
    row, root = run_row(ledger, run), root_of(ledger, run)
    again, said = rederive(ledger, root), departures(ledger, root, at)
    if again.differing.height:
        raise LedgerError(
            "the run is not as it would be decided again", where=root, hint="`pricesmith audit DIR --verify`; has the program changed?"
        )
    against = _judged(ledger, left(again.decided, said), wanted, again.snapshot.currency)
    facts = _facts(msgspec.json.decode(str(row["facts"]), type=Facts), said, wanted, by, whys)
    items, count = again.decided.items, len(wanted)
    standing = revision.suppose(again.decided, rows_of(items, facts.beside))
    standing = revision.suppose(standing, rows_of(items, facts.overrides[:-count]), "override")
    decided = revision.revise(standing, dict(zip(rows_of(items, facts.overrides[-count:]), wanted.values(), strict=True)))
    names = msgspec.json.decode(str(row["model"]), type=dict[str, str])
    model = MODELS[again.policy.model.name].from_tables(contents.to_tables(ledger, names))
    text = contents.read(ledger, [str(row["policy"])])[str(row["policy"])].decode()
    made = Made(again.snapshot, again.policy, text, model, decided)
    asker = MACHINE if again.policy.approval.alone else by
    recorded = record(ledger, made, at=at, by=asker, code=code, facts=facts, kind="override", parent=run)
    return Overridden(recorded.run, recorded.new, against)


def _facts(facts: Facts, said: pl.DataFrame, wanted: Mapping[Key, int], by: str, whys: Mapping[Key, str]) -> Facts:
    """Facts of the run with these prices: beside them the own prices of the run before that still stand, and what else people said.

    said  of `departures`
    """
    now = {Key(*one[:3]): one[3] for one in said.iter_rows()}
    before = ((Key(one.sku, one.channel, one.region), one) for one in facts.overrides)
    stand = {key: one for key, one in before if key not in wanted and now.get(key) == one.price}
    fresh = (Override(**key._asdict(), price=price, by=by, why=whys[key]) for key, price in wanted.items())
    rest = [one for one in beside(said) if (key := Key(one.sku, one.channel, one.region)) not in wanted and key not in stand]
    return msgspec.structs.replace(facts, overrides=(*stand.values(), *fresh), beside=tuple(rest))


def instead(ledger: Ledger, key: Key, price: int) -> str:
    """What to do to have the price that a run began with: where the price of a run took its place in the shop, take that one back."""
    run = way_back(ledger, key, price)
    if run is None:
        return "reject the proposal to keep it; where there is none it stays as it is"
    return f"the price of run {run} stands in the shop: take it back to have this one again"


def _judged(ledger: Ledger, decided: engine.Decided, wanted: Mapping[Key, int], currency: str) -> dict[Key, tuple[str, ...]]:
    """By product: what its price goes against that may give way. Raises ForbiddenError where nobody may set one, or all at once."""
    numbers = {Key(*key): number for number, key in enumerate(decided.items.select(DECISIONS.key).iter_rows())}
    items, prices = np.array([numbers[key] for key in wanted]), np.array(list(wanted.values()), dtype=np.int64)
    verdicts = dict(zip(wanted, judged(decided, items, prices), strict=True))
    for key, verdict in verdicts.items():
        if verdict.same or verdict.hold or verdict.barred:
            hint = instead(ledger, key, wanted[key]) if verdict.same else ""
            raise ForbiddenError(f"{format_minor(wanted[key], currency)} {currency}", key, verdict, hint=hint)
    known = bound(decided)
    if (prices == known.prices[items]).all():
        first = f"{format_minor(int(prices[0]), currency)} {currency}"
        raise UsageError(stands_already(first if len(wanted) == 1 else f"each of {len(wanted)} prices"))
    (broken,) = breaking(decided, known, items, prices[None, :])
    if broken:
        one = len(wanted) == 1
        said = f"{format_minor(int(prices[0]), currency)} {currency}" if one else f"{len(wanted)} prices together"
        raise ForbiddenError(said, next(iter(wanted)) if one else None, Verdict(), broken)
    return {key: verdict.against for key, verdict in verdicts.items() if verdict.against}
