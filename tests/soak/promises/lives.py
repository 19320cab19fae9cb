"""Seeded lives of a channel in memory (tests/publishing/chaos.py): faults, kills, restarts, two workers, strangers, and calm at the end."""

from __future__ import annotations

import hashlib

from pricesmith.testing.fake_shop import Faults
from tests.publishing import chaos
from tests.soak.promise import Seen, promise

DELAYED = Faults(late=0.35, pending=0.25, timeout=0.1, late_seconds=300.0)


@promise("P07", "A price that arrives late never overwrites a newer one.", full=10_000, small=10, unit="seeds", quick=False)
def delayed_answers(size: int) -> Seen:
    """Short lives of three products in which a third of the calls and a quarter of the prices arrive up to five minutes late."""
    late = newer = 0
    for seed in range(size):
        life = chaos.begin(seed, products=3, faults=DELAYED)
        for number in range(12):
            (chaos.new_run if number % 4 == 0 else chaos.act)(life)
            life.clock.sleep(float(life.rng.uniform(0.0, 240.0)))
            chaos.check(life)
        chaos.settle(life)
        chaos.check_end(life)
        late += sum(effect.at > effect.sent for effect in life.shop.effects)
        newer += life.book.read("intents").height
    assert late > size // 4
    return Seen(size, 0, f"{newer} intents, {late} of the prices came late")


@promise(
    "P08",
    "After any faults, kills and restarts every intent ends: applied, superseded, expired, held, refused or a dead letter.",
    full=1_000,
    small=3,
    unit="lives",
    quick=False,
)
def ends(size: int) -> Seen:
    """Lives of eight products and 60 steps; the lives hold P01, P06 and P07 after each step too."""
    intents = longest = 0
    for seed in range(size):
        life = chaos.begin(seed)
        _live(life, 60)
        before = life.clock()
        chaos.settle(life)
        chaos.check_end(life)
        intents += life.book.read("intents").height
        longest = max(longest, int((life.clock() - before).total_seconds() / 60))
    return Seen(size, 0, f"{intents} intents, all ended, at most {longest} minutes of the lives' clock after calm")


@promise("P16", "A shop that asks to wait is not asked earlier, and nothing starves.", full=10_000, small=30, unit="waits", quick=False)
def waits(size: int) -> Seen:
    """A shop that is busy or broken every other call; lives go on until so many waits were told."""
    told = early = seed = 0
    while told < size:
        life = chaos.begin(seed, products=3, faults=Faults(busy=0.5, broken=0.1, busy_seconds=45.0))
        shop = life.shop
        _live(life, 25)
        chaos.settle(life)
        chaos.check_end(life)
        told, early, seed = told + shop.seen.waits, early + shop.seen.early, seed + 1
    return Seen(told, early, f"{seed} lives, every price of them ended")


@promise("P26", "The same seed gives the same life, byte for byte.", full=1_000, small=2, unit="seeds", quick=False)
def same_bytes(size: int) -> Seen:
    """Log, audit chain and effects of two lives of one seed; and two seeds differ."""
    seen: set[str] = set()
    breaches = 0
    for seed in range(size):
        first, second = _print(seed), _print(seed)
        breaches += first != second
        seen.add(first)
    return Seen(size, breaches + (size - len(seen)), "log, chain and effects, two workers")


def _live(life: chaos.Life, steps: int) -> None:
    for _ in range(steps):
        chaos.act(life)
        life.clock.sleep(float(life.rng.uniform(0.0, 240.0)))
        chaos.check(life)


def _print(seed: int) -> str:
    life = chaos.begin(seed, products=4)
    _live(life, 30)
    chaos.settle(life)
    audit = life.book.read("audit")
    told = ["\n".join(life.log), audit.write_csv(), repr(life.shop.effects)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
