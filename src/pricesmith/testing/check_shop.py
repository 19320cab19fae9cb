"""What every shop must keep to: prices come back as they were written, nothing else changes, and no doubt is passed over in silence.

A shop of your own comes with a function that makes one over a made platform:

    def make(prices: Mapping[Key, int], currency: str) -> Bench: ...

    def test_my_shop() -> None:
        check_shop(make)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.shop import Key, Reading, Shop, Writing, Written

from .fake_shop import VirtualClock
from .wire import WAIT, Heard, Wire

CANARY = "canary-7f3a9c51d2"
SKUS = ("a-1", "b-2", "c-3", "d-4")


@dataclass(frozen=True, slots=True)
class Bench:
    """A shop over a made platform, and what a test sees of both.

    truth   prices as customers see them, in minor units
    wire    how requests travel; None for a shop that makes none
    arrive  lets accepted prices take effect, where the platform does so later
    """

    shop: Shop
    truth: Callable[[], Mapping[Key, int]]
    clock: VirtualClock
    wire: Wire | None = None
    arrive: Callable[[], None] = lambda: None


Make = Callable[[Mapping[Key, int], str], Bench]


def check_shop(make: Make, *, channel: str = "web", region: str = "DE", currencies: Sequence[str] = ("EUR", "JPY", "KWD")) -> None:
    """Raise AssertionError with the promise that a shop breaks.

    make        a shop whose secret is, or holds, CANARY, and whose platform has these prices; the first currency is used throughout
    currencies  each is written and read, with its own exponent
    """
    keys = [Key(sku, channel, region) for sku in SKUS]
    for currency in currencies:
        check_prices(_fresh(make, keys, currency), currency)
    first = currencies[0]
    check_refusals(_fresh(make, keys, first), first)
    check_partial(_fresh(make, keys, first), first)
    if _fresh(make, keys, first).wire is not None:
        for check in (check_unknown, check_busy, check_errors):
            check(lambda: _fresh(make, keys, first), first)


def _fresh(make: Make, keys: Sequence[Key], currency: str) -> Bench:
    return make({key: 1000 + 111 * place for place, key in enumerate(keys)}, currency)


def writings(bench: Bench, prices: Mapping[Key, int]) -> list[Writing]:
    """Prices to be written, with the handles under which the shop knows them."""
    found = bench.shop.prices(list(prices))
    return [Writing(key, price, found[key].currency, found[key].handle) for key, price in prices.items()]


def fates(answers: Sequence[Written]) -> dict[Key, str]:
    """Fate by key; AssertionError where a key has two."""
    by_key = {answer.key: str(answer.fate) for answer in answers}
    assert len(by_key) == len(answers), "two answers for one price"
    return by_key


def check_prices(bench: Bench, currency: str) -> None:
    """Read, write, read back; the same again; nothing else moved; who is not known is absent."""
    before = dict(bench.truth())
    found = bench.shop.prices()
    assert {key: found[key].price for key in before} == before, "reading all is not what stands in the shop"
    assert all(reading.currency == currency and reading.handle for reading in found.values())
    first, *others = before
    strange = [first, Key("nobody", first.channel, first.region), Key(first.sku, "elsewhere", first.region)]
    assert set(bench.shop.prices(strange)) == {first}, "a key that the shop does not know is absent"
    some = others[:2]
    wanted = {key: before[key] + 37 for key in reversed(some)}
    batch = writings(bench, wanted)
    for _ in range(2):
        _written(bench, batch)
        assert bench.truth() == before | wanted, "the prices written, and no others, changed"
    again: Mapping[Key, Reading] = bench.shop.prices(list(wanted))
    assert {key: reading.price for key, reading in again.items()} == wanted, "what was written is not what is read back"
    _written(bench, [dataclasses.replace(writing, price=before[writing.key]) for writing in batch])
    assert bench.truth() == before, "writing the old prices restores them"


def _written(bench: Bench, batch: Sequence[Writing]) -> None:
    """Write these, in as many calls as the platform needs."""
    accepted = "pending" if bench.shop.capability.asynchronous else "applied"
    size = bench.shop.capability.batch
    for start in range(0, len(batch), size):
        part = batch[start : start + size]
        assert fates(bench.shop.write(part)) == {writing.key: accepted for writing in part}, "a good price is accepted"
    bench.arrive()


def check_refusals(bench: Bench, currency: str) -> None:
    """What can be no price is refused before it is sent."""
    before = dict(bench.truth())
    (key, *_) = before
    (good,) = writings(bench, {key: 1234})
    bad_prices: list[Any] = [0, -1, MAX_MINOR, 10**30, True, 12.5, float("nan"), float("inf"), None, "12"]
    bad = [dataclasses.replace(good, price=cast(int, price)) for price in bad_prices]
    bad += [dataclasses.replace(good, currency="USD" if currency != "USD" else "EUR"), dataclasses.replace(good, currency="zzz")]
    bad += [dataclasses.replace(good, handle=""), dataclasses.replace(good, key=Key(key.sku, "elsewhere", key.region))]
    for writing in bad:
        assert set(fates(bench.shop.write([writing])).values()) == {"rejected"}, f"{writing} must be refused"
    assert not bench.shop.write([])
    too_many = [dataclasses.replace(good, key=Key(f"x{n}", key.channel, key.region)) for n in range(bench.shop.capability.batch + 1)]
    raises(ShopError, lambda: bench.shop.write(too_many))
    raises(ShopError, lambda: bench.shop.write([good, good]))
    assert bench.truth() == before
    assert bench.wire is None or not bench.wire.written, "nothing of it was sent"


def check_partial(bench: Bench, currency: str) -> None:
    """A price that the platform refuses has its own answer; the others theirs."""
    before = dict(bench.truth())
    good = writings(bench, {key: price + 5 for key, price in list(before.items())[: max(bench.shop.capability.batch - 1, 1)]})
    wrong = Writing(Key("nobody", *good[0].key[1:]), 1234, currency, _strange(good[0].handle))
    if bench.shop.capability.batch == 1:
        assert fates(bench.shop.write([wrong])) == {wrong.key: "rejected"}
        return
    found = fates(bench.shop.write([good[0], wrong, *good[1:]]))
    bench.arrive()
    assert set(found) == {writing.key for writing in good} | {wrong.key}, "one answer for each price"
    assert found[wrong.key] == "rejected", "what the platform refused is rejected"
    done = {writing.key for writing in good if found[writing.key] in ("applied", "pending")}
    assert bench.truth() == before | {writing.key: writing.price for writing in good if writing.key in done}, "the answers are the truth"
    if not bench.shop.capability.atomic:
        assert done == {writing.key for writing in good}, "one bad price must not stop the others"


def _strange(handle: str) -> str:
    """A handle of the same form that nothing has."""
    head, slash, last = handle.rpartition("/")
    numbered = "".join("9" if mark.isdigit() else mark for mark in last)
    return f"{head}{slash}" + (f"{numbered}99999" if numbered[-1:] == "9" else "nobody")


def check_unknown(fresh: Callable[[], Bench], _currency: str) -> None:
    """No answer is no failure: the fate is unknown, and reading tells."""
    for fault, carried in (("timeout", True), ("reset", False), ("broken", False)):
        bench = fresh()
        assert bench.wire is not None
        before = dict(bench.truth())
        (key, *_) = before
        batch = writings(bench, {key: before[key] + 9})
        bench.wire.faults = [fault]  # type: ignore[list-item]
        assert fates(bench.shop.write(batch)) == {key: "unknown"}, f"{fault}: the fate is unknown"
        bench.arrive()
        expected = batch[0].price if carried else before[key]
        assert bench.shop.prices([key])[key].price == expected == bench.truth()[key], f"{fault}: reading tells"


def check_busy(fresh: Callable[[], Bench], _currency: str) -> None:
    """The wait that the shop asks for is told, and kept."""
    bench = fresh()
    assert bench.wire is not None
    before = dict(bench.truth())
    (key, *_) = before
    batch = writings(bench, {key: before[key] + 9})
    bench.wire.faults = ["busy"]
    busy = raises(ShopBusy, lambda: bench.shop.write(batch))
    assert isinstance(busy, ShopBusy)
    assert busy.wait is not None
    assert busy.wait >= WAIT, "the wait is that of the shop"
    sent = len(bench.wire.sent)
    raises(ShopBusy, lambda: bench.shop.write(batch))
    raises(ShopBusy, lambda: bench.shop.prices([key]))
    assert len(bench.wire.sent) == sent, "no call leaves before the wait is over"
    assert bench.truth() == before
    bench.clock.sleep(busy.wait)
    _written(bench, batch)
    assert bench.truth() == before | {key: before[key] + 9}


def check_errors(fresh: Callable[[], Bench], _currency: str) -> None:
    """A shop that cannot be used is an error with a hint, and no message or log holds the secret."""
    with Heard() as heard:
        told: list[str] = []
        for fault in ("denied", "unreachable", "broken", "busy", "timeout", "reset"):
            for reading in (True, False):
                told += _told(fresh(), fault, reading)
    found = [line for line in [*told, *heard.lines] if CANARY in line]
    assert told
    assert not found, f"the secret is told: {found}"


def _told(bench: Bench, fault: str, reading: bool) -> list[str]:
    """Every word that comes out of a call which meets a fault."""
    assert bench.wire is not None
    (key, *_) = bench.truth()
    batch = writings(bench, {key: 1234})
    bench.wire.faults, bench.wire.only = [fault], not reading  # type: ignore[list-item]
    words = [repr(bench.shop)]
    try:
        words += [str(answer) for answer in (bench.shop.prices([key]).values() if reading else bench.shop.write(batch))]
    except ShopError as error:
        assert fault != "denied" or error.hint, "an error says what to do"
        words += [str(error), repr(error), repr(error.__cause__)]
    else:
        assert fault in ("broken", "timeout", "reset"), f"{fault} must raise"
        assert not reading, f"{fault}: a reading that failed must raise"
    return words


def raises(kind: type[ShopError], call: Callable[[], object]) -> ShopError:
    """The error of a call that must fail."""
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was to be raised")
