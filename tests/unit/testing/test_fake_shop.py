"""The fake shop fails as told, the same way each time, and hides nothing from a test."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.shop import Key, Writing, Written
from pricesmith.testing.check_shop import Bench, check_partial, check_prices, check_refusals
from pricesmith.testing.fake_shop import CAPABILITY, FakeShop, Faults, VirtualClock

KEYS = [Key(f"s{number}", "web", "DE") for number in range(10)]


def shop(seed: int = 0, **faults: float) -> FakeShop:
    return FakeShop(dict.fromkeys(KEYS, 1000), np.random.default_rng(seed), VirtualClock(), Faults(**faults))


def batch(target: FakeShop, price: int, keys: Sequence[Key] = KEYS) -> list[Writing]:
    return [Writing(key, price, "EUR", "/".join(key)) for key in keys]


def fates(answers: Sequence[Written]) -> dict[Key, str]:
    assert len({answer.key for answer in answers}) == len(answers)
    return {answer.key: answer.fate for answer in answers}


def test_without_faults_prices_are_written_and_read_back() -> None:
    target = shop()
    assert set(fates(target.write(batch(target, 1100))).values()) == {"applied"}
    assert {reading.price for reading in target.prices().values()} == {1100}
    assert set(target.prices([KEYS[0], Key("x", "web", "DE")])) == {KEYS[0]}
    assert [effect.price for effect in target.effects] == [1100] * 10


def test_busy_refuses_until_the_wait_is_over_and_counts_who_comes_early() -> None:
    target = shop(busy=1.0)
    with pytest.raises(ShopBusy) as busy:
        target.prices()
    assert busy.value.wait == 30.0
    target.faults = Faults()
    with pytest.raises(ShopBusy) as early:
        target.write(batch(target, 1))
    assert early.value.wait == 30.0
    assert target.seen.early == 1
    target.clock.sleep(30.0)  # type: ignore[attr-defined]
    target.write(batch(target, 1100))
    assert target.seen.early == 1


def test_timeout_applies_and_says_unknown() -> None:
    target = shop(timeout=1.0)
    assert set(fates(target.write(batch(target, 1100))).values()) == {"unknown"}
    assert set(target.truth.values()) == {1100}


def test_reset_applies_a_part_unless_calls_are_atomic() -> None:
    target = shop(seed=3, reset=1.0)
    assert set(fates(target.write(batch(target, 1100))).values()) == {"unknown"}
    assert 0 < len(target.effects) < 10
    atomic = shop(seed=3, reset=1.0)
    atomic.capability = dataclasses.replace(CAPABILITY, atomic=True)
    atomic.write(batch(atomic, 1100))
    assert atomic.effects == []


def test_late_prices_arrive_after_newer_ones() -> None:
    target = shop(late=1.0)
    target.write(batch(target, 1100, KEYS[:1]))
    target.faults = Faults()
    target.write(batch(target, 1200, KEYS[:1]))
    assert target.truth[KEYS[0]] == 1200
    assert [effect.price for effect in target.coming] == [1100]
    target.clock.sleep(300.0)  # type: ignore[attr-defined]
    assert target.truth[KEYS[0]] == 1100
    assert [effect.price for effect in target.effects] == [1200, 1100]


def test_pending_becomes_visible_later() -> None:
    target = shop(pending=1.0)
    assert set(fates(target.write(batch(target, 1100))).values()) == {"pending"}
    assert set(target.truth.values()) == {1000}
    target.clock.sleep(300.0)  # type: ignore[attr-defined]
    assert set(target.truth.values()) == {1100}


def test_partial_success_and_refusals() -> None:
    target = shop(rejected=0.4)
    found = fates(target.write([*batch(target, 1100), Writing(Key("x", "web", "DE"), 1, "EUR", "x/web/DE")]))
    assert found.pop(Key("x", "web", "DE")) == "rejected"
    assert set(found.values()) == {"applied", "rejected"}
    assert {key for key, price in target.truth.items() if price == 1100} == {key for key, fate in found.items() if fate == "applied"}


def test_atomic_refuses_the_whole_call() -> None:
    target = shop()
    target.capability = dataclasses.replace(CAPABILITY, atomic=True)
    wrong = Writing(KEYS[9], 1100, "USD", "/".join(KEYS[9]))
    assert set(fates(target.write([*batch(target, 1100, KEYS[:9]), wrong])).values()) == {"rejected"}
    assert set(target.truth.values()) == {1000}


def test_broken_and_too_many() -> None:
    with pytest.raises(ShopError):
        shop(broken=1.0).prices()
    target = shop()
    with pytest.raises(ShopError):
        target.write(batch(target, 1100, KEYS * 2))
    many = [Key(f"n{number}", "web", "DE") for number in range(101)]
    with pytest.raises(ShopError, match="at most 100"):
        target.write(batch(target, 1100, many))


def test_a_rule_sees_every_price_that_arrives() -> None:
    def floor(key: Key, price: int) -> None:
        assert price >= 900, f"{key} below its floor"

    target = FakeShop(dict.fromkeys(KEYS, 1000), np.random.default_rng(0), VirtualClock(), Faults(timeout=1.0), rule=floor)
    target.write(batch(target, 900))
    with pytest.raises(AssertionError, match="below its floor"):
        target.write(batch(target, 899))


def test_a_crash_at_a_point_leaves_what_had_happened() -> None:
    class KillError(Exception):
        pass

    def die(point: str) -> None:
        if point == "applied":
            raise KillError

    target = FakeShop(dict.fromkeys(KEYS, 1000), np.random.default_rng(0), VirtualClock(), point=die)
    with pytest.raises(KillError):
        target.write(batch(target, 1100))
    assert set(target.truth.values()) == {1100}


def test_somebody_else_changes_a_price() -> None:
    target = shop()
    target.change(KEYS[0], 777)
    assert target.prices([KEYS[0]])[KEYS[0]].price == 777
    assert [effect.by for effect in target.effects] == ["other"]


@pytest.mark.parametrize("atomic", [False, True])
def test_without_faults_it_keeps_the_promises_of_every_shop(atomic: bool) -> None:
    for check in (check_prices, check_refusals, check_partial):
        clock = VirtualClock()
        target = FakeShop({key: 1000 + 7 * n for n, key in enumerate(KEYS)}, np.random.default_rng(0), clock)
        target.capability = dataclasses.replace(CAPABILITY, atomic=atomic)
        check(Bench(target, lambda target=target: target.truth, clock), "EUR")  # type: ignore[misc]


def test_same_seed_same_faults() -> None:
    def run(seed: int) -> list[object]:
        target = shop(seed, busy=0.2, broken=0.2, reset=0.2, timeout=0.2, late=0.2, rejected=0.2, pending=0.2)
        seen: list[object] = []
        for step in range(60):
            target.clock.sleep(20.0)  # type: ignore[attr-defined]
            try:
                seen.append(tuple(target.write(batch(target, 1000 + step))))
            except ShopError as error:
                seen.append(str(error))
        return [*seen, *target.effects]

    assert run(5) == run(5)
    assert run(5) != run(6)
