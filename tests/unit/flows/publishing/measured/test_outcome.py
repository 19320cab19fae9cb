"""Outcomes from the ledger and today's shop: when prices came, what was sold since, what was promised, who was right."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.errors import DataError, PricesmithError
from pricesmith.contracts.ledger import Act
from pricesmith.contracts.shop import Key
from pricesmith.engine import decide
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.answers.override import override
from pricesmith.flows.publishing.history.came import begins, came
from pricesmith.flows.publishing.history.facts import Facts
from pricesmith.flows.publishing.history.record import Made, record
from pricesmith.flows.publishing.history.rederive import rederive
from pricesmith.flows.publishing.measured.adoption import adoption
from pricesmith.flows.publishing.measured.by_hand import set_by_hand
from pricesmith.flows.publishing.measured.outcome import over_time, reckon
from pricesmith.flows.publishing.measured.promise import curves_of, promised
from pricesmith.flows.publishing.measured.regrets import regrets
from pricesmith.flows.publishing.measured.sold import see, sold
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.monitoring.calibration import calibration
from tests.publishing import desk
from tests.publishing.desk import Place, place, policy
from tests.publishing.later import later

pytestmark = pytest.mark.real  # long

KEY = ["sku", "channel", "region"]
FIRST = dt.date(2026, 3, 3)


@pytest.fixture
def shop() -> Place:
    return published(place())


def published(shop: Place, most: int | None = None) -> Place:
    """Agree with all changes, or the first few, and send them."""
    keys = None if most is None else [Key(*row) for row in changes(shop).select(KEY).head(most).iter_rows()]
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=keys)
    send.publish(shop.desk, shop.run)
    return shop


def changes(shop: Place) -> pl.DataFrame:
    return shop.made.decided.decisions.filter(pl.col("action") == "change").sort(KEY)


def prices(shop: Place) -> pl.Series:
    """(n,) prices in the shop, in the order of the items."""
    items = shop.made.decided.items
    return pl.Series([shop.shop.truth[Key(*row)] for row in items.select(KEY).iter_rows()])


def expected(shop: Place) -> Floats:
    """(n,) what the run said of the prices that came, units a day."""
    again = rederive(shop.book, shop.run)
    begun = begins(shop.book, again, shop.run).with_columns(sold=pl.lit(0.0), days=pl.lit(28.0))
    return promised(again.decided.items, curves_of(again.decided), begun).expected


def test_prices_count_from_the_first_whole_day(shop: Place) -> None:
    found = came(shop.book, "UTC")
    assert set(found["since"]) == {FIRST}
    assert found["ended"].null_count() == found.height
    assert set(came(shop.book, "Pacific/Kiritimati")["since"]) == {dt.date(2026, 3, 4)}


def test_promises_kept_to_the_letter_are_told_so(shop: Place) -> None:
    now = later(shop.made.snapshot, prices(shop), expected(shop))
    found = reckon(shop.book, now, shop.run)
    result = found.result
    assert (found.since, found.until) == (FIRST, now.as_of)
    assert result.coverage == 1.0
    assert result.bias == pytest.approx(0.0, abs=1e-9)
    assert result.effect.value == pytest.approx(result.effect_promised)
    assert result.effect.low < result.effect.value < result.effect.high
    assert result.drift.kept == (~result.products["changed"]).sum()


def test_the_promise_is_that_of_the_run(shop: Place) -> None:
    """Every approved price came, so what is promised now is what the run said then."""
    said = shop.made.decided.decisions.sort(KEY)["expected_units"].to_numpy()
    np.testing.assert_allclose(expected(shop), said, rtol=1e-9)


def test_demand_that_doubled_by_itself_is_no_gain() -> None:
    shop = published(place(), most=4)
    now = later(shop.made.snapshot, prices(shop), 2.0 * expected(shop))
    result = reckon(shop.book, now, shop.run).result
    assert result.drift.kept == shop.made.decided.items.height - 4
    assert np.exp(result.drift.mean) == pytest.approx(2.0, rel=0.15)
    assert abs(result.bias) < 0.15
    assert result.effect.low < result.effect_promised < result.effect.high


def test_a_price_that_changed_again_counts_until_then(shop: Place) -> None:
    moved = came(shop.book, "UTC").row(0, named=True)
    key = Key(*(moved[name] for name in KEY))
    charged = prices(shop)
    shop.clock.sleep(10 * 86_400.0)
    shop.shop.change(key, moved["price"] + 10)
    reconcile(shop.desk)
    again = came(shop.book, "UTC")
    assert again.filter(pl.col("ended").is_not_null()).select(KEY).rows() == [tuple(key)]
    now = later(shop.made.snapshot, charged, expected(shop))
    rows = reckon(shop.book, now, shop.run).result.products.filter(sku=key.sku)
    assert rows["days"].to_list() == [9.0]


def test_a_price_ends_by_the_order_of_the_ledger_not_by_its_clock(shop: Place) -> None:
    """Another price that was seen after it came later, though the clock was set back in between."""
    applied = shop.book.read("applied")
    last = (
        applied.tail(1)
        .drop("seq")
        .with_columns(pl.col("price") + 10, pl.col("at") - dt.timedelta(minutes=1), cause=pl.lit("drift"), intent=pl.lit(None, pl.String))
    )
    shop.book.append(Act(shop.clock(), "reader", "read", "web"), {"applied": last})
    found = came(shop.book, "UTC")
    assert found.filter(pl.col("ended").is_not_null()).select(KEY).rows() == last.select(KEY).rows()


def test_days_sold_out_and_promotions_do_not_count(shop: Place) -> None:
    begun = begins(shop.book, rederive(shop.book, shop.run), shop.run)
    half = sold(later(shop.made.snapshot, prices(shop), expected(shop), available=0.5), begun, dt.date(2026, 3, 30))
    assert set(half["days"]) == {13.5}
    none = sold(later(shop.made.snapshot, prices(shop), expected(shop), promo=1), begun, dt.date(2026, 3, 30))
    assert set(none["days"]) == {0.0}


def test_what_sold_at_another_price_is_not_judged(shop: Place) -> None:
    off = prices(shop).to_numpy().copy()
    off[0] = off[0] * 2
    now = later(shop.made.snapshot, pl.Series(off), expected(shop))
    found = reckon(shop.book, now, shop.run)
    assert found.elsewhere == 1
    assert found.result.products["days"].to_list()[0] == 0.0


def test_nothing_is_said_before_a_price_came_or_anything_was_sold(shop: Place) -> None:
    with pytest.raises(DataError, match="no sales at the new prices yet"):
        reckon(shop.book, shop.made.snapshot, shop.run)
    fresh = place()
    with pytest.raises(DataError, match="is known to have come"):
        reckon(fresh.book, fresh.made.snapshot, fresh.run)


def test_prices_that_came_another_way_are_reckoned_from_a_date() -> None:
    shop = place()
    listed = shop.made.decided.decisions.sort(KEY)
    now = later(shop.made.snapshot, listed["price"], listed["expected_units"].to_numpy())
    by_hand = set_by_hand(shop.book, shop.run, dt.date(2026, 3, 10), shop.clock())
    found = reckon(shop.book, now, shop.run, by_hand=by_hand, until=dt.date(2026, 3, 20))
    assert found.since == dt.date(2026, 3, 10)
    assert set(found.result.products["days"]) == {10.0}
    assert found.result.coverage == 1.0


def test_what_people_turned_down_or_set_otherwise_is_not_taken_as_set_by_hand() -> None:
    shop = place()
    first, second, *rest = changes(shop).rows(named=True)
    key = Key(*(second[name] for name in KEY))
    down = [Key(*(first[name] for name in KEY))]
    answering.answer(shop.book, shop.run, "reject", by="anna", at=shop.clock(), policy=shop.desk.policy, why="no", keys=down)
    own = override(shop.book, shop.run, {key: second["price"] - 1}, by="ben", why="rounder", at=shop.clock(), code="made").run
    said = set_by_hand(shop.book, shop.run, FIRST, shop.clock())
    wanted = [(*key, second["price"] - 1), *((*(row[name] for name in KEY), row["price"]) for row in rest)]
    assert said.select(*KEY, "price").rows() == sorted(wanted)
    assert said["since"].unique().to_list() == [FIRST] and said["ended"].null_count() == said.height
    assert set_by_hand(shop.book, own, FIRST, shop.clock()).select(*KEY, "price").rows() == [(*key, second["price"] - 1)]


def test_days_before_the_run_and_runs_that_came_from_here_are_refused(shop: Place) -> None:
    with pytest.raises(PricesmithError, match="were published from here"):
        set_by_hand(shop.book, shop.run, FIRST, shop.clock())
    fresh = place()
    with pytest.raises(PricesmithError, match="cannot have stood since 2020-01-01"):
        set_by_hand(fresh.book, fresh.run, dt.date(2020, 1, 1), fresh.clock())


def test_of_a_run_that_people_accepted_in_part_that_part_alone_was_set_by_hand() -> None:
    shop = place()
    keys = [Key(*row) for row in changes(shop).select(KEY).head(2).iter_rows()]
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=keys)
    said = set_by_hand(shop.book, shop.run, FIRST, shop.clock())
    assert said.select(KEY).rows() == [tuple(key) for key in keys]


def test_each_day_is_recorded_once(shop: Place) -> None:
    now = later(shop.made.snapshot, prices(shop), np.ones(len(prices(shop))))
    begun = begins(shop.book, rederive(shop.book, shop.run), shop.run)
    count = see(shop.book, now, begun, by="anna", at=shop.clock())
    assert count == 26 * begun.height
    assert see(shop.book, now, begun, by="anna", at=shop.clock()) == 0
    seen = shop.book.read("sales_seen")
    assert seen["date"].min() == FIRST
    assert seen["date"].max() == now.as_of - dt.timedelta(days=2)
    first = shop.made.decided.items.row(0, named=True)
    row = seen.filter(sku=first["sku"]).row(0, named=True)
    net = prices(shop)[0] / (1.0 + first["tax_rate"])
    assert row["revenue"] == pytest.approx(net * (1.0 - first["return_rate"]))
    assert row["profit"] == pytest.approx((1.0 - first["return_rate"]) * (net * (1.0 - first["payment_rate"]) - first["landed_cost"]))


def test_runs_are_listed_over_time(shop: Place) -> None:
    early = over_time(shop.book, shop.made.snapshot, "UTC")
    assert early["realised"].to_list() == [None]
    assert calibration(early) is None
    runs = over_time(shop.book, later(shop.made.snapshot, prices(shop), expected(shop)), "UTC")
    assert runs["run"].to_list() == [shop.run]
    assert runs["realised"][0] == pytest.approx(runs["promised"][0])
    together = calibration(runs)
    assert together is not None
    assert (together.runs, together.inside, together.coverage) == (1, 1, 1.0)


def test_regret_sets_every_answered_proposal_beside_the_other_price() -> None:
    shop = place()
    asked = changes(shop)
    refused = Key(*asked.select(KEY).row(0))
    answering.answer(shop.book, shop.run, "reject", by="ben", at=shop.clock(), policy=shop.desk.policy, why="flyer", keys=[refused])
    published(shop)
    now = later(shop.made.snapshot, prices(shop), expected(shop))
    found = regrets(shop.book, now, shop.desk.policy)
    assert found.height == asked.height
    row = found.filter(pl.col("answer") == "rejected").row(0, named=True)
    was = asked.row(0, named=True)
    assert (row["sku"], row["proposed"], row["other"]) == (refused.sku, was["price"], was["current_price"])
    assert set(found.filter(pl.col("sku") != refused.sku)["answer"]) == {"accepted"}
    assert found.select((pl.col("value_lo") <= pl.col("value")) & (pl.col("value") <= pl.col("value_hi"))).to_series().all()
    assert found.filter(pl.col("answer") == "accepted")["value"].sum() > 0


def test_an_override_is_set_beside_what_it_replaced() -> None:
    shop = place()
    key, other = Key(*changes(shop).select(KEY).row(0)), 5
    was = changes(shop).row(0, named=True)
    listed = shop.made.decided.decisions.with_columns(
        price=pl.when(pl.col("sku") == key.sku).then(pl.col("price") + other).otherwise("current_price"),
        action=pl.when(pl.col("sku") == key.sku).then(pl.lit("change")).otherwise(pl.lit("keep")),
        reason=pl.when(pl.col("sku") == key.sku).then(pl.lit("override")).otherwise("reason"),
    )
    made = dataclasses.replace(shop.made, decided=dataclasses.replace(shop.made.decided, decisions=listed))
    facts = Facts(cost_at=shop.clock(), competitor_at=shop.clock(), stock_at=shop.clock())
    mine = record(shop.book, made, at=shop.clock(), by="anna", code="made", facts=facts, kind="override", parent=shop.run).run
    answering.answer(shop.book, mine, "accept", by="ben", at=shop.clock(), policy=shop.desk.policy)
    send.publish(shop.desk, mine)
    now = later(shop.made.snapshot, prices(shop), np.ones(len(prices(shop))))
    found = regrets(shop.book, now, shop.desk.policy)
    assert found.select("run", "sku", "answer", "proposed", "other").rows() == [
        (shop.run, key.sku, "overridden", was["price"], was["price"] + other)
    ]
    assert regrets(shop.book, now, shop.desk.policy, [mine]).is_empty()


def test_a_hold_out_is_read_by_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "TEXT", f'{desk.TEXT}\n[holdout]\nshare = 0.4\nsalt = "x"\n')
    shop = published(place(products=12))
    now = later(shop.made.snapshot, prices(shop), expected(shop))
    found = reckon(shop.book, now, shop.run).holdout
    assert found is not None
    assert found.clusters is not None
    assert not found.split
    assert found.clusters.low < found.clusters.lift < found.clusters.high


def test_without_hold_out_there_is_no_readout(shop: Place) -> None:
    assert reckon(shop.book, later(shop.made.snapshot, prices(shop), expected(shop)), shop.run).holdout is None


def test_what_was_accepted_counts_before_it_is_sent() -> None:
    shop = place()
    count = changes(shop).height
    empty = {"run": shop.run, "proposals": count, "overridden": 0, "rejected": 0, "sent": 0, "in_shop": 0, "taken_back": 0, "stood": 0}
    assert adoption(shop.book, shop.desk.policy).to_dicts() == [{**empty, "accepted": 0, "unanswered": count}]
    keys = [Key(*row) for row in changes(shop).select(KEY).iter_rows()]
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=keys[1:])
    answering.answer(shop.book, shop.run, "reject", by="anna", at=shop.clock(), policy=shop.desk.policy, keys=keys[:1], why="no")
    told = {**empty, "accepted": count - 1, "rejected": 1, "unanswered": 0}
    assert adoption(shop.book, shop.desk.policy).to_dicts() == [told]
    send.publish(shop.desk, shop.run)
    sent = {**told, "sent": count - 1, "in_shop": count - 1}
    assert adoption(shop.book, shop.desk.policy).to_dicts() == [sent]
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), shop.run, by="anna", keys=keys[1:3])
    assert adoption(shop.book, shop.desk.policy).to_dicts() == [{**sent, "taken_back": 2}], "still accepted"


def test_rules_that_change_later_unsay_no_answer() -> None:
    shop = place()
    count, calm = changes(shop).height, policy(rule=[{"kind": "margin_floor", "min_margin": 0.05}, {"kind": "max_change", "step": 0.04}])

    def agree(run: str, *names: str) -> None:
        for name in names:
            answering.answer(shop.book, run, "accept", by=name, at=shop.clock(), policy=shop.desk.policy)

    def priced(made: Made, code: str) -> str:
        shop.clock.sleep(60.0)
        now = shop.clock()
        return record(shop.book, made, at=now, code=code, facts=Facts(cost_at=now, competitor_at=now, stock_at=now)).run

    def answered(run: str) -> tuple[int, int]:
        row = adoption(shop.book, shop.desk.policy).row(by_predicate=pl.col("run") == run, named=True)
        return row["accepted"], row["unanswered"]

    agree(shop.run, "anna")
    decided = decide(shop.made.snapshot, shop.made.model, calm)
    made = dataclasses.replace(shop.made, policy=calm, policy_text=desk.TEXT.replace("0.08", "0.04"), decided=decided)
    stricter = priced(made, "made")
    agree(stricter, "anna")
    assert answered(stricter)[0] == 0, "other rules than those of an earlier run, and nothing was sent yet: one person is not enough"
    with pytest.raises(PricesmithError, match="no change of the run is approved"):
        send.publish(shop.again(), stricter)
    agree(stricter, "ben")
    send.publish(shop.again(), stricter)
    assert answered(shop.run) == (count, 0)
    assert answered(stricter)[0] > 0
    back = priced(shop.made, "newer")
    agree(back, "anna")
    assert answered(back) == (0, count), "other rules than those of the prices sent before: one person is not enough"
    agree(back, "ben")
    assert answered(back) == (count, 0)


def test_rules_are_compared_with_those_of_the_prices_that_stand() -> None:
    """A run under other rules that was taken back before anybody answered says nothing: the prices of the run before it stand."""
    shop = published(place())
    count, calm = changes(shop).height, policy(rule=[{"kind": "margin_floor", "min_margin": 0.05}, {"kind": "max_change", "step": 0.04}])
    first = [Key(*row) for row in changes(shop).select(KEY).head(2).iter_rows()]

    def priced(made: Made, code: str) -> str:
        shop.clock.sleep(3600.0)
        now = shop.clock()
        return record(shop.book, made, at=now, code=code, facts=Facts(cost_at=now, competitor_at=now, stock_at=now)).run

    def agree(run: str, name: str, keys: list[Key] | None = None) -> None:
        answering.answer(shop.book, run, "accept", by=name, at=shop.clock(), policy=shop.desk.policy, keys=keys)

    def accepted(run: str) -> int:
        return int(adoption(shop.book, shop.desk.policy).row(by_predicate=pl.col("run") == run, named=True)["accepted"])

    decided = decide(shop.made.snapshot, shop.made.model, calm)
    other = priced(dataclasses.replace(shop.made, policy=calm, policy_text=desk.TEXT.replace("0.08", "0.04"), decided=decided), "other")
    for name in ("anna", "ben"):
        agree(other, name, first)
    send.publish(shop.again(), other)
    before = priced(shop.made, "before")
    agree(before, "anna")
    assert accepted(before) == 0, "the prices of other rules stand"
    shop.clock.sleep(3600.0)
    send.take_back(shop.again(), other, by="anna")
    assert accepted(before) == 0, "as it was when the run was answered"
    after = priced(shop.made, "after")
    agree(after, "anna")
    assert accepted(after) == count
