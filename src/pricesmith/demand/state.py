"""What the model remembers: frozen records of arrays, saved as tables and read back bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.errors import DataError
from pricesmith.contracts.snapshot import Snapshot

from .design import ITEM_EFFECTS, Shared
from .promotion_kinds import Kinds

KEYS = ("sku", "channel", "region")

UNSEEN = ("own_share", "rows", "cost_moved", "level_shift")
"""Columns that are 0 for an item that was not in the training."""


@dataclass(frozen=True)
class State:
    """Learned demand of n items.

    items    one row an item: keys, category, family, reference price, per effect `<effect>`, `<effect>_variance`, `<effect>_prior`,
             `<effect>_prior_variance`, and level_shift, level_variance, dispersion, rival_mean, rows, cost_moved
    shared   one row a (category, column): value; categories as in `items`
    facts    everything else, as JSON: form, dispersion, variances, tops, spreads, shared design, tests
    """

    items: pl.DataFrame
    shared: pl.DataFrame
    facts: dict[str, object]

    @property
    def design(self) -> Shared:
        plain = self.facts["design"]
        assert isinstance(plain, dict)
        days = tuple(tuple(int(day) for day in row) for row in plain["event_days"])
        return Shared(str(plain["period"]), int(plain["harmonics"]), tuple(plain["events"]), days)

    def number(self, name: str) -> float:
        """A fact that is one number."""
        value = self.facts[name]
        assert isinstance(value, int | float)
        return float(value)

    @cached_property
    def kinds(self) -> Kinds:
        """Kinds of promotion that have effects."""
        names = self.facts.get("promotion_kinds", [])
        assert isinstance(names, list)
        return Kinds(tuple(names))

    @cached_property
    def _by_category(self) -> tuple[pl.DataFrame, Floats]:
        """Row of each category path, and (c + 1, p + k) shared effects of these rows; the last is the mean over categories."""
        names = [*self.design.names, *self.kinds.columns]
        wide = self.shared.filter(pl.col("name").is_in(names)).pivot("name", index="category", values="value")
        if not names or wide.is_empty():
            return pl.DataFrame(schema={"category": pl.String, "row": pl.UInt32}), np.zeros((1, len(names)))
        usual = wide.select(names).mean()
        effects = pl.concat([wide.select(pl.col(name).fill_null(usual[name].item()) for name in names), usual])
        return wide.select("category").with_row_index("row"), effects.to_numpy().astype(float)

    def shared_of(self, categories: pl.Series) -> Floats:
        """(n, p) shared effects of each category path; the mean over categories where a path is unknown."""
        return self._of(categories)[:, : len(self.design.names)]

    def lifts_of(self, categories: pl.Series) -> Floats:
        """(n, 1 + k) what each kind of promotion adds to the log lift of the usual one, the first, in each category path."""
        return np.pad(self._of(categories)[:, len(self.design.names) :], ((0, 0), (1, 0)))

    def _of(self, categories: pl.Series) -> Floats:
        rows, effects = self._by_category
        found = categories.to_frame("category").join(rows, on="category", how="left", maintain_order="left")["row"]
        return np.asarray(effects[found.fill_null(len(effects) - 1).to_numpy()])


def no_later(state: State, snapshot: Snapshot) -> None:
    """Raise DataError where the model has seen days that the snapshot has not: what it says of them would be hindsight."""
    learned = str(state.facts.get("as_of", ""))
    if learned > snapshot.as_of.isoformat():
        what = f"the model was learned as of {learned}, after the day of the snapshot ({snapshot.as_of}): it has seen what came later"
        raise DataError(
            what, hint=f"learn from what was known then: learn(snapshot, policy) with a snapshot as of {snapshot.as_of} or earlier"
        )


def to_tables(state: State) -> dict[str, pl.DataFrame]:
    """The state as tables."""
    return {
        "items": state.items,
        "shared": state.shared,
        "facts": pl.DataFrame({"name": ["facts"], "json": [json.dumps(state.facts, sort_keys=True)]}),
    }


def from_tables(tables: Mapping[str, pl.DataFrame]) -> State:
    """The state again."""
    return State(tables["items"], tables["shared"], json.loads(tables["facts"]["json"].item()))


@dataclass(frozen=True, slots=True)
class Known:
    """What is believed of each of n items as of a snapshot; all arrays (n,).

    Effects of items that were not in the training come from their family, category or the shop.
    """

    values: dict[str, Floats]
    reference: Floats
    seen: np.ndarray

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]

    def part(self, rows: Ints) -> Known:
        """The same of some of the items."""
        return Known({name: column[rows] for name, column in self.values.items()}, self.reference[rows], self.seen[rows])


def recall(state: State, items: pl.DataFrame, reference: Floats) -> Known:
    """Each item's learned values by its keys; unknown ones from the category's priors, else the shop's."""
    numbers = [name for name, kind in state.items.schema.items() if kind == pl.Float64]
    left = items.select(*KEYS, "category")
    joined = left.join(state.items.drop("category"), on=list(KEYS), how="left", maintain_order="left")
    seen = joined["reference"].is_not_null().to_numpy()
    joined = joined.select(numbers)
    if joined.null_count().sum_horizontal().item():
        joined = _filled(state, joined, left.select("category"))
    values = {name: joined[name].to_numpy().astype(float) for name in numbers}
    return Known(values, np.where(seen, values["reference"], reference), seen)


def _filled(state: State, joined: pl.DataFrame, category: pl.DataFrame) -> pl.DataFrame:
    """What is not known of an item: 0 for what only training gives, else its category's prior, else the shop's."""
    priors = _category_priors(state, joined.columns)
    usual = category.join(priors, on="category", how="left", maintain_order="left")
    whole = _shop_priors(state, joined.columns)
    return joined.with_columns(
        column.fill_null(0.0) if column.name in UNSEEN else column.fill_null(usual[column.name]).fill_null(whole[column.name])
        for column in joined
    )


def _prior_of(name: str) -> str:
    """The column that tells what an item without data has for this one."""
    for effect in ITEM_EFFECTS:
        if name == effect:
            return f"{effect}_prior"
        if name == f"{effect}_variance":
            return f"{effect}_prior_variance"
    return name


def _category_priors(state: State, numbers: list[str]) -> pl.DataFrame:
    return state.items.group_by("category").agg([pl.col(_prior_of(name)).median().alias(name) for name in numbers])


def _shop_priors(state: State, numbers: list[str]) -> dict[str, float]:
    row = state.items.select([pl.col(_prior_of(name)).median().alias(name) for name in numbers])
    return {name: float(row[name].item() or 0.0) for name in numbers}
