"""What every guard must keep to, ours and those of other packages.

    check_guard(MyGuard())

raises AssertionError with the law that is broken.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.guard import Guard, State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES

from .changes import NOW, clean_changes, hard_changes, open_state

CODE = re.compile(r"[a-z][a-z0-9_]*")
NAN = float("nan")
UNREADABLE: tuple[dict[str, Any], ...] = (
    {"stopped": None},
    {"attested": None},
    {"shadow_days": NAN},
    {"wave": NAN},
    {"index_hour": NAN, "index_day": NAN},
    {"orders": None, "usual": None},
    {"usual": NAN},
    {"margin_change": NAN, "wave": 0.5},
    {"mismatches": NAN},
    {"clock_skew": None},
    {"clock_skew": NAN},
    {"rates": {"USD": NAN}},
    {"rates": {"USD": 0.9}},
    {"revenue": NAN},
)
"""States of which a part cannot be read."""


def check_guard(guard: Guard, *, seeds: int = 3, count: int = 300) -> None:
    """Hold a guard against every law."""
    check_documented(guard)
    check_nulls(guard)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for changes in (clean_changes(rng, count), hard_changes(rng, count), hard_changes(rng, 1), hard_changes(rng, 0), CHANGES.empty()):
            for state in (open_state(), State(NOW, "web", "EUR"), *(open_state(**unreadable) for unreadable in UNREADABLE)):
                check_answer(guard, changes, state, rng.permutation(changes.height))
        clean = judged(guard, clean_changes(rng, count), open_state())
        assert not clean.stop and (clean.held == "").all(), f"{guard.number}: holds what is clean"


def check_documented(guard: Guard) -> None:
    """A page about the guard can be written from it alone."""
    name = type(guard).__name__
    assert re.fullmatch(r"[A-Z][0-9]+", guard.number), f"{name}: its number is a letter and digits"
    assert re.match(r"[A-Z0-9].{20,}", guard.incident), f"{name}: names the incident that it would have stopped"
    first = inspect.cleandoc(type(guard).__doc__ or "").split("\n")[0]
    assert re.match(r"(Holds|Stops) .{10,}", first), f"{name}: the docstring starts with what it holds or stops"
    assert guard.codes and all(CODE.fullmatch(code) and meaning for code, meaning in guard.codes.items()), f"{name}: codes have meanings"
    assert set(guard.reads) <= set(CHANGES.schema), f"{name}: reads columns of CHANGES"
    assert isinstance(guard.counts, bool), f"{name}: counts is True or False"


def judged(guard: Guard, changes: pl.DataFrame, state: State) -> Verdict:
    """The guard's verdict, its form checked: one known code a row, and nothing done to the table."""
    before = changes.clone()
    verdict = guard.judge(changes, state, GuardPolicy())
    assert changes.equals(before), f"{guard.number}: must not alter the table"
    held = verdict.held
    assert isinstance(held, np.ndarray) and held.dtype == object and held.shape == (changes.height,), f"{guard.number}: one code a row"
    assert {*held, verdict.stop} - {""} <= set(guard.codes), f"{guard.number}: gives only the codes that it lists"
    assert verdict.stop or not verdict.everything, f"{guard.number}: stops everything only where it stops"
    return verdict


def check_answer(guard: Guard, changes: pl.DataFrame, state: State, order: np.ndarray) -> None:
    """Twice the same question, twice the same answer; the order of the rows changes nothing."""
    first, again, moved = (judged(guard, table, state) for table in (changes, changes, changes[order]))
    assert first.stop == again.stop == moved.stop, f"{guard.number}: another answer to the same question"
    assert first.everything == again.everything == moved.everything, f"{guard.number}: another answer to the same question"
    assert (first.held == again.held).all(), f"{guard.number}: another answer to the same question"
    assert (first.held[order] == moved.held).all(), f"{guard.number}: the verdict depends on the order of the rows"


def check_nulls(guard: Guard, count: int = 20) -> None:
    """A column that the guard reads is missing, empty or no number: every price is held, or the channel stops."""
    changes = clean_changes(np.random.default_rng(7), count)
    for name in guard.reads:
        kind = changes.schema[name]
        values = [None, *([NAN, float("inf"), float("-inf")] if kind.is_float() else [])]
        for value in values:
            verdict = judged(guard, changes.with_columns(pl.lit(value, kind).alias(name)), open_state())
            assert verdict.stop or (verdict.held != "").all(), f"{guard.number}: {name} = {value} lets a price through"
