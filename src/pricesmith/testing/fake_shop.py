"""A shop in memory that fails on purpose: the same seed and the same calls give the same faults.

    clock = VirtualClock()
    shop = FakeShop({Key("a", "web", "DE"): 1999}, np.random.default_rng(1), clock, faults=Faults(busy=0.1, timeout=0.1))

What reached the shop stands in `shop.effects`; nothing there is hidden from a test, whatever the caller was told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pricesmith.contracts.errors import ShopBusy, ShopError
from pricesmith.contracts.money import MAX_MINOR
from pricesmith.contracts.shop import Capability, Key, Reading, Writing, Written

START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
CAPABILITY = Capability(unit="minor", tax="channel", batch=100, across=True, atomic=False)


class VirtualClock:
    """A clock that stands still until it is told to go on. Calling it gives the time; `sleep` advances it."""

    def __init__(self, start: dt.datetime = START) -> None:
        self.at = start

    def __call__(self) -> dt.datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=max(seconds, 0.0))


@dataclass(frozen=True, slots=True)
class Faults:
    """Chances of each fault, each drawn by itself in this order.

    Of a call that reads or writes:
    busy       the shop asks to wait `busy_seconds` (429); nothing is applied
    broken     ShopError: it cannot be used (5xx); nothing is applied
    Of a call that writes:
    reset      the connection is torn before the shop has all of it: a random part is applied, every fate is unknown
    timeout    all is applied, every fate is unknown
    late       the call times out and its prices arrive up to `late_seconds` later, perhaps after newer ones
    Of one price:
    rejected   refused by the platform
    pending    accepted, and visible up to `late_seconds` later
    """

    busy: float = 0.0
    broken: float = 0.0
    reset: float = 0.0
    timeout: float = 0.0
    late: float = 0.0
    rejected: float = 0.0
    pending: float = 0.0
    busy_seconds: float = 30.0
    late_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Effect:
    """A price that came to stand in the shop.

    sent  when the call was made that brought it
    at    when it took effect
    by    "write", or "other" where somebody else changed it
    """

    key: Key
    price: int
    sent: dt.datetime
    at: dt.datetime
    by: str = "write"


@dataclass(slots=True)
class Seen:
    """What the shop saw of its caller: calls of each kind, waits that it asked for, and calls made before a wait was over."""

    reads: int = 0
    writes: int = 0
    waits: int = 0
    early: int = 0


Rule = Callable[[Key, int], None]
"""Raises AssertionError where this price may not stand in the shop, such as one below its floor."""


@dataclass(slots=True)
class FakeShop:
    """A shop in memory (the protocols Shop and, of its prices, nothing else).

    start       prices in minor units by key, as they stand at first
    rng         generator from which faults are drawn
    clock       gives the time; nothing here reads another one
    currency    ISO 4217 code of all its prices
    capability  what it says of itself; `batch` is enforced, and `atomic` makes one refused price refuse the call
    rule        asked for every price that is sent, whatever becomes of it
    skew        seconds by which its clock is off
    point       called with "received", "applied", "answered" during each write: a test may raise there, as a process that is killed
    """

    start: Mapping[Key, int]
    rng: np.random.Generator
    clock: Callable[[], dt.datetime]
    faults: Faults = Faults()
    currency: str = "EUR"
    capability: Capability = CAPABILITY
    rule: Rule = lambda _key, _price: None
    point: Callable[[str], None] = lambda _name: None
    skew: float | None = 0.0
    seen: Seen = field(default_factory=Seen)
    effects: list[Effect] = field(default_factory=list)
    _prices: dict[Key, int] = field(default_factory=dict)
    _coming: list[Effect] = field(default_factory=list)
    _free: dt.datetime | None = None

    def __post_init__(self) -> None:
        self._prices = dict(self.start)

    @property
    def truth(self) -> Mapping[Key, int]:
        """Prices as a customer sees them now; no fault, no call."""
        self._arrive()
        return dict(self._prices)

    @property
    def coming(self) -> Sequence[Effect]:
        """Effects on their way."""
        self._arrive()
        return tuple(self._coming)

    def change(self, key: Key, price: int) -> None:
        """Somebody else sets a price in the shop."""
        self._arrive()
        now = self.clock()
        self._take_effect(Effect(key, price, now, now, "other"))

    def prices(self, keys: Sequence[Key] | None = None) -> Mapping[Key, Reading]:
        self.seen.reads += 1
        self._admit()
        self._arrive()
        now = self.clock()
        wanted = self._prices if keys is None else [key for key in dict.fromkeys(keys) if key in self._prices]
        return {key: Reading(self._prices[key], self.currency, _handle(key), now) for key in wanted}

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        self.seen.writes += 1
        if len(writings) > self.capability.batch:
            raise ShopError(f"{len(writings)} prices in one call", hint=f"at most {self.capability.batch}")
        if len({writing.key for writing in writings}) < len(writings):
            raise ShopError("two prices of one product in one call")
        self._admit()
        self._arrive()
        self.point("received")
        for writing in writings:
            self.rule(writing.key, writing.price)
        answers = self._serve(writings)
        self.point("answered")
        return [answers[place] for place in self.rng.permutation(len(answers))]

    def _serve(self, writings: Sequence[Writing]) -> list[Written]:
        now = self.clock()
        if self._happens(self.faults.reset):
            arrived = [] if self.capability.atomic else writings[: int(self.rng.integers(0, len(writings) + 1))]
            self._apply(self._good(arrived)[0], now, now)
            return [Written(writing.key, "unknown", "reset", "connection reset") for writing in writings]
        good, bad = self._good(writings)
        if self._happens(self.faults.late):
            self._apply(good, now, self._later(now))
            return [Written(writing.key, "unknown", "timeout", "no answer in time") for writing in writings]
        pending = {writing.key for writing in good if self._happens(self.faults.pending)}
        self._apply([writing for writing in good if writing.key not in pending], now, now)
        for writing in good:
            if writing.key in pending:
                self._apply([writing], now, self._later(now))
        self.point("applied")
        if self._happens(self.faults.timeout):
            return [Written(writing.key, "unknown", "timeout", "no answer in time") for writing in writings]
        fates = {writing.key: Written(writing.key, "pending" if writing.key in pending else "applied") for writing in good}
        return [bad.get(writing.key) or fates[writing.key] for writing in writings]

    def _good(self, writings: Sequence[Writing]) -> tuple[list[Writing], dict[Key, Written]]:
        """The prices that the platform takes, and its answer to the others."""
        bad = {writing.key: answer for writing in writings if (answer := self._refusal(writing))}
        if self.capability.atomic and bad:
            beside = "refused with another price of the call"
            bad |= {writing.key: Written(writing.key, "rejected", "batch", beside) for writing in writings if writing.key not in bad}
        return [writing for writing in writings if writing.key not in bad], bad

    def _refusal(self, writing: Writing) -> Written | None:
        if type(writing.price) is not int or not 0 < writing.price < MAX_MINOR:
            return Written(writing.key, "rejected", "no_price", "not a whole number of minor units above zero")
        if writing.key not in self._prices or writing.handle != _handle(writing.key):
            return Written(writing.key, "rejected", "unknown_product", "no such product")
        if writing.currency != self.currency:
            return Written(writing.key, "rejected", "currency", f"prices are in {self.currency}")
        return Written(writing.key, "rejected", "invalid", "refused by the shop") if self._happens(self.faults.rejected) else None

    def _admit(self) -> None:
        """Refuse a call: too early, busy, or broken."""
        now = self.clock()
        if self._free is not None and now < self._free:
            self.seen.early += 1
            raise ShopBusy("too many calls", wait=(self._free - now).total_seconds())
        if self._happens(self.faults.busy):
            self._free = now + dt.timedelta(seconds=self.faults.busy_seconds)
            self.seen.waits += 1
            raise ShopBusy("too many calls", wait=self.faults.busy_seconds)
        if self._happens(self.faults.broken):
            raise ShopError("the shop answered 503", hint="try again later")

    def _apply(self, writings: Sequence[Writing], sent: dt.datetime, at: dt.datetime) -> None:
        for writing in writings:
            effect = Effect(writing.key, writing.price, sent, at)
            if at <= self.clock():
                self._take_effect(effect)
            else:
                self._coming.append(effect)

    def _arrive(self) -> None:
        """Let everything take effect whose time has come, in the order of arrival."""
        now = self.clock()
        due = sorted((effect for effect in self._coming if effect.at <= now), key=lambda effect: effect.at)
        self._coming = [effect for effect in self._coming if effect.at > now]
        for effect in due:
            self._take_effect(effect)

    def _take_effect(self, effect: Effect) -> None:
        self._prices[effect.key] = effect.price
        self.effects.append(effect)

    def _later(self, now: dt.datetime) -> dt.datetime:
        return now + dt.timedelta(seconds=float(self.rng.uniform(0.0, self.faults.late_seconds)))

    def _happens(self, chance: float) -> bool:
        return chance > 0.0 and bool(self.rng.random() < chance)


def _handle(key: Key) -> str:
    return "/".join(key)
