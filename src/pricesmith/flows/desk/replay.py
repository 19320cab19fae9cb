"""A recorded run decided again in another way: the stored snapshot and model, with other settings, another world, or a person's prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import polars as pl

from pricesmith import engine
from pricesmith.contracts.curves import Ints
from pricesmith.contracts.errors import Contradiction
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import DemandModel
from pricesmith.contracts.tables import DECISIONS
from pricesmith.demand import MODELS
from pricesmith.flows.publishing import contents
from pricesmith.flows.publishing.rederive import rows_of
from pricesmith.flows.publishing.runs import Facts

from .nearest import CAUTION, STEPS, refusing
from .reading import Reading

KEY = list(DECISIONS.key)


@dataclass(frozen=True, slots=True)
class Again:
    """The run in another way.

    given_up  SKUs of products whose price a person had set, which the other settings do not allow: they are decided like the rest
    refused   row -> (price asked for, why it could not be published, what to do); `prices` has it all the same, `decided` has not
    """

    decided: engine.Decided
    given_up: tuple[str, ...] = ()
    refused: Mapping[int, tuple[int, str, str]] = field(default_factory=dict)

    @property
    def prices(self) -> Ints:
        """(n,) price of each item, minor units, 0 where none is known."""
        found = prices_of(self.decided)
        for row, (price, _, _) in self.refused.items():
            found[row] = price
        return found


def model_of(reading: Reading, run: str) -> DemandModel:
    """The model of a run, from the ledger."""
    row, policy = reading.run(run).row, reading.run(run).policy
    names = msgspec.json.decode(str(row["model"]), type=dict[str, str])
    return MODELS[policy.model.name].from_tables(contents.to_tables(reading.book, names))


def again(reading: Reading, run: str, policy: Policy, items: pl.DataFrame, prices: Mapping[int, int]) -> Again:
    """Decide the run with these settings and products, then set the prices that people had set and those asked for now."""
    before = reading.replayed(run)
    snapshot = replace(before.snapshot, items=items)
    if items is before.snapshot.items and policy.horizon_days == before.policy.horizon_days:
        decided = engine.decide_by(snapshot, before.decided.shop.demand, policy)
    else:
        decided = engine.decide(snapshot, model_of(reading, run), policy)
    facts = msgspec.json.decode(str(reading.run(run).row["facts"]), type=Facts)
    given_up = []
    for one in facts.overrides:
        try:
            decided = engine.revise(decided, rows_of(items, [one]))
        except Contradiction:
            given_up.append(one.sku)
    refused = {}
    for row, price in prices.items():
        try:
            _check_rules(decided, row, price)
            decided = engine.revise(decided, {row: price})
        except Contradiction as error:
            refused[row] = (price, error.what, error.hint)
    return Again(decided, tuple(given_up), refused)


def _check_rules(decided: engine.Decided, row: int, price: int) -> None:
    """Raises Contradiction where somebody who sets this price would be refused it for the product's own rules, soft ones among them."""
    rules = [name for name in refusing(decided, row, price) if name not in (STEPS, CAUTION)]
    if rules:
        raise Contradiction("price", f"would break {', '.join(rules)}", "`explain` shows the limits of every rule")


def prices_of(decided: engine.Decided) -> Ints:
    """(n,) price of each item in minor units under a run: the decided one, else the current one; 0 where none is known."""
    chosen = decided.decisions.select(*KEY, "price")
    table = decided.items.select(*KEY, "current_price").join(chosen, on=KEY, how="left", maintain_order="left")
    return table.select(pl.coalesce("price", "current_price").fill_null(0)).to_series().to_numpy().astype(np.int64, copy=True)
