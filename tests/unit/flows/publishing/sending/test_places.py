"""Which price leaves before which: what is asked for later queues behind, and nothing falls behind the wave that it had."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.sending.gate import changes_of
from pricesmith.flows.publishing.sending.places import places
from pricesmith.flows.publishing.sending.waves import most
from pricesmith.guards.rank import wave_share
from tests.publishing.desk import Place, place, policy

from .test_waves import agreed, changed

AT = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")
QUEUED = pl.Schema({"intent": pl.String, "sku": pl.String, "channel": pl.String, "region": pl.String, "at": TIME, "kind": pl.String})
RECEIPTS = pl.Schema({"intent": pl.String, "at": TIME, "fate": pl.String, "sent": pl.Int64})
LIMITS = GuardPolicy()
GUARDS = {"canary_minutes": 60, "canary_least": 6, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9}


def rows(name: str, count: int, at: dt.datetime) -> list[tuple[object, ...]]:
    return [(f"{name}{number}", f"{name}{number}", "web", "DE", at, "publish") for number in range(count)]


def table(*parts: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame([row for part in parts for row in part], schema=QUEUED, orient="row")


def order(queued: pl.DataFrame, receipts: pl.DataFrame, about: pl.DataFrame | None = None) -> dict[str, float]:
    everything = queued if about is None else pl.concat([queued, about])
    known = {"category": pl.lit("c"), "revenue": pl.lit(1.0), "bound": pl.lit(None, pl.String)}
    products = everything.select("sku", "channel", "region", **known).unique()
    found = places("run", queued, receipts, queued.clear() if about is None else about, products, {})
    assert found.height == everything.select("sku").n_unique()
    return dict(found.select("sku", "rank").iter_rows())


NOTHING = pl.DataFrame(schema=RECEIPTS)


def test_what_is_asked_for_later_comes_behind_in_an_order_of_its_own() -> None:
    first, later = table(rows("a", 5, AT)), table(rows("b", 20, AT + HOUR))
    alone, both = order(first, NOTHING), order(pl.concat([first, later]), NOTHING)
    assert max(both[f"a{number}"] for number in range(5)) == 4 / 25
    assert sorted(alone, key=alone.__getitem__) == sorted(alone, key=both.__getitem__), "drawn once: the earlier ones keep their order"
    behind = order(later, NOTHING)
    assert sorted(behind, key=behind.__getitem__) == sorted(behind, key=both.__getitem__)


def test_what_is_only_about_to_be_asked_for_comes_last() -> None:
    first, about = table(rows("b", 20, AT)), table(rows("a", 5, AT + HOUR))
    found = order(first, NOTHING, about)
    assert min(found[f"a{number}"] for number in range(5)) == 20 / 25


def test_what_has_left_comes_first_and_what_ended_takes_no_place() -> None:
    queued = table(rows("a", 3, AT), rows("b", 3, AT + HOUR))
    told = [("b1", AT + HOUR, "applied", 100), ("a0", AT + HOUR, "held", None)]
    found = order(queued, pl.DataFrame(told, schema=RECEIPTS, orient="row"))
    assert found["b1"] == 0.0 and found["a0"] == 1.0
    assert {found["a1"], found["a2"]} == {0.2, 0.4} and min(found["b0"], found["b2"]) > 0.5


def test_a_price_that_was_asked_for_again_queues_anew() -> None:
    queued = table(rows("a", 2, AT), rows("b", 2, AT + HOUR), [("a0 again", "a0", "web", "DE", AT + 2 * HOUR, "publish")])
    assert order(queued, NOTHING)["a0"] == 3 / 4


@pytest.mark.parametrize("before", [1, 5, 19, 21, 60, 302])
@pytest.mark.parametrize("more", [1, 20, 398, 5000])
def test_no_wave_shrinks_as_more_is_asked_for(before: int, more: int) -> None:
    for number in range(4):
        room, wider = (most(wave_share(number, count, LIMITS), count) for count in (before, before + more))
        assert wider >= room


def waiting(shop: Place) -> pl.DataFrame:
    """Rows of INTENTS that are still to leave."""
    left = shop.book.waiting(shop.desk.target)
    return shop.book.read("intents").join(left.select("intent"), on="intent", how="semi", maintain_order="left")


def test_prices_that_wait_for_their_wave_leave_before_those_that_are_published_after_them() -> None:
    """6 of 8 leave at once; the 2 others wait, and those published after these do not leave before them."""
    shop = place(policy(guards=GUARDS), products=24)
    keys = changed(shop)
    assert len(keys) >= 16
    agreed(shop, keys[:8])
    send.publish(shop.desk, shop.run, keys[:8])
    announced = {Key(*row) for row in waiting(shop).select(Key._fields).iter_rows()}
    assert len(announced) == 2
    agreed(shop, keys)
    shop.clock.sleep(61 * 60.0)
    send.publish(shop.again(), shop.run)
    left = [announced]
    for _ in range(8):
        left.append({Key(*row) for row in waiting(shop).select(Key._fields).iter_rows()})
        if not announced & left[-1]:
            break
        shop.clock.sleep(61 * 60.0)
        send.drain(shop.again())
    assert not announced & left[-1]
    came = shop.book.read("receipts").filter(pl.col("fate") == "applied")
    sent = came.join(shop.book.read("intents"), on="intent", maintain_order="left")
    assert {Key(*row) for row in sent.select(Key._fields).slice(6, 2).iter_rows()} == announced


def test_the_places_reach_the_guards() -> None:
    shop = place(policy(guards=GUARDS), products=24)
    keys = changed(shop)
    agreed(shop, keys)
    send.publish(shop.desk, shop.run, keys[:8])
    shop.clock.sleep(60.0)
    send.publish(shop.again(), shop.run)
    desk, past = shop.again(), shop.book.read("applied").drop("seq")
    left = waiting(shop).with_columns(attempt=pl.lit(0), read=pl.col("previous"), handle=pl.lit(""))
    ranks = changes_of(desk, left, past, desk.now()).select("sku", "rank")
    early = left.filter(pl.col("at") == pl.col("at").min())["sku"]
    first, rest = (ranks.filter(pl.col("sku").is_in(early.implode()) == here)["rank"] for here in (True, False))
    assert first.max() < rest.min()  # type: ignore[operator]
