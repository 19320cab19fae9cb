"""A recorded run decided again in another way: the stored snapshot and model, with other settings, another world, or a person's prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import polars as pl

from pricesmith import engine, revision
from pricesmith.contracts.curves import Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.demand import MODELS
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.answers.own_price import Verdict, bound, breaking, judged, prices_of
from pricesmith.flows.publishing.history import contents
from pricesmith.flows.publishing.history.facts import Beside, Facts, Override
from pricesmith.flows.publishing.history.rederive import rows_of
from pricesmith.flows.publishing.measured.departures import left
from pricesmith.rules.together import Broken


@dataclass(frozen=True, slots=True)
class Own:
    """A price that was asked for, minor units, and what stands against it: for its product by itself, and over several products."""

    price: int
    verdict: Verdict
    broken: tuple[Broken, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nobody may set it."""
        return bool(self.verdict.same or self.verdict.hold or self.verdict.barred or self.broken)


@dataclass(frozen=True, slots=True)
class Again:
    """The run in another way.

    given_up  SKUs of products whose price a person had set, which the other settings do not allow: they are decided like the rest
    own       row -> the price asked for; `prices` has it in any case, `decided` only where it is lawful beside the whole run
    """

    decided: engine.Decided
    given_up: tuple[str, ...] = ()
    own: Mapping[int, Own] = field(default_factory=dict)

    @property
    def prices(self) -> Ints:
        """(n,) price of each item, minor units, 0 where none is known."""
        found = prices_of(self.decided)
        for row, one in self.own.items():
            found[row] = one.price
        return found


def model_of(reading: Reading, run: str) -> DemandModel:
    """The model of a run, from the ledger."""
    row, policy = reading.run(run).row, reading.run(run).policy
    names = msgspec.json.decode(str(row["model"]), type=dict[str, str])
    return MODELS[policy.model.name].from_tables(contents.to_tables(reading.book, names))


def snapshot_of(reading: Reading, run: str) -> Snapshot:
    """The shop as a run saw it, from the ledger; the run is not decided again."""
    return contents.to_snapshot(reading.book, msgspec.json.decode(str(reading.run(run).row["snapshot"]), type=dict[str, str]))


def again(
    reading: Reading, run: str, policy: Policy, items: pl.DataFrame, prices: Mapping[int, int], said: pl.DataFrame | None = None
) -> Again:
    """Decide the run with these settings and products, then set the prices that people had set and those asked for now.

    said  of `departures`: beside what people made of the run the prices that are asked for are judged
    """
    before = reading.replayed(run)
    snapshot = replace(before.snapshot, items=items)
    if items is before.snapshot.items and policy.horizon_days == before.policy.horizon_days:
        decided = engine.decide_by(snapshot, before.decided.shop.demand, policy)
    else:
        decided = engine.decide(snapshot, model_of(reading, run), policy)
    facts = msgspec.json.decode(str(reading.run(run).row["facts"]), type=Facts)
    given_up = []
    kept = [one for one in facts.beside if one.price is None]
    decided = revision.suppose(decided, rows_of(items, kept)) if kept else decided
    people: list[Beside | Override] = [*(one for one in facts.beside if one.price is not None), *facts.overrides]
    for one in people:
        try:
            decided = _with(decided, items, one)
        except Contradiction:
            given_up.append(one.sku)
    own = {}
    for row, price in prices.items():
        own[row] = _own(decided if said is None else _left(decided, said), row, price)
        decided = decided if own[row].refused else _revised(decided, row, price)
    return Again(decided, tuple(given_up), own)


def _with(decided: engine.Decided, items: pl.DataFrame, one: Override | Beside) -> engine.Decided:
    """The run with what people said of a product. Raises Contradiction where these settings do not allow it."""
    said = rows_of(items, [one])
    return revision.suppose(decided, said) if isinstance(one, Beside) else revision.revise(decided, dict.fromkeys(said, one.price))


def _left(decided: engine.Decided, said: pl.DataFrame) -> engine.Decided:
    """The run with what people made of it; as it is where these settings do not allow that."""
    try:
        return left(decided, said)
    except Contradiction:
        return decided


def _revised(decided: engine.Decided, row: int, price: int) -> engine.Decided:
    """The run with the price; as it is where the price is lawful only beside what is left of the run."""
    try:
        return revision.revise(decided, {row: price})
    except Contradiction:
        return decided


def _own(decided: engine.Decided, row: int, price: int) -> Own:
    """What somebody who sets this price would be told."""
    (verdict,) = judged(decided, np.array([row]), np.array([price], dtype=np.int64))
    if verdict.same or verdict.hold or verdict.barred:
        return Own(price, verdict)
    (broken,) = breaking(decided, bound(decided), np.array([row]), np.array([[price]], dtype=np.int64))
    return Own(price, verdict, tuple(broken))
