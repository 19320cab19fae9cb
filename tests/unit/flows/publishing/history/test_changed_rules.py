"""Whether rules changed is asked of other runs whose prices stand: what a run itself sends does not change the answer while it is sent."""

from __future__ import annotations

import polars as pl
import pytest

from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.history.changed_rules import rules_changed
from pricesmith.flows.publishing.sending import gate, send
from tests.publishing.desk import Place, place, policy


@pytest.fixture
def shop() -> Place:
    """A run of which everything stands in the shop."""
    found = place(policy(guards={"canary": [], "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9, "shadow_days": 0.0}))
    for name in ("anna", "ben"):
        answering.answer(found.book, found.run, "accept", by=name, at=found.clock(), policy=found.desk.policy)
    send.publish(found.desk, found.run)
    return found


def test_a_run_that_replaces_every_price_of_the_last_one_goes_on_under_the_same_rules(shop: Place) -> None:
    """The last run had the same rules; an older one, none of whose prices stands, had others."""
    row, intents, receipts = shop.book.read("runs"), shop.book.read("intents"), shop.book.read("receipts")
    last = intents.with_columns(run=pl.lit("last"), intent=pl.lit("last ") + pl.col("intent"), version=pl.col("version") - 1)
    came = receipts.with_columns(intent=pl.lit("last ") + pl.col("intent"))
    older = [row.with_columns(run=pl.lit(name), policy=policy, seq=pl.col("seq") - back) for name, policy, back in (
        ("old", pl.lit("other rules"), 2), ("last", pl.col("policy"), 1),
    )]  # fmt: skip
    runs = pl.concat([*older, row])
    found = row.row(0, named=True)
    assert intents.height > 2 and set(receipts["fate"]) == {"applied"}
    for asked, told in ((last, came), (pl.concat([last, intents]), pl.concat([came, receipts]))):
        assert not rules_changed(shop.book, found, runs, asked, told, ["main"])


def test_the_gate_asks_again_once_another_run_has_acted(shop: Place) -> None:
    made = {**gate.facts_of(shop.desk, shop.run).row, "seq": 0}
    assert not gate._changed_rules(shop.desk, made)
    known = shop.desk.memory.changed[shop.run]
    assert not gate._changed_rules(shop.desk, made) and shop.desk.memory.changed[shop.run] is known
    assert gate._others_acted(shop.desk, "another", known) is False, "nothing is new"
    known.upto["receipts"] = 0
    assert not gate._others_acted(shop.desk, shop.run, known), "its own tries"
    known.upto["intents"] = 0
    assert gate._others_acted(shop.desk, "another", known), "tries of others"
