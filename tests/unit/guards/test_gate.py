"""The gate: which of many reasons is given, what stops, what may still go back, and what is written down."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.guard import State, Verdict
from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.tables import CHANGES
from pricesmith.guards import GUARDS
from pricesmith.guards.gate import GATE, HITS, Stop, ask, gate
from pricesmith.testing.changes import clean_changes, open_state
from tests.unit.guards.cases import LIMITS, many, table

RNG = np.random.default_rng


def through(changes: pl.DataFrame, **state: Any) -> list[str]:
    return list(gate(changes, open_state(**state), LIMITS).reasons)


def test_the_first_guard_gives_the_reason_and_all_are_written_down() -> None:
    gated = gate(table({"price": 100, "agreed": 0}, {}), open_state(), LIMITS)
    assert list(gated.reasons) == ["below_floor", ""]
    assert list(gated.guards) == ["G1", ""]
    assert list(gated.leaves) == [False, True]
    assert list(gated.waits) == [False, False]
    assert gated.hits.schema == HITS
    assert gated.hits.select("guard", "code").rows() == HIT
    assert gated.hits.row(0, named=True) == {
        "guard": "G1",
        "code": "below_floor",
        "sku": "P00000",
        "channel": "web",
        "region": "DE",
        "price": 100,
        "stops": 0,
    }
    assert gated.caught == 1
    assert gated.stop == ""


def test_what_only_waits() -> None:
    gated = gate(table({"rank": 0.9}, {"rank": 0.1}, {"rank": 0.9, "price": 100}), open_state(wave=0.5), LIMITS)
    assert list(gated.reasons) == ["canary_wait", "canary_hit", "below_floor"]
    assert list(gated.waits) == [True, True, False]
    assert list(gated.guards) == ["G11", "G11", "G1"]
    assert gated.stops == (Stop("G11", "canary_hit", False),)


def test_a_caught_price_ends_the_canary_only_where_g5_to_g7_caught_it_and_waves_are_left() -> None:
    assert through(table({"rank": 0.1}, {"price": 1101}), wave=0.9) == ["", "step"]
    assert through(table({"rank": 0.1}, {"price": 2500}), wave=0.9)[0] == "canary_hit"
    assert through(table({"rank": 0.1}, {"price": 2500}), wave=1.0)[0] == ""
    assert through(table({"rank": 0.1}), wave=0.9, index_hour=1.0) == ["index_hour"]


def test_a_stop_lets_prices_go_back_unless_it_means_everything() -> None:
    rows = table({"undo": 1, "price": 700}, {})
    for state in ({"alarms": ("fire",)}, {"index_hour": 0.5}, {"orders": 99}, {"tripped": "breaker"}):
        assert list(gate(rows, open_state(**state), LIMITS).leaves) == [True, False]
    for state in ({"stopped": "by hand"}, {"stopped": None}, {"attested": False}, {"mismatches": 3}):
        assert list(gate(rows, open_state(**state), LIMITS).leaves) == [False, False]
    gated = gate(rows, open_state(stopped="by hand", alarms=("fire",)), LIMITS)
    assert [stop.guard for stop in gated.stops] == ["G8", "G19"]
    assert list(gated.reasons) == ["stopped", "stopped"]
    assert gated.hits.filter(pl.col("stops") == 1).select("guard", "code", "sku").rows() == [
        ("G8", "stopped", None),
        ("G19", "alarm", None),
    ]


def test_an_undo_goes_back_as_far_as_it_went_but_not_below_the_floor_nor_above_the_ceiling() -> None:
    wrong = {"current_price": 505, "low_24h": 505, "changed_at": None, "undo": 1, "price": 1000, "rank": None}
    assert through(table(wrong | {"changed_at": LATELY})) == [""]
    assert through(table(wrong | {"changed_at": LATELY, "undo": 0, "rank": 0.5})) == ["step"]
    assert through(table({"undo": 1, "price": 499})) == ["below_floor"]
    assert through(table({"undo": 1, "price": 1501})) == ["above_ceiling"]


def test_the_breaker_counts_this_batch() -> None:
    wrong = many(1000, price=[1101] * 20 + [1000] * 980)
    assert gate(wrong, open_state(), LIMITS).stop == ""
    wrong = many(1000, price=[1101] * 21 + [1000] * 979)
    gated = gate(wrong, open_state(), LIMITS)
    assert gated.caught == 21
    assert gated.stop == "breaker"
    assert not gated.leaves.any()
    assert gate(wrong, open_state(judged=100, caught=1), LIMITS).stop == ""
    assert gate(many(979), open_state(judged=21, caught=21), LIMITS).stop == "breaker"


def test_the_index_counts_what_leaves() -> None:
    rows = many(4, price=[1090, 1090, 1000, 1000], rank=[0.1, 0.9, 0.1, 0.1])
    assert gate(rows, open_state(wave=0.5), LIMITS).stop == ""
    assert gate(rows, open_state(wave=1.0), LIMITS).stop == "index_hour"


def test_waiting_and_missing_approval_are_no_accidents() -> None:
    assert gate(many(100, agreed=0, rank=0.9, changes_24h=9), open_state(wave=0.5), LIMITS).caught == 0


@pytest.mark.parametrize(
    "spoilt",
    [
        CHANGES.empty().drop("undo"),
        CHANGES.empty().cast({"price": pl.Float64}),
        CHANGES.empty().cast({"cost_at": pl.Datetime("us")}),
        pl.DataFrame(),
    ],
)
def test_a_table_of_another_kind_stops(spoilt: pl.DataFrame) -> None:
    gated = gate(spoilt, open_state(), LIMITS)
    assert gated.stops == (Stop(GATE, "table_unreadable", True),)
    assert gated.hits.height == 1


def test_a_float_price_cannot_even_be_asked_about() -> None:
    rows = many(3).cast({"price": pl.Float64})
    gated = gate(rows, open_state(), LIMITS)
    assert not gated.leaves.any()
    assert set(gated.reasons) == {"table_unreadable"}


class Broken:
    number, incident, codes, reads, counts = "G20", "none", {"x": "y"}, (), False

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def judge(self, changes: pl.DataFrame, state: State, limits: GuardPolicy) -> Any:
        if self.answer is None:
            raise ZeroDivisionError
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "yes",
        Verdict(["", ""]),
        Verdict(np.array(["", ""])),
        Verdict(np.full(3, "", dtype=object)),
        Verdict(np.full(1, "", dtype=object)),
    ],
)
def test_a_guard_that_fails_or_answers_in_another_shape_stops_everything(answer: Any) -> None:
    gated = ask({**GUARDS, "broken": Broken(answer)}, many(2, undo=1), open_state(), LIMITS)
    assert gated.stops == (Stop("G20", "guard_failed", True),)
    assert not gated.leaves.any()


def test_a_guard_that_is_missing_stops_everything() -> None:
    gated = ask({name: guard for name, guard in GUARDS.items() if name != "canary"}, many(2, undo=1), open_state(), LIMITS)
    assert gated.stops == (Stop("G11", "guard_missing", True),)
    assert not gated.leaves.any() and set(gated.reasons) == {"guard_missing"} and gated.caught == 0


def test_an_added_guard_is_asked() -> None:
    held = np.array(["", "x"], dtype=object)
    gated = ask({**GUARDS, "added": Broken(Verdict(held))}, many(2), open_state(), LIMITS)
    assert list(gated.reasons) == ["", "x"]
    assert list(gated.guards) == ["", "G20"]


def test_two_guards_of_one_number_are_both_asked() -> None:
    class Other(Broken):
        number = "G5"

    held = np.array(["", "x"], dtype=object)
    assert list(ask({**GUARDS, "other": Other(Verdict(held))}, many(2), open_state(), LIMITS).reasons) == ["", "x"]


def test_nothing_to_judge() -> None:
    gated = gate(CHANGES.empty(), open_state(), LIMITS)
    assert gated.leaves.shape == gated.reasons.shape == gated.guards.shape == gated.waits.shape == (0,)
    assert gated.hits.is_empty()


def test_order_of_rows_changes_nothing() -> None:
    changes, order = clean_changes(RNG(1), 200, step=0.2), RNG(2).permutation(200)
    one, other = (gate(rows, open_state(wave=0.3), LIMITS) for rows in (changes, changes[order]))
    assert list(one.reasons[order]) == list(other.reasons)


LATELY = open_state().at
HIT = [
    ("G1", "below_floor"),
    ("G3", "step"),
    ("G7", "unit_slip"),
    ("G10", "not_approved"),
    ("G15", "drift"),
]
