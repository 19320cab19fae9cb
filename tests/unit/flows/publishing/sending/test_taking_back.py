"""Taking a run back: what came goes back, what has not left yet does not leave any more, and nobody else's price is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from pricesmith.contracts.shop import Key, Writing, Written
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.history import overview
from pricesmith.flows.publishing.sending import plan, send, undo
from pricesmith.testing.fake_shop import FakeShop
from tests.publishing.desk import Place, place, policy

WAVES = {"canary_minutes": 30, "canary_least": 1, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9, "shadow_days": 0.0}
DAY = 24 * 3600.0


@pytest.fixture
def shop() -> Place:
    """A run that everybody needed has agreed to, of which a first wave leaves."""
    found = place(policy(guards=WAVES))
    for name in ("anna", "ben"):
        answering.answer(found.book, found.run, "accept", by=name, at=found.clock(), policy=found.desk.policy)
    return found


def wanted(shop: Place) -> dict[Key, int]:
    rows = shop.made.decided.decisions.filter(pl.col("action") == "change").select("sku", "channel", "region", "price")
    return {Key(*row[:3]): row[3] for row in rows.iter_rows()}


def queued(shop: Place) -> None:
    planned = plan.plan(shop.book, shop.run, "main", shop.desk.settings, shop.desk.policy, shop.clock())
    assert plan.queue(shop.book, planned, shop.desk.policy, by="anna", at=shop.clock()) == len(wanted(shop))


def fates(shop: Place, kind: str) -> dict[str, int]:
    own = shop.book.read("intents", {"kind": [kind]}).select("intent")
    last = shop.book.read("receipts").join(own, on="intent").group_by("intent", maintain_order=True).last()
    return dict(last.group_by("fate").len().iter_rows())


def test_what_waits_for_its_wave_leaves_no_more(shop: Place) -> None:
    before = dict(shop.shop.truth)
    first = send.publish(shop.desk, shop.run)
    came, left = first.fates["applied"], first.open
    assert 0 < came < len(wanted(shop)) == came + left and dict(shop.shop.truth) != before
    shop.clock.sleep(60.0)
    sent = send.take_back(shop.desk, shop.run, by="anna")
    assert (sent.kept, sent.open) == (left, 0) and dict(shop.shop.truth) == before
    assert fates(shop, "publish") == {"applied": came, "superseded": left} and fates(shop, "undo") == {"applied": came, "same": left}
    for _ in range(4):
        shop.clock.sleep(DAY)
        send.drain(shop.again())
    assert dict(shop.shop.truth) == before, "no wave leaves after it"
    assert overview.runs(shop.book)["state"].to_list() == ["undone"]


def test_publishing_once_more_sends_nothing_of_it(shop: Place) -> None:
    before = dict(shop.shop.truth)
    send.publish(shop.desk, shop.run)
    shop.clock.sleep(60.0)
    send.take_back(shop.desk, shop.run, by="anna")
    shop.clock.sleep(3 * 3600.0)
    send.publish(shop.again(), shop.run)
    assert dict(shop.shop.truth) == before


def test_a_run_can_be_taken_back_before_anything_left(shop: Place) -> None:
    before = dict(shop.shop.truth)
    queued(shop)
    sent = send.take_back(shop.desk, shop.run, by="anna")
    assert sent.kept == len(wanted(shop)) and shop.shop.seen.writes == 0 and dict(shop.shop.truth) == before
    assert undo.on_its_way(shop.book, shop.run, "main").is_empty()


def test_one_product_that_waits_is_taken_back_alone(shop: Place) -> None:
    queued(shop)
    key = next(iter(wanted(shop)))
    sent = send.take_back(shop.desk, shop.run, by="anna", keys=[key])
    for _ in range(8):
        shop.clock.sleep(DAY / 8)
        send.drain(shop.again())
    changed = {one for one, price in wanted(shop).items() if shop.shop.truth[one] == price}
    assert sent.kept == 1 and key not in changed and len(changed) == len(wanted(shop)) - 1


def test_what_another_worker_has_in_hand_goes_back_once_it_came(shop: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before, write = dict(shop.shop.truth), FakeShop.write
    queued(shop)

    def meanwhile(there: FakeShop, writings: Sequence[Writing]) -> Sequence[Written]:
        monkeypatch.setattr(FakeShop, "write", write)
        back = undo.undo(shop.book, shop.run, "main", shop.desk.policy, by="ben", at=shop.clock())
        assert back.kept == len(wanted(shop))
        return write(there, writings)

    monkeypatch.setattr(FakeShop, "write", meanwhile)
    send.drain(shop.desk)
    shop.clock.sleep(60.0)
    send.drain(shop.again())
    assert fates(shop, "publish").get("applied", 0) > 0, "some were under way"
    assert dict(shop.shop.truth) == before


def test_a_price_that_somebody_else_set_since_is_left_alone(shop: Place) -> None:
    before = dict(shop.shop.truth)
    first = send.publish(shop.desk, shop.run)
    shop.clock.sleep(60.0)
    undo.undo(shop.book, shop.run, "main", shop.desk.policy, by="anna", at=shop.clock())
    moved = [key for key, price in wanted(shop).items() if shop.shop.truth[key] == price]
    waits = [key for key, price in wanted(shop).items() if shop.shop.truth[key] != price]
    for key in (moved[0], waits[0]):
        shop.shop.change(key, before[key] + 1)
    send.drain(shop.desk)
    assert first.fates == {"applied": 1} and fates(shop, "undo") == {"same": len(waits) - 1, "superseded": 2}
    assert set(shop.book.read("receipts", {"fate": ["superseded"]})["code"]) == {"not_ours", "newer_version"}
    assert dict(shop.shop.truth) == before | {key: before[key] + 1 for key in (moved[0], waits[0])}


def test_taking_back_twice_gives_up_nothing_twice(shop: Place) -> None:
    send.publish(shop.desk, shop.run)
    shop.clock.sleep(60.0)
    assert undo.undo(shop.book, shop.run, "main", shop.desk.policy, by="anna", at=shop.clock() + dt.timedelta(seconds=1)).kept > 0
    assert undo.undo(shop.book, shop.run, "main", shop.desk.policy, by="anna", at=shop.clock() + dt.timedelta(seconds=2)).kept == 0


def test_a_way_back_that_was_sent_is_not_given_up_as_somebody_elses(shop: Place) -> None:
    """What a shop made of a price that was sent is a matter of trying again; where it could only not be read, nothing was sent."""
    queued(shop)
    undo.undo(shop.book, shop.run, "main", shop.desk.policy, by="anna", at=shop.clock())
    asked = shop.book.read("intents")
    row = asked.filter(pl.col("kind") == "undo").head(1)
    ours = asked.filter(pl.col("kind") == "publish").join(row, on="sku", how="semi")["price"][0]
    none = shop.book.read("receipts").clear()
    known = {"intent": pl.lit(row["intent"][0]), "attempt": pl.lit(1), "at": pl.lit(shop.clock()), "fate": pl.lit("unknown")}
    failed = pl.DataFrame({"row": [0]}).select(**known)
    unread, sent = (pl.concat([none, failed.with_columns(sent=pl.lit(price, pl.Int64))], how="diagonal_relaxed") for price in (None, 5))
    found = [
        undo.foreign(row.with_columns(read=pl.lit(price)), asked, past)[0]
        for price, past in ((1, none), (1, unread), (1, sent), (ours, none))
    ]
    assert found == [True, True, False, False]


def test_a_product_of_which_no_price_was_known_does_not_keep_the_others_from_going_back(shop: Place) -> None:
    """In a shop that was not looked at yet there is none that it could keep; everything else of the run leaves no more."""
    planned = plan.plan(shop.book, shop.run, "unseen", shop.desk.settings, shop.desk.policy, shop.clock())
    new = planned.ready["sku"][0]
    known = pl.when(pl.col("sku") != new).then("current_price")
    plan.queue(
        shop.book, replace(planned, ready=planned.ready.with_columns(current_price=known)), shop.desk.policy, by="anna", at=shop.clock()
    )
    back = undo.undo(shop.book, shop.run, "unseen", shop.desk.policy, by="anna", at=shop.clock())
    assert back == (0, planned.ready.height - 1)
    assert new not in shop.book.read("intents", {"kind": ["undo"]})["sku"]
