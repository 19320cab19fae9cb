"""Slow answers: made once, waited for a little, told to everybody."""

from __future__ import annotations

from threading import Barrier, Event, Thread
from time import monotonic

import pytest

from pricesmith.contracts.errors import UsageError
from pricesmith.flows.desk.reading.slow import REST, Slow


def test_an_answer_is_made_once_for_all_who_ask() -> None:
    slow: Slow[int] = Slow(4)
    made, gate, found = [], Barrier(8), []

    def make() -> int:
        made.append(1)
        return 7

    def ask() -> None:
        gate.wait()
        found.append(slow.ask("a", make, 10.0))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, len(made)) == ([7] * 8, 1)


def test_who_does_not_wait_comes_back() -> None:
    slow: Slow[int] = Slow(4)
    go = Event()

    def make() -> int:
        go.wait(10.0)
        return 7

    assert slow.ask("a", make, 0.01) is None
    assert slow.ask("a", make, 0.01) is None
    go.set()
    assert slow.ask("a", make, 10.0) == 7


def test_work_that_nobody_waits_for_leaves_the_page_the_first_turn() -> None:
    slow: Slow[int] = Slow(4)
    begun: list[float] = []

    def make() -> int:
        begun.append(monotonic())
        return 7

    asked = monotonic()
    assert slow.ask("a", make, 0.0) is None
    assert slow.ask("a", make, 10.0) == 7
    assert begun[0] - asked >= REST


def test_an_error_is_told_and_may_be_tried_again() -> None:
    slow: Slow[int] = Slow(4)

    def fail() -> int:
        raise UsageError("no")

    with pytest.raises(UsageError):
        slow.ask("a", fail, 10.0)
    assert slow.ask("a", lambda: 7, 10.0) == 7


def test_the_oldest_is_forgotten() -> None:
    slow: Slow[str] = Slow(2)
    for name in "abc":
        assert slow.ask(name, lambda name=name: name, 10.0) == name  # type: ignore[misc]
    assert slow.ask("c", lambda: "anew", 10.0) == "c"
    assert slow.ask("a", lambda: "anew", 10.0) == "anew"
