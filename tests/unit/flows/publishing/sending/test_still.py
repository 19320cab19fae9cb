"""What still waits to leave to a shop is told by run, so that a run's own rest is not taken for that of all."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import polars as pl

from pricesmith.apps.cli import publish, undo
from pricesmith.flows.publishing.sending.send import Sent
from pricesmith.flows.publishing.sending.still import Still, of_others, still_to

NOON = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def book(left: list[tuple[str, int]]) -> Any:
    """Six intents of two runs; left: those that wait, and minutes after noon at which each is due."""
    runs = [
        ("i1", "a", "publish"),
        ("i2", "a", "publish"),
        ("i3", "b", "publish"),
        ("i4", "b", "undo"),
        ("i5", "b", "publish"),
        ("i6", "b", "undo"),
    ]
    intents = pl.DataFrame(runs, schema=["intent", "run", "kind"], orient="row")
    due = [(intent, NOON + dt.timedelta(minutes=minutes)) for intent, minutes in left]
    waiting = pl.DataFrame(due, schema={"intent": pl.String, "due": pl.Datetime("us", "UTC")}, orient="row")
    return SimpleNamespace(waiting=lambda _target: waiting, read=lambda _table: intents)


def test_prices_that_wait_are_counted_by_run_and_kind() -> None:
    found = still_to(book([("i5", 3), ("i2", 9), ("i1", 7), ("i3", 2), ("i6", 0)]), "web")
    assert found == [
        Still("a", False, 2, NOON + dt.timedelta(minutes=7)),
        Still("b", False, 2, NOON + dt.timedelta(minutes=2)),
        Still("b", True, 1, NOON),
    ]
    assert still_to(book([]), "web") == []


def test_those_of_other_runs_are_told_apart() -> None:
    left = book([("i1", 0), ("i3", 0), ("i6", 0)])
    assert (of_others(left, "web", "a"), of_others(left, "web", "b"), of_others(book([]), "web", "a")) == (2, 1, 0)
    sent = Sent({"applied": 1}, 3, NOON, 60.0, "")
    assert publish.told(sent, others=2).splitlines()[:2] == [
        "1 applied; 3 still to come, the next at 2026-11-29 12:00 UTC",
        "  of them 2 of other runs of this shop",
    ]
    assert "other runs" not in publish.told(sent)
    figures = {"fates": {"applied": 8}, "open": 30, "kept": 0}
    assert undo.told({"web": figures}, True, "EUR", {"web": 30}) == [
        "web: 8 applied; 30 still to come (30 of them of other runs of this shop)"
    ]
    assert undo.told({"web": figures}, True, "EUR", {"web": 0}) == ["web: 8 applied; 30 still to come"]
