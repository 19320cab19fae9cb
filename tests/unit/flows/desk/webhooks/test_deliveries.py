"""What is kept of the messages to a webhook: the last ones, each with its tries and the last answer."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricesmith.flows.desk.webhooks.deliveries import KEPT, LONGEST, TEST, Delivery, Told, after, after_test

AT = dt.datetime(2026, 8, 3, 12, tzinfo=dt.UTC)


def delivery(message: str, error: str = "", act: str = "stopped", subject: str = "all *") -> Delivery:
    return Delivery(message, act, subject, AT, 1, None if error else 200, error)


def test_a_message_that_is_tried_again_stays_one_delivery() -> None:
    told = Told(3)
    for _ in range(3):
        told = after(told, 4, delivery("act-4", "no answer"))
    assert (told.seq, told.failures, told.error) == (3, 3, "no answer")
    assert told.again == AT + dt.timedelta(seconds=40)
    told = after(told, 4, delivery("act-4"))
    assert (told.seq, told.failures, told.again, told.error) == (4, 0, None, "")
    assert [(one.tries, one.status, one.error) for one in told.recent] == [(4, 200, "")]


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=80))
def test_the_last_are_kept_the_newest_first(messages: list[tuple[int, bool]]) -> None:
    told, expected = Told(0), list[int]()
    for number, taken in messages:
        told = after(told, number, delivery(str(number), "" if taken else "no"))
        expected = [number, *(one for one in expected if one != number)][:KEPT]
    assert [int(one.message) for one in told.recent] == expected


@pytest.mark.parametrize(("error", "again"), [("", None), ("no answer", AT + dt.timedelta(seconds=10))])
def test_a_test_that_is_taken_lets_what_waits_follow_at_once(error: str, again: dt.datetime | None) -> None:
    waits = after(Told(3), 4, delivery("act-4", "it answered 500"))
    told = after_test(waits, delivery("test-1", error, TEST))
    assert (told.seq, told.failures, told.error, told.again) == (3, 1, "it answered 500", again)
    assert [one.message for one in told.recent] == ["test-1", "act-4"]


def test_a_long_subject_is_cut() -> None:
    assert after(Told(0), 1, delivery("act-1", subject="x" * 5000)).recent[0].subject == "x" * LONGEST
