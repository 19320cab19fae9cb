"""Who is said to have had a price sent, and what answers a product is said to have had."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from pricesmith.contracts.ledger import INTENTS, Act
from pricesmith.contracts.shop import Key
from pricesmith.flows.desk.product.traces import traces
from pricesmith.flows.desk.publishing import sending
from pricesmith.flows.publishing.answers.answering import answer
from tests.desk.place import Place, place


@pytest.fixture
def desk(tmp_path: Path) -> Place:
    return place(tmp_path / "shop")


@pytest.mark.parametrize(("hours", "by"), [(0.0, "anna"), (23.9, "anna"), (24.0, "cron"), (21 * 24.0, "cron")])
def test_who_asked_at_the_desk_had_sent_what_left_before_it_was_given_up(desk: Place, hours: float, by: str) -> None:
    reading = desk.desk.reading
    assert reading.policy.publish.expires_hours == 24.0
    key, at = Key("a", "default", "default"), reading.now()
    sending.ask(reading.book, sending.PUBLISH, desk.run, "web", by="anna", at=at)
    late = at + dt.timedelta(hours=hours)
    row = {"intent": "one", "run": desk.run, "at": late, "target": "web", **key._asdict(), "version": 1, "price": 199, "previous": 189}
    rest = {"currency": "EUR", "kind": "publish", "expires": late + dt.timedelta(hours=24)}
    reading.book.append(Act(late, "cron", "queued", desk.run), {"intents": pl.DataFrame([{**row, **rest}], schema=INTENTS.schema)})
    (queued,) = [event for event in traces(reading, key) if event.kind == "queued"]
    assert (queued.by, queued.at) == (by, late)


def test_a_withdrawal_of_every_answer_is_told_of_the_products_that_had_one(desk: Place) -> None:
    reading, at = desk.desk.reading, desk.desk.reading.now()
    answered, other = (Key(*row) for row in reading.run(desk.run).changes.select(Key._fields).head(2).iter_rows())

    def say(word: str, by: str, keys: list[Key] | None) -> None:
        answer(reading.book, desk.run, word, by=by, at=at, policy=reading.policy, why="so it is", keys=keys)

    say("accept", "anna", [answered])
    say("withdraw", "anna", None)
    say("withdraw", "ben", None)
    told = {key: [(one.kind, one.by) for one in traces(reading, key) if one.kind in ("accept", "withdraw")] for key in (answered, other)}
    assert told == {answered: [("withdraw", "anna"), ("accept", "anna")], other: []}
