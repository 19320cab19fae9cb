"""The canary counts what came: an elapsed pause opens nothing that was not filled before."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from pricesmith.contracts.publishing import GuardPolicy
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.sending import send
from pricesmith.flows.publishing.sending.preview import preview
from pricesmith.flows.publishing.sending.waves import wave_at
from tests.publishing.desk import Place, place, policy

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
LIMITS = GuardPolicy(canary_minutes=1.0)
GUARDS = {"canary_minutes": 30, "canary": [0.1, 0.3, 0.6], "canary_least": 1, "dwell_minutes": 0.001, "index_hour": 0.9, "index_day": 0.9}


def test_a_first_act_of_three_does_not_use_up_the_canary() -> None:
    """3 of 302 stood there for an hour: the first wave still holds 20."""
    wave = wave_at(LIMITS, [NOW] * 3, 302, NOW + 60 * MINUTE)
    assert wave.share == pytest.approx(20 / 302)
    assert wave.next_at == NOW + 61 * MINUTE


@pytest.mark.parametrize(
    ("came", "minutes", "share"), [(18, 0.9, 20 / 302), (17, 60, 20 / 302), (18, 1, 0.1), (27, 60, 0.1), (28, 60, 0.5), (136, 60, 1.0)]
)
def test_a_wave_that_is_filled_opens_the_next_after_its_pause(came: int, minutes: float, share: float) -> None:
    """Of waves of 20, 31 and 151 nine tenths are 18, 28 and 136; the pauses follow each other."""
    assert wave_at(LIMITS, [NOW] * came, 302, NOW + minutes * MINUTE).share == pytest.approx(share)


def test_each_pause_counts_from_when_its_wave_was_filled() -> None:
    arrived = [NOW] * 20 + [NOW + 90 * MINUTE] * 11
    assert wave_at(LIMITS, arrived, 302, NOW + 90.5 * MINUTE).next_at == NOW + 91 * MINUTE
    assert wave_at(LIMITS, arrived, 302, NOW + 91 * MINUTE).share == pytest.approx(0.5)


def agreed(shop: Place, keys: list[Key]) -> None:
    for by in ("anna", "ben"):
        answering.answer(shop.book, shop.run, "accept", by=by, at=shop.clock(), policy=shop.desk.policy, keys=keys)


def changed(shop: Place) -> list[Key]:
    rows = shop.book.read("decided").filter(pl.col("action") == "change")
    return [Key(*row) for row in rows.select(Key._fields).iter_rows()]


def arrived(shop: Place) -> list[dt.datetime]:
    return shop.book.read("receipts").filter(pl.col("fate") == "applied")["at"].sort().to_list()  # type: ignore[no-any-return]


@pytest.mark.real  # long
@pytest.mark.parametrize("seed", range(4))
def test_however_the_acts_are_split_no_wave_leaves_before_the_pause_of_the_one_before(seed: int) -> None:
    """At each moment what has left of the prices asked for so far is at most the share of the last wave whose predecessor was filled."""
    rng, shop = np.random.default_rng(seed), place(policy(guards=GUARDS), products=24)
    keys = changed(shop)
    rng.shuffle(keys)
    first = [Key(*key) for key in keys[: int(rng.integers(1, 4))]]
    agreed(shop, first)
    send.publish(shop.desk, shop.run, first)
    shop.clock.sleep(float(rng.uniform(0, 200)) * 60.0)
    send.drain(shop.again())
    agreed(shop, [Key(*key) for key in keys])
    for _ in range(60):
        before = arrived(shop)
        send.publish(shop.again(), shop.run)
        here, count = arrived(shop), len(keys)
        if len(here) > len(before):
            assert len(here) <= max(most_by_hand(before, count, shop.clock()), len(before))
        if len(here) == count:
            break
        shop.clock.sleep(float(rng.uniform(1, 25)) * 60.0)
    assert len(arrived(shop)) == count


def most_by_hand(came: list[dt.datetime], count: int, now: dt.datetime) -> int:
    """Prices that may have left: a wave is over when nine tenths of it came half an hour ago and the wave before it was over then."""
    over = dt.datetime.min.replace(tzinfo=dt.UTC)
    for share in (0.1, 0.3, 0.6):
        size = math.ceil(share * count - 1e-9)
        need = math.ceil(0.9 * size)
        if len(came) < need:
            return size
        over = max(came[need - 1], over) + 30 * MINUTE
        if now < over:
            return size
    return count


def test_a_dry_run_leaves_out_what_was_taken_back_as_publishing_does() -> None:
    shop = place()
    keys = changed(shop)
    agreed(shop, keys)
    send.publish(shop.desk, shop.run)
    send.take_back(shop.again(), shop.run, by="anna", keys=keys[:1])
    shop.clock.sleep(3600.0)
    found = preview(shop.again(), shop.run).rows
    assert found.filter(pl.col("sku") == keys[0].sku)["verdict"].to_list() == ["settled"]
    assert found.filter(pl.col("verdict") == "send").is_empty()
    writes = len(shop.shop.effects)
    send.publish(shop.again(), shop.run)
    assert len(shop.shop.effects) == writes


@pytest.mark.parametrize(
    ("came", "minutes", "more", "empty"),
    [(18, 30, 120, 1), (20, 90, 120, 1), (20, 121, None, 0), (30, 130, 180, 0), (17, 30, None, 0), (30, 181, None, 0)],
)
def test_a_wave_that_brings_no_price_takes_its_time_too(came: int, minutes: int, more: int | None, empty: int) -> None:
    """Of 60 changes 20 leave first, more than a tenth: the second wave has none, and the third leaves two hours after the first."""
    limits = GuardPolicy(canary_minutes=60.0)
    wave = wave_at(limits, [NOW] * min(came, 20) + [NOW + 120 * MINUTE] * (came - 20), 60, NOW + minutes * MINUTE)
    assert (wave.more_at, wave.empty) == (None if more is None else NOW + more * MINUTE, empty)
