"""The last gate: asks every guard about every change, and says which may leave.

A guard that is missing, fails or answers in another shape stops the channel: no answer is no permission.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Flags
from pricesmith.contracts.guard import Guard, State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES

from . import GUARDS
from .columns import undoing

NUMBERS = tuple(f"G{number}" for number in range(1, 20))
"""Guards without which no price leaves."""
BREAKER, CANARY, ENDS_CANARY = "G5", "G11", ("G5", "G6", "G7")
GATE = "gate"
"""Who stops the channel where the table cannot be read."""

WAITS = frozenset(
    {
        "approval_unknown",
        "canary_wait",
        "changes_day",
        "clock",
        "dwell",
        "frozen",
        "needs_two",
        "not_approved",
        "price_war",
        "rank_unknown",
        "shadow",
        "sku_stopped",
        "tripped",
        "wave_unreadable",
    }
)
"""Codes that say "not yet": time, a person or a reading may let the same price leave later. The others are about the price itself."""

HITS = pl.Schema(
    {
        "guard": pl.String(),
        "code": pl.String(),
        "sku": pl.String(),
        "channel": pl.String(),
        "region": pl.String(),
        "price": pl.Int64(),
        "stops": pl.Int8(),
    }
)
"""Columns of GUARD_HITS that the gate knows."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A reason for which the channel stops.

    everything  True where not even a price that stood before may be restored
    """

    guard: str
    code: str
    everything: bool


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gate lets through.

    leaves   (n,) True where the price may leave now
    reasons  (n,) object array: why not, the code of the first guard that holds the price or, where none does, stops the channel; "" where
             it leaves
    guards   (n,) object array: the number of that guard; "" where it leaves
    waits    (n,) True where the price may leave later as it is: the channel stops, or the reason is one of WAITS
    hits     rows for GUARD_HITS, schema HITS: each guard that holds a price, and each stop (null sku)
    stops    why the channel stops; empty where it need not
    caught   prices held by a guard that counts for the breaker: add it to the State's `caught`, and n to its `judged`
    """

    leaves: Flags
    reasons: Any
    guards: Any
    waits: Flags
    hits: pl.DataFrame
    stops: tuple[Stop, ...]
    caught: int

    @property
    def stop(self) -> str:
        """Why the channel stops, in one word; "" where it need not."""
        return self.stops[0].code if self.stops else ""


def gate(changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Gated:
    """Ask every guard about every row of table CHANGES."""
    return ask(GUARDS, changes, state, limits)


def ask(guards: Mapping[str, Guard], changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Gated:
    """Ask these guards; those of NUMBERS must be among them."""
    stops = _absent(guards, changes)
    if stops:
        return _gated(changes, {}, stops, 0)
    order = sorted(guards.values(), key=lambda guard: (int(guard.number[1:]), type(guard).__name__))
    answers = {guard: _judge(guard, changes, state, limits) for guard in order if guard.number != BREAKER}
    alarming, every = np.zeros(changes.height, dtype=np.bool_), np.zeros(changes.height, dtype=np.bool_)
    for guard, answer in answers.items():
        every |= answer.held
        alarming |= answer.held & guard.counts
    caught = int(alarming.sum())
    seen = replace(state, judged=state.judged + changes.height, caught=state.caught + caught)
    moving = _moving(changes, every)
    answers |= {guard: _judge(guard, moving, seen, limits) for guard in order if guard.number == BREAKER}
    answers = {guard: answers[guard] for guard in order}
    stops = [Stop(guard.number, answer.verdict.stop, answer.verdict.everything) for guard, answer in answers.items() if answer.verdict.stop]
    if state.wave < 1.0 and any(guard.number in ENDS_CANARY and (one.verdict.stop or one.held.any()) for guard, one in answers.items()):
        stops.append(Stop(CANARY, "canary_hit", False))
    return _gated(changes, answers, stops, caught)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A verdict, and (n,) True where it holds."""

    verdict: Verdict
    held: Flags


def _moving(changes: pl.DataFrame, held: Flags) -> pl.DataFrame:
    """The changes as the price index will see them: what is held stays at its price."""
    if not held.any():
        return changes
    return changes.with_columns(pl.when(pl.Series(held)).then("current_price").otherwise("price").alias("price"))


def _absent(guards: Mapping[str, Guard], changes: pl.DataFrame) -> list[Stop]:
    """Stops for guards that are not there and columns that are not as in CHANGES."""
    present = {guard.number for guard in guards.values()}
    stops = [Stop(number, "guard_missing", True) for number in NUMBERS if number not in present]
    given = changes.schema
    odd = any(given.get(column.name) != column.dtype for column in CHANGES.columns)
    return [*stops, *([Stop(GATE, "table_unreadable", True)] if odd else [])]


def _judge(guard: Guard, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> _Answer:
    """A guard's verdict; a stop of everything where it fails or answers in another shape."""
    try:
        verdict = guard.judge(changes, state, limits)
        fine = isinstance(verdict.held, np.ndarray) and verdict.held.shape == (changes.height,) and verdict.held.dtype == object
    except Exception:
        fine = False
    if not fine:
        verdict = Verdict(Verdict.none(changes.height).held, "guard_failed", everything=True)
    return _Answer(verdict, np.asarray(verdict.held != "", dtype=np.bool_))


def _gated(changes: pl.DataFrame, answers: Mapping[Guard, _Answer], stops: list[Stop], caught: int) -> Gated:
    count, ahead = changes.height, ~undoing(changes)
    reasons, guards = np.full(count, "", dtype=object), np.full(count, "", dtype=object)
    leaves, waits = np.ones(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    for stop in reversed(stops):
        kept = ahead | stop.everything
        reasons[kept], guards[kept], waits[kept], leaves[kept] = stop.code, stop.guard, True, False
    hits = []
    for guard, answer in reversed(list(answers.items())):
        held, codes = answer.held, answer.verdict.held
        if held.any():
            reasons[held], guards[held], leaves[held] = codes[held], guard.number, False
            waits[held] = [code in WAITS for code in codes[held]]
            hits.append(_rows(changes, guard, answer.verdict, held))
    return Gated(leaves, reasons, guards, waits, pl.concat([_stop_rows(stops), *reversed(hits)]), tuple(stops), caught)


def _rows(changes: pl.DataFrame, guard: Guard, verdict: Verdict, caught: Flags) -> pl.DataFrame:
    codes = pl.Series("code", list(verdict.held[caught]), dtype=pl.String)
    rows = changes.filter(pl.Series(caught)).select(*CHANGES.key, "price")
    return rows.with_columns(pl.lit(guard.number).alias("guard"), codes, pl.lit(0, pl.Int8).alias("stops")).select(HITS.names())


def _stop_rows(stops: list[Stop]) -> pl.DataFrame:
    return pl.DataFrame([{"guard": stop.guard, "code": stop.code, "stops": 1} for stop in stops], schema=HITS)
