"""A run that is made again is the newest: what it proposes is asked about anew, and what was agreed to before sends nothing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.errors import PricesmithError, UsageError
from pricesmith.contracts.shop import Key
from pricesmith.engine import decide
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history import overview
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.making import AGAIN, made
from pricesmith.flows.publishing.history.record import Recorded, record
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.sending.preview import preview
from tests.publishing.desk import TEXT, Place, place, policy

CALM = [{"kind": "margin_floor", "min_margin": 0.05}, {"kind": "max_change", "step": 0.04}]


@pytest.fixture
def shop() -> Place:
    return place()


def price(shop: Place, by: str = "pricesmith", calm: bool = False) -> Recorded:
    """Price the shop a minute later: as the first time, or under stricter rules."""
    shop.clock.sleep(60.0)
    one, now = shop.made, shop.clock()
    if calm:
        settings = policy(rule=CALM)
        decided = decide(one.snapshot, one.model, settings)
        one = dataclasses.replace(one, policy=settings, policy_text=TEXT.replace("0.08", "0.04"), decided=decided)
    return record(shop.book, one, at=now, by=by, code="made", facts=Facts(cost_at=now, competitor_at=now, stock_at=now))


def agree(shop: Place, run: str, *names: str) -> None:
    for name in names:
        answering.answer(shop.book, run, "accept", by=name, at=shop.clock(), policy=shop.desk.policy)


def proposed(shop: Place, run: str) -> dict[Key, int]:
    rows = shop.book.read("decided", {"run": [run], "action": ["change"]}).select("sku", "channel", "region", "price")
    return {Key(*row[:3]): row[3] for row in rows.iter_rows()}


def verdicts(shop: Place, run: str) -> set[str]:
    return set(preview(shop.again(), run).rows["verdict"])


def states(shop: Place) -> list[tuple[str, str]]:
    return overview.runs(shop.book).select("run", "state").rows()


def refused(shop: Place, run: str) -> None:
    writes = shop.shop.seen.writes
    with pytest.raises(PricesmithError, match="no change of the run is approved"):
        send.publish(shop.again(), run)
    assert shop.shop.seen.writes == writes


def test_pricing_again_what_is_newest_says_nothing_and_keeps_every_answer(shop: Place) -> None:
    agree(shop, shop.run, "anna")
    assert price(shop) == Recorded(shop.run, shop.book.read("runs")["digest"][0], new=False, again=False)
    assert shop.book.read("audit", {"act": [AGAIN]}).is_empty()
    assert send.publish(shop.again(), shop.run).fates["applied"] == len(proposed(shop, shop.run))
    assert not price(shop).again


def test_made_again_it_is_the_newest_and_its_answers_begin_anew(shop: Place) -> None:
    agree(shop, shop.run, "anna")
    newer = price(shop, calm=True)
    assert newer.new
    rows = {name: shop.book.read(name).height for name in ("runs", "decided", "contents")}
    again = price(shop, by="eve")
    assert (again.run, again.new, again.again) == (shop.run, False, True)
    assert {name: shop.book.read(name).height for name in rows} == rows
    act = shop.book.read("audit").row(-1, named=True)
    assert (act["act"], act["by"], act["subject"], act["at"]) == (AGAIN, "eve", shop.run, shop.clock())
    assert not shop.book.verify().findings
    assert not price(shop).again
    assert states(shop) == [(newer.run, "open"), (shop.run, "open")]
    refused(shop, shop.run)
    with pytest.raises(UsageError, match="cannot approve"):
        agree(shop, shop.run, "eve")
    agree(shop, shop.run, "anna")
    send.publish(shop.again(), shop.run)
    assert {key: shop.shop.truth[key] for key in proposed(shop, shop.run)} == proposed(shop, shop.run)


def test_prices_of_the_run_between_are_the_older_ones(shop: Place) -> None:
    newer = price(shop, calm=True).run
    agree(shop, newer, "anna", "ben")
    send.publish(shop.again(), newer)
    shop.clock.sleep(3600.0)
    with pytest.raises(PricesmithError, match="in a shop or on its way already"):
        agree(shop, newer, "carl")
    assert price(shop).again
    assert "overtaken" not in verdicts(shop, shop.run)
    agree(shop, shop.run, "anna", "ben")
    send.publish(shop.again(), shop.run)
    wanted, between = proposed(shop, shop.run), proposed(shop, newer)
    assert {key: shop.shop.truth[key] for key in wanted} == wanted
    differing = [key for key, value in between.items() if wanted.get(key, value) != value]
    assert differing
    seen = preview(shop.again(), newer).rows.filter(pl.col("sku").is_in([key.sku for key in differing]))
    assert set(seen["verdict"]) <= {"overtaken", "settled"}
    send.take_back(shop.again(), shop.run, by="anna")
    assert {key: shop.shop.truth[key] for key in differing} == {key: between[key] for key in differing}


def test_what_was_taken_back_is_asked_about_again_and_can_be_sent_again(shop: Place) -> None:
    before = dict(shop.shop.truth)
    agree(shop, shop.run, "anna")
    send.publish(shop.desk, shop.run)
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna")
    assert dict(shop.shop.truth) == before and states(shop) == [(shop.run, "undone")]
    send.publish(shop.again(), shop.run)
    assert dict(shop.shop.truth) == before, "publishing alone sends it no more"
    assert price(shop).again
    assert states(shop) == [(shop.run, "open")]
    refused(shop, shop.run)
    assert dict(shop.shop.truth) == before
    shop.clock.sleep(3600.0)
    agree(shop, shop.run, "ben")
    assert send.publish(shop.again(), shop.run).fates["applied"] == len(proposed(shop, shop.run))
    assert states(shop) == [(shop.run, "published")]


def test_what_stands_in_the_shop_is_not_asked_about_again(shop: Place) -> None:
    first = next(iter(proposed(shop, shop.run)))
    agree(shop, shop.run, "anna")
    send.publish(shop.desk, shop.run)
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna", keys=[first])
    assert price(shop).again
    table = overview.changes(shop.book, shop.run, shop.desk.policy, shop.clock()).select("sku", "agreed", "fate")
    assert table.filter(pl.col("sku") == first.sku).rows() == [(first.sku, 0, None)]
    assert set(table.filter(pl.col("sku") != first.sku).select("agreed", "fate").rows()) == {(1, "applied")}
    assert states(shop) == [(shop.run, "partly published")]


def test_what_leaves_by_itself_does_not_after_it_was_taken_back() -> None:
    limits = {"canary_minutes": 0, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9, "shadow_days": 0.0}
    shop = place(policy(guards=limits, approval={"automatic_move": 0.2, "automatic_products": 1000, "two_people_move": 0.2}))
    before = dict(shop.shop.truth)
    send.publish(shop.desk, shop.run)
    assert dict(shop.shop.truth) != before
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna")
    assert price(shop).again
    refused(shop, shop.run)
    assert dict(shop.shop.truth) == before


FREE = {"canary_minutes": 0, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9, "shadow_days": 0.0}
"""Guards under which small moves leave by themselves."""


def test_what_was_refused_does_not_leave_by_itself_after_the_run_was_made_again() -> None:
    shop = place(policy(guards=FREE, approval={"automatic_move": 0.2, "automatic_products": 1000, "two_people_move": 0.2}))
    refused_one, before = next(iter(proposed(shop, shop.run))), dict(shop.shop.truth)
    answering.answer(shop.book, shop.run, "reject", by="ben", at=shop.clock(), policy=shop.desk.policy, why="no", keys=[refused_one])
    send.publish(shop.desk, shop.run)
    taken = next(key for key, value in shop.shop.truth.items() if value != before[key])
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna", keys=[taken])
    assert price(shop).again
    shop.clock.sleep(3600.0)
    send.publish(shop.again(), shop.run)
    assert (shop.shop.truth[refused_one], shop.shop.truth[taken]) == (before[refused_one], before[taken])
    answering.answer(shop.book, shop.run, "accept", by="ben", at=shop.clock(), policy=shop.desk.policy, keys=[refused_one])
    send.publish(shop.again(), shop.run)
    assert shop.shop.truth[refused_one] == proposed(shop, shop.run)[refused_one]


def test_an_answer_for_what_was_asked_anew_does_not_send_again_what_is_taken_back_later(shop: Place) -> None:
    first, second, *_ = proposed(shop, shop.run)
    before = dict(shop.shop.truth)
    agree(shop, shop.run, "anna")
    send.publish(shop.desk, shop.run)
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna", keys=[first])
    assert price(shop).again
    shop.clock.sleep(3600.0)
    agree(shop, shop.run, "ben")
    send.publish(shop.again(), shop.run)
    assert shop.shop.truth[first] == proposed(shop, shop.run)[first]
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="carl", keys=[second])
    shop.clock.sleep(3600.0)
    send.publish(shop.again(), shop.run)
    assert shop.shop.truth[second] == before[second], "publishing alone sends it no more"
    assert price(shop).again
    send.publish(shop.again(), shop.run)
    assert shop.shop.truth[second] == before[second]


def test_a_price_of_ones_own_that_was_taken_back_may_be_set_again(shop: Place) -> None:
    key = next(key for key, value in proposed(shop, shop.run).items() if shop.shop.truth[key] + 1 != value)
    own, before = shop.shop.truth[key] + 1, shop.shop.truth[key]
    for number in range(2):
        shop.clock.sleep(3600.0)
        found = override(shop.book, shop.run, {key: own}, by="dora", why="flyer", at=shop.clock(), code="made").run
        refused(shop, found)
        agree(shop, found, "anna", "ben")
        send.publish(shop.again(), found)
        assert shop.shop.truth[key] == own, number
        shop.clock.sleep(3600.0)
        send.take_back(shop.again(), found, by="anna")
        assert shop.shop.truth[key] == before


def test_a_price_whose_place_was_taken_by_one_that_was_taken_back_is_asked_about_again() -> None:
    shop = place(policy(guards={**FREE, "canary_minutes": 30, "canary_least": 1}))
    agree(shop, shop.run, "anna")
    assert send.publish(shop.desk, shop.run).open > 0
    key = next(key for key, value in proposed(shop, shop.run).items() if shop.shop.truth[key] != value)
    own = override(shop.book, shop.run, {key: shop.shop.truth[key] + 1}, by="dora", why="flyer", at=shop.clock(), code="made").run
    agree(shop, own, "ben", "carl")
    send.publish(shop.again(), own)
    shop.clock.sleep(7200.0)
    send.drain(shop.again())
    send.take_back(shop.again(), own, by="ben")
    assert price(shop).again
    agree(shop, shop.run, "eve")
    send.publish(shop.again(), shop.run)
    shop.clock.sleep(7200.0)
    send.drain(shop.again())
    assert shop.shop.truth[key] == proposed(shop, shop.run)[key]


@pytest.mark.parametrize("maker", ["anna", "pricesmith"])
def test_what_is_on_its_way_has_those_behind_it_who_were_behind_it(maker: str) -> None:
    """Two people are needed: dora asked and anna agreed; who makes the run again takes neither away, and is not counted twice."""
    guards = {**FREE, "canary_minutes": 30, "canary_least": 1}
    for asker, goes in (("dora", True), ("pricesmith", False)):
        shop = place(policy(guards=guards, approval={"two_people_products": 1 if goes else 500}), by=asker)
        agree(shop, shop.run, "anna")
        assert send.publish(shop.desk, shop.run).open > 0
        price(shop, calm=True)
        assert price(shop, by=maker).again
        desk = shop.again()
        desk = Desk(desk.target, desk.shop, desk.book, policy(guards=guards, approval={"two_people_products": 1}), *rest_of(desk))
        shop.clock.sleep(7200.0)
        assert (send.drain(desk).fates.get("applied", 0) > 0) is goes


def rest_of(desk: Desk) -> tuple[Any, ...]:
    return desk.settings, desk.now, np.random.default_rng(7), desk.code, desk.worker


def test_what_is_on_its_way_goes_on_and_a_refusal_stops_it() -> None:
    limits = {"canary_minutes": 30, "canary_least": 1, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9}
    for stopped in (False, True):
        shop = place(policy(guards=limits))
        agree(shop, shop.run, "anna")
        assert send.publish(shop.desk, shop.run).open > 0
        price(shop, calm=True)
        assert price(shop).again
        if stopped:
            answering.answer(shop.book, shop.run, "reject", by="ben", at=shop.clock(), policy=shop.desk.policy, why="no")
        shop.clock.sleep(3600.0)
        writes = shop.shop.seen.writes
        assert (send.drain(shop.again()).fates.get("applied", 0) == 0) is stopped
        assert (shop.shop.seen.writes == writes) is stopped


def test_runs_are_in_the_order_of_their_last_making(shop: Place) -> None:
    newer = price(shop, calm=True).run
    price(shop)
    runs, acts = shop.book.read("runs"), shop.book.read("audit")
    assert runs["run"].to_list() == [shop.run, newer]
    assert made(runs, acts)["run"].to_list() == [newer, shop.run]
    assert made(runs, acts)["seq"].to_list() == [runs["seq"][1], acts["seq"][-1]]


@pytest.mark.parametrize("between", [False, True])
def test_answers_to_what_was_never_sent_stand_unless_another_run_was_made_between(shop: Place, between: bool) -> None:
    sent, waits, no, *_ = wanted = list(proposed(shop, shop.run))
    assert len(wanted) > 3
    before = dict(shop.shop.truth)
    for key in (sent, waits):
        answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=[key])
    answering.answer(shop.book, shop.run, "reject", by="ben", at=shop.clock(), policy=shop.desk.policy, keys=[no], why="no")
    send.publish(shop.desk, shop.run, [sent])
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna")
    assert dict(shop.shop.truth) == before
    if between:
        assert price(shop, calm=True).new
    assert price(shop).again
    table = overview.changes(shop.book, shop.run, shop.desk.policy, shop.clock())
    told = {Key(*row[:3]): row[3:] for row in table.select("sku", "channel", "region", "agreed", "rejected").iter_rows()}
    assert [told[key] for key in (sent, waits, no)] == [(0, False), (0 if between else 1, False), (0, not between)]
    shop.clock.sleep(3600.0)
    if between:
        refused(shop, shop.run)
        return
    send.publish(shop.again(), shop.run)
    assert {key for key, value in shop.shop.truth.items() if value != before[key]} == {waits}
    answering.answer(shop.book, shop.run, "accept", by="carl", at=shop.clock(), policy=shop.desk.policy)
    send.publish(shop.again(), shop.run)
    assert shop.shop.truth[no] == before[no], "accepting all spares what was rejected"
    assert shop.shop.truth[sent] == proposed(shop, shop.run)[sent]


def test_prices_that_people_set_do_not_come_between(shop: Place) -> None:
    sent, waits, own = list(proposed(shop, shop.run))[:3]
    for key in (sent, waits):
        answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=[key])
    send.publish(shop.desk, shop.run, [sent])
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna")
    override(shop.book, shop.run, {own: shop.shop.truth[own] + 1}, by="dora", why="flyer", at=shop.clock(), code="made")
    assert price(shop).again
    row = made(shop.book.read("runs"), shop.book.read("audit")).row(by_predicate=pl.col("run") == shop.run, named=True)
    assert row["again"] and row["unasked"] < row["seq"]
    table = overview.changes(shop.book, shop.run, shop.desk.policy, shop.clock()).filter(pl.col("agreed") > 0)
    assert table["sku"].to_list() == [waits.sku]
