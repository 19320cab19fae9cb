"""Every registered guard keeps to every law of guards; together they are all there, and none can be left out."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts import registry
from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.registry import Registry
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards import GUARDS
from pricesmith.guards.gate import NUMBERS, WAITS, ask, gate
from pricesmith.testing.changes import NOW, clean_changes, hard_changes, open_state
from pricesmith.testing.check_guard import check_guard

OPTIONAL = {"min_price", "max_price", "exception_floor", "frozen_until", "revenue", *CHANGES.key}
"""Columns whose empty cells say "none", and the keys, which are never empty."""
MUST_BE_KNOWN = (
    *("price", "currency", "current_price", "tax_rate", "fee_rate", "payment_rate", "discount_share", "landed_cost", "median_30d"),
    *("low_24h", "high_24h", "price_7d", "changes_24h", "changed_at", "cost_at", "needs", "agreed", "rank"),
)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_guard(name: str) -> None:
    check_guard(GUARDS[name])


def test_all_are_there_and_their_codes_differ() -> None:
    assert sorted(guard.number for guard in GUARDS.values()) == sorted(NUMBERS)
    codes = [code for guard in GUARDS.values() for code in guard.codes]
    assert set(WAITS) <= set(codes)
    assert len({guard.incident for guard in GUARDS.values()}) == len(GUARDS)


class Careless:
    """Holds nothing, and breaks every law of form that it can."""

    number = "G1"
    incident = "It would have stopped nothing at all."
    codes = {"never": "never given"}
    reads = ("price",)
    counts = False

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        return Verdict.none(changes.height)


class Moody(Careless):
    """Holds the first row, whichever it is."""

    reads = ()

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        verdict = Verdict.none(changes.height)
        if changes.height > 1 and changes["price"].null_count():
            verdict.held[0] = "never"
        return verdict


class Wordy(Careless):
    """Holds with a code that it does not list."""

    reads = ()

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Verdict:
        return Verdict(Verdict.none(changes.height).held, "surprise")


@pytest.mark.parametrize(("guard", "law"), [(Careless(), "lets a price through"), (Moody(), "order of the rows"), (Wordy(), "lists")])
def test_suite_finds_a_broken_guard(guard: Careless, law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_guard(guard)


def test_another_package_can_add_but_not_replace(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("local_law", "tests.conformance.test_guards:Careless", "pricesmith.guards")]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    more: Registry = Registry("pricesmith.guards", "GUARD", "guard")
    assert set(more) == {*GUARDS, "local_law"}
    points[0] = EntryPoint("hard_floor", "tests.conformance.test_guards:Careless", "pricesmith.guards")
    with pytest.raises(Exception, match="two guards are named"):
        len(Registry("pricesmith.guards", "GUARD", "guard"))


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_without_any_one_of_them_nothing_leaves(name: str) -> None:
    rest = {other: guard for other, guard in GUARDS.items() if other != name}
    gated = ask(rest, clean_changes(np.random.default_rng(1), 30), open_state(), GuardPolicy())
    assert not gated.leaves.any()
    assert gated.stop == "guard_missing"
    assert gated.stops[0].guard == GUARDS[name].number


def test_clean_changes_leave() -> None:
    for seed in range(5):
        gated = gate(clean_changes(np.random.default_rng(seed), 400), open_state(), GuardPolicy())
        assert gated.leaves.all()
        assert not gated.stops


@pytest.fixture(scope="module")
def spoilt() -> tuple[pl.DataFrame, np.ndarray]:
    """Changes of every kind, and which of them leave alone in their batch."""
    changes = hard_changes(np.random.default_rng(3), 400)
    return changes, single(changes)


@pytest.mark.parametrize("column", [column for column in CHANGES.schema if column not in OPTIONAL])
def test_an_empty_cell_never_lets_a_price_through(column: str, spoilt: tuple[pl.DataFrame, np.ndarray]) -> None:
    """P03 for every column: of spoilt changes one at a time, what was held stays held; of clean ones, what must be known holds."""
    changes, before = spoilt
    kind = changes.schema[column]
    for nothing in (None, float("nan")) if kind.is_float() else (None,):
        emptied = changes.with_columns(pl.lit(nothing, kind).alias(column))
        assert not (single(emptied) & ~before).any()


def single(changes: pl.DataFrame) -> np.ndarray:
    """(n,) True where each change, alone in its batch, leaves."""
    return np.array([gate(changes[row], open_state(), GuardPolicy()).leaves[0] for row in range(0, changes.height, 16)])


@pytest.mark.parametrize("column", MUST_BE_KNOWN)
def test_what_must_be_known_holds(column: str) -> None:
    changes = clean_changes(np.random.default_rng(4), 30)
    kind = changes.schema[column]
    for nothing in (None, float("nan")) if kind.is_float() else (None,):
        gated = gate(changes.with_columns(pl.lit(nothing, kind).alias(column)), open_state(), GuardPolicy())
        assert not gated.leaves.any()


def test_a_state_of_which_nothing_is_known_lets_nothing_leave() -> None:
    gated = gate(clean_changes(np.random.default_rng(5), 30), State(NOW, "web", "EUR"), GuardPolicy())
    assert not gated.leaves.any()
    assert {stop.code for stop in gated.stops} == {"switch_unreadable", "not_attested"}
