"""What a shop tells of its orders reaches the guards: a rush after a cut, and what a wave of the canary brought."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import polars as pl
import pytest

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import Key
from pricesmith.contracts.tables import ORDERS, Table
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.sending import gate, orders, send, switch
from pricesmith.flows.publishing.sending.realised import margin_change
from pricesmith.flows.publishing.sending.rush import watch_orders
from pricesmith.testing.fake_shop import FakeShop
from tests.publishing.desk import Place, place, policy

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclasses.dataclass
class Rows:
    frame: pl.DataFrame


class Teller(FakeShop):
    """A made shop that tells its orders: lines of (moment, key, units, price in major units)."""

    lines: list[tuple[dt.datetime, Key, int, float]]
    refused: ShopError | None
    asked: int

    def pull(self, table: Table, since: dt.datetime | None = None) -> Rows | None:
        self.asked += 1
        if self.refused is not None:
            raise self.refused
        assert table is ORDERS and since is not None
        names = ("order_id", "at", "sku", "channel", "region", "units", "price")
        told = [
            (f"o{n}", at.isoformat(), *key, str(units), str(price)) for n, (at, key, units, price) in enumerate(self.lines) if at >= since
        ]
        return Rows(pl.DataFrame(told, schema=dict.fromkeys(names, pl.String()), orient="row"))


def teller(shop: Place) -> Teller:
    """The shop of a place, which now tells its orders."""
    old = shop.shop
    found = Teller(old.truth, old.rng, old.clock, currency=old.currency, capability=old.capability)
    found.lines, found.refused, found.asked = [], None, 0
    shop.shop, shop.desk = found, dataclasses.replace(shop.desk, shop=found)
    return found


def weeks(now: dt.datetime, every: dt.timedelta, keys: Sequence[Key]) -> list[tuple[dt.datetime, Key, int, float]]:
    """An order each so often for four weeks, of one product after the other."""
    count = int(28 * DAY / every)
    return [(now - n * every, keys[n % len(keys)], 1, 20.0) for n in range(count, 0, -1)]


def table(*moments: dt.datetime) -> pl.DataFrame:
    rows = [(f"o{n}", at, "a", 1.0, 20.0) for n, at in enumerate(moments)]
    return pl.DataFrame(rows, schema={name: ORDERS.schema[name] for name in ("order_id", "at", "sku", "units", "price")}, orient="row")


def published(shop: Place) -> None:
    answering.answer(shop.book, shop.run, "accept", by="anna", at=shop.clock(), policy=shop.desk.policy)
    send.publish(shop.desk, shop.run)


def test_the_usual_hour_is_that_of_the_week() -> None:
    """Ten orders at this hour of the last four Mondays, one in every other hour."""
    monday = [NOW - week * 7 * DAY - dt.timedelta(minutes=5 * n + 1) for week in range(1, 5) for n in range(10)]
    quiet = [NOW - n * HOUR - dt.timedelta(minutes=30) for n in range(28 * 24 + 2)]
    count, usual = orders.rush(table(*monday, *quiet), NOW - 2 * HOUR, NOW)
    assert count == 1
    assert usual == 11.0
    assert orders.rush(table(*monday, *quiet), NOW - 2 * HOUR, NOW + 4 * HOUR)[1] == 1.0
    assert orders.rush(table(*monday, *quiet), None, NOW)[0] == 0, "no cut, no rush"
    assert orders.rush(table(*monday, *quiet), NOW - dt.timedelta(minutes=10), NOW)[0] == 0, "only what came after the cut"


def test_a_shop_that_was_not_seen_for_a_week_has_no_usual_hour() -> None:
    assert orders.rush(table(), NOW, NOW) == (0, None)
    assert orders.rush(table(NOW - 6 * DAY), NOW - HOUR, NOW)[1] is None
    assert orders.pace(table(NOW - 6 * DAY), NOW - HOUR, NOW) is None


def test_a_quiet_night_is_the_pace_of_nights() -> None:
    """Twelve orders an hour by day, one by night."""
    hours = [NOW - n * HOUR for n in range(1, 28 * 24 + 1)]
    moments = [at + dt.timedelta(minutes=4 * k) for at in hours for k in range(12 if 8 <= at.hour < 20 else 1)]
    night, noon = NOW.replace(hour=2), NOW.replace(hour=9)
    slow, quick = (orders.pace(table(*moments), at, at + HOUR / 2) for at in (night, noon))
    assert slow is not None and quick is not None
    assert slow == pytest.approx(1 / 6.5 * 2, rel=0.3)
    assert quick > 5 * slow


def test_orders_are_read_once_a_minute_and_then_only_the_new_ones() -> None:
    shop = place()
    told = teller(shop)
    key = next(iter(told.truth))
    told.lines = weeks(shop.clock(), HOUR, [key])
    first = orders.read(shop.desk)
    assert first is not None and first.height == 28 * 24
    told.lines.append((shop.clock(), key, 2, 20.0))
    assert orders.read(shop.desk) is first
    assert told.asked == 1
    shop.clock.sleep(61.0)
    again = orders.read(shop.desk)
    assert again is not None and again.height == first.height + 1


def test_a_shop_that_tells_no_orders_is_not_seen() -> None:
    shop = place()
    assert orders.read(shop.desk) is None
    told = teller(shop)
    told.refused = ShopError("may not read orders")
    assert orders.read(shop.desk) is None
    told.refused = ShopBusy("wait", wait=5.0)
    shop.clock.sleep(61.0)
    with pytest.raises(ShopBusy):
        orders.read(shop.desk)


def test_the_guards_see_what_the_shop_tells() -> None:
    shop = place()
    told = teller(shop)
    told.lines = weeks(shop.clock(), HOUR, list(told.truth))
    published(shop)
    gate.facts_of(shop.desk, shop.run)
    state = gate.state_of(shop.desk, shop.book.read("applied").drop("seq"), shop.clock(), 1.0)
    assert (state.orders, state.usual) == (0, 1.0)
    unseen = place()
    published(unseen)
    state = gate.state_of(unseen.desk, unseen.book.read("applied").drop("seq"), unseen.clock(), 1.0)
    assert (state.orders, state.usual) == (None, None)


def test_a_rush_after_a_cut_stops_the_shop_and_prices_may_go_back() -> None:
    shop = place()
    told = teller(shop)
    before = dict(told.truth)
    told.lines = weeks(shop.clock(), HOUR, list(told.truth))
    published(shop)
    cut = next(key for key, price in told.truth.items() if price < before[key])
    assert watch_orders(shop.again()) == ""
    told.lines += [(shop.clock() + dt.timedelta(seconds=n), cut, 1, 10.0) for n in range(1, 40)]
    shop.clock.sleep(120.0)
    assert "G16 order_rush: 39 orders within an hour after a cut, usually at most 1" in watch_orders(shop.again())
    assert "order_rush" in switch.tripped(shop.book.read("switches"), "main")
    acts = shop.book.read("audit").height
    watch_orders(shop.again())
    assert shop.book.read("audit").height == acts, "what stands is not told again"
    send.take_back(shop.again(), shop.run, by="anna")
    assert dict(told.truth) == before


def test_without_a_cut_many_orders_are_good_news() -> None:
    shop = place()
    told = teller(shop)
    told.lines = weeks(shop.clock(), HOUR, list(told.truth))
    told.lines += [(shop.clock() + dt.timedelta(seconds=n), next(iter(told.truth)), 1, 10.0) for n in range(1, 40)]
    shop.clock.sleep(120.0)
    assert watch_orders(shop.again()) == ""
    assert watch_orders(place().desk) == ""


SLOW = {"canary_minutes": 600, "canary": [0.7], "canary_least": 1, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9}


def begun(sold: float) -> tuple[Place, Teller]:
    """Seven tenths of a run have left 600 minutes ago; since then they sold that share of the expected units, at the new prices."""
    shop = place(policy(guards=SLOW))
    told = teller(shop)
    told.lines = weeks(shop.clock(), dt.timedelta(minutes=10), list(told.truth))
    published(shop)
    known = gate.facts_of(shop.desk, shop.run)
    left = (
        shop.book.read("applied")
        .filter(pl.col("cause") == "publish")
        .join(known.decided.select(*Key._fields, "expected_units"), on=Key._fields)
    )
    start = shop.clock()
    for row in left.iter_rows(named=True):
        count = round(sold * row["expected_units"] * 600 / 1440)
        told.lines += [
            (start + dt.timedelta(minutes=600 * (n + 0.5) / count), Key(*(row[k] for k in Key._fields)), 1, row["price"] / 100)
            for n in range(count)
        ]
    told.lines += [(start + dt.timedelta(minutes=10 * n), Key("other", "web", "DE"), 1, 20.0) for n in range(60)]
    shop.clock.sleep(601 * 60.0)
    return shop, told


def change(shop: Place) -> float | None:
    desk = shop.again()
    return margin_change(desk, gate.facts_of(desk, shop.run), orders.read(desk), shop.clock())


def test_the_margin_of_a_wave_is_that_of_the_orders_since() -> None:
    good, bad = change(begun(1.0)[0]), change(begun(0.0)[0])
    assert good is not None and bad is not None
    assert good > 0.0, "what was expected came: no loss beyond chance"
    assert -1.0 < bad < -0.05
    untold = place(policy(guards=SLOW))
    published(untold)
    assert change(untold) is None


def test_a_wave_that_lost_its_margin_is_the_last() -> None:
    shop, told = begun(0.0)
    writes = told.seen.writes
    assert "G11 canary_margin" in send.publish(shop.again(), shop.run).stopped
    assert told.seen.writes == writes
    shop, told = begun(1.0)
    assert send.publish(shop.again(), shop.run).stopped == ""
    assert told.seen.writes > writes
