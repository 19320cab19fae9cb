"""Laws of rows, each at its edge: the clearer message before the database's own."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.adapters.ledgers.laws import broken
from pricesmith.adapters.ledgers.rows import stored
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import LEDGER
from pricesmith.testing.ledger_rows import AT, DAY, made

TICK = dt.timedelta(microseconds=1)
APART, ACCEPTED = "who agrees is not who asked", "who accepts is not who asked"
SAME = {"requester": "anna", "approver": " ANNA "}


@pytest.mark.parametrize(
    ("table", "change", "law"),
    [
        ("decided", {"price": None}, "a changed price is above zero"),
        ("verdicts", SAME, ACCEPTED),
        ("verdicts", {"expires": AT}, "a verdict ends after it was given"),
        ("exceptions", SAME, APART),
        ("exceptions", {"expires": AT + 7 * DAY + TICK}, "an exception ends within 7 days"),
        ("exceptions", {"expires": AT}, "an exception ends within 7 days"),
        ("attested", SAME, APART),
        ("intents", {"expires": AT}, "an intent ends after it began"),
        ("runs", {"by": " "}, "by names somebody"),
        ("verdicts", {"requester": " "}, "requester names somebody"),
        ("attested", {"approver": " "}, "approver names somebody"),
        ("switches", {"scope": "some"}, "scope 'some' is none of all, target, sku"),
    ],
)
def test_a_broken_law_is_named(table: str, change: dict[str, object], law: str) -> None:
    with pytest.raises(LedgerError, match=law):
        stored(LEDGER[table], made(table, change))


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("decided", {"price": 1}),
        ("decided", {"price": None, "action": "hold"}),
        ("verdicts", {**SAME, "answer": "reject"}),
        ("verdicts", {"expires": AT + TICK}),
        ("exceptions", {"expires": AT + 7 * DAY}),
        ("exceptions", {"expires": AT + TICK}),
        ("intents", {"expires": AT + TICK}),
    ],
)
def test_what_just_keeps_a_law(table: str, change: dict[str, object]) -> None:
    assert stored(LEDGER[table], made(table, change)).height == 1


def test_one_row_that_breaks_a_law_is_enough() -> None:
    with pytest.raises(LedgerError, match=ACCEPTED):
        stored(LEDGER["verdicts"], made("verdicts", {}, {**SAME, "verdict": "v-2"}))


def test_prices_and_contents() -> None:
    assert broken("applied", made("applied", {"price": 0})) == ""
    assert broken("applied", made("applied", {"price": -1})) == "broken: price is not negative"
    odd = made("contents", {}, {"bytes": b"other"}).with_columns(bytes=pl.lit(b"other"))
    assert broken("contents", odd) == "broken: a content's id is the SHA-256 of its bytes"
