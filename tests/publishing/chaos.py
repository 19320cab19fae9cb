"""A seeded life of one channel: runs, approvals, faults, kills, restarts, two workers, strangers; and what must hold after every step.

    told = live(seed=1)      # raises AssertionError where a promise is broken; the same seed gives the same text

The shop asserts its floors on every write, whoever sent it and why.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pricesmith.contracts.errors import LedgerError, PricesmithError
from pricesmith.contracts.ledger import Books, Ledger
from pricesmith.contracts.policy import Policy, policy_from
from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.answers import answering, attest
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import plan, switch, undo, worker
from pricesmith.rules import RULES
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.fake_shop import Effect, FakeShop, Faults, VirtualClock
from pricesmith.testing.made_run import made_prices, made_run

FAULTS = Faults(busy=0.08, broken=0.05, reset=0.05, timeout=0.05, late=0.05, rejected=0.02, pending=0.05)
CALM = Faults()
DONE = {"applied", "same", "rejected", "superseded", "expired", "held", "dead"}
START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


class Killed(BaseException):
    """The process ended here."""


def policy(**guards: object) -> Policy:
    """Settings under which a short life sees every wave."""
    plain = {"canary_minutes": 5.0, "canary_least": 2, "index_hour": 0.9, "index_day": 0.9, "breaker_count": 1000, "dwell_minutes": 1.0,
             "changes_day": 50, "cost_hours": 10_000.0, **guards}  # fmt: skip
    shop = {"platform": "fake", "channel": "web", "region": "DE"}
    return policy_from({"currency": "EUR", "guards": plain, "shop": {"main": shop}, "publish": {"attempts": 50}}, RULES)


@dataclass(slots=True)
class Life:
    """Everything of one simulated channel."""

    rng: np.random.Generator
    clock: VirtualClock
    shop: FakeShop
    book: Books
    policy: Policy
    floors: dict[Key, int]
    desks: list[Desk] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    kill_at: str = ""
    killed: Counter[str] = field(default_factory=Counter)
    acts: int = 0

    def desk(self, name: str) -> Desk:
        rng = np.random.default_rng(int(self.rng.integers(2**32)))
        return Desk("main", self.shop, self.book, self.policy, self.policy.shops["main"], self.clock, rng, "made", name)

    def note(self, text: str) -> None:
        self.acts += 1
        self.log.append(f"{self.clock():%H:%M:%S.%f} {text}")


def begin(seed: int, products: int = 8, faults: Faults = FAULTS, book: Books | None = None, **guards: object) -> Life:
    """A channel on the morning of its first run; its ledger is new, and in memory where none is given."""
    rng = np.random.default_rng(seed)
    clock = VirtualClock(START)
    start = made_prices(products, rng)
    floors = {key: price // 3 for key, price in start.items()}
    shop = FakeShop(start, np.random.default_rng(seed + 1), clock, faults=faults)
    life = Life(rng, clock, shop, book or FakeLedger(), policy(**guards), floors)
    shop.rule = lambda key, price: _above(life, key, price)
    shop.point = lambda point: _die(life, point)
    approved(life.book, clock())
    life.desks = [life.desk("one"), life.desk("two")]
    return life


def approved(book: Ledger, at: dt.datetime) -> None:
    """Two people agree with the code that the desks of these tests run."""
    attest.attest(book, "made", asked_by="anna", by="ben", at=at)


def _above(life: Life, key: Key, price: int) -> None:
    assert price >= life.floors[key], f"{key} at {price}, floor {life.floors[key]}"


def _die(life: Life, point: str) -> None:
    if life.kill_at == point:
        life.kill_at = ""
        life.killed[point] += 1
        raise Killed(point)


def live(seed: int, steps: int = 60, products: int = 8) -> str:
    """A life of so many steps, then calm until nothing is left; returns its log."""
    life = begin(seed, products)
    for _ in range(steps):
        act(life)
        life.clock.sleep(float(life.rng.uniform(0.0, 240.0)))
        check(life)
    settle(life)
    check_end(life)
    return "\n".join(life.log)


def act(life: Life) -> None:
    """One thing happens."""
    choice = life.rng.choice(["step", "run", "undo", "restart", "stop", "stranger", "kill"], p=[0.68, 0.07, 0.03, 0.06, 0.03, 0.04, 0.09])
    {"step": step, "run": new_run, "undo": take_back, "restart": restart, "stop": stop, "stranger": stranger, "kill": kill}[str(choice)](
        life
    )


def step(life: Life, number: int | None = None) -> None:
    """A worker, that one or either, works on one lease."""
    number = int(life.rng.integers(2)) if number is None else number
    try:
        done = worker.step(life.desks[number])
        life.note(f"step {number} {sorted(done.fates.items())} {done.stopped}")
    except Killed as point:
        life.desks[number] = life.desk(life.desks[number].worker)
        life.note(f"killed {number} {point}")
    except LedgerError as error:
        life.note(f"refused {number} {error.what}")


def new_run(life: Life, people: Sequence[str] | None = None) -> int:
    """A run on what the shop shows now; these people agree, or one or two, sometimes nobody. Returns how many prices are queued."""
    at = life.clock()
    run = made_run(life.book, dict(life.shop.truth), at, life.rng, move=0.08)
    life.runs.append(run)
    drawn = [("anna",), ("anna", "ben"), ()][int(life.rng.choice(3, p=[0.6, 0.3, 0.1]))]
    for name in drawn if people is None else people:
        answering.answer(life.book, run, "accept", by=name, at=at, policy=life.policy)
    planned = plan.plan(life.book, run, "main", life.policy.shops["main"], life.policy, at)
    queued = plan.queue(life.book, planned, life.policy, by="anna", at=at)
    life.note(f"run {run} {queued}")
    return queued


def take_back(life: Life) -> None:
    if life.runs:
        queued = undo.undo(life.book, life.runs[-1], "main", life.policy, by="anna", at=life.clock())
        life.note(f"undo {queued}")


def restart(life: Life) -> None:
    number = int(life.rng.integers(2))
    life.desks[number] = life.desk(life.desks[number].worker)
    life.note(f"restart {number}")


def stop(life: Life) -> None:
    """Somebody stops everything; two people release it later. Nothing may leave in between."""
    switch.stop(life.book, by="anna", at=life.clock(), why="drill")
    effects = len(life.shop.effects) + len(life.shop.coming)
    for _ in range(3):
        step(life)
    assert len([effect for effect in life.shop.effects[effects:] if effect.sent > life.clock()]) == 0
    release(life)
    life.note("stopped and released")


def release(life: Life) -> None:
    """Two people release whatever is stopped."""
    for scope in list(switch.state_of(life.book.read("switches"))):
        for name in ("ben", "cleo"):
            try:
                switch.release(life.book, by=name, at=life.clock(), scope=scope)
            except PricesmithError:
                continue
            life.clock.sleep(0.001)


def stranger(life: Life) -> None:
    """Somebody else sets a price in the shop."""
    key = list(life.floors)[int(life.rng.integers(len(life.floors)))]
    life.shop.change(key, int(life.shop.truth[key] * 1.02) + 1)
    life.note(f"stranger {key.sku}")


def kill(life: Life) -> None:
    life.kill_at = ["received", "applied", "answered"][int(life.rng.integers(3))]
    step(life)


def check(life: Life) -> None:
    """After every step: versions never go back, and no price that stands is written again; what is due arrives first.

    Somebody else may set the very price that is on its way; only what stood when a price was sent was there to be seen.
    """
    assert all(effect.at > life.clock() for effect in life.shop.coming)
    standing: dict[Key, Effect] = {}
    newest: dict[Key, int] = {}
    versions = _versions(life)
    for effect in life.shop.effects:
        if effect.by == "write":
            stands = standing.get(effect.key)
            known = stands is not None and (stands.by == "write" or stands.at <= effect.sent)
            assert not known or stands.price != effect.price, f"{effect.key.sku} was written again at {effect.price}"
            before = newest.get(effect.key, 0)
            could = [version for version, at in versions[effect.key.sku, effect.price] if at <= effect.sent and version >= before]
            assert could, f"{effect.key.sku}: {effect.price} overtook version {before}"
            newest[effect.key] = min(could)
        standing[effect.key] = effect


def _versions(life: Life) -> dict[tuple[str, int], list[tuple[int, dt.datetime]]]:
    """Product and price -> the versions that asked for it, and when."""
    found: dict[tuple[str, int], list[tuple[int, dt.datetime]]] = {}
    for sku, price, version, at in life.book.read("intents").select("sku", "price", "version", "at").iter_rows():
        found.setdefault((sku, price), []).append((version, at))
    return found


def settle(life: Life) -> None:
    """Calm weather, everything released, until nothing is left to send or its time is over."""
    life.shop.faults, life.kill_at = CALM, ""
    for _ in range(400):
        release(life)
        done = worker.step(life.desks[0])
        if life.book.waiting("main").is_empty():
            return
        life.clock.sleep(30.0 if done.worked else 300.0)
    raise AssertionError(f"{life.book.waiting('main').height} prices are never settled")


def check_end(life: Life) -> None:
    """Every intent ended, also when everything that was on its way has arrived."""
    life.clock.sleep(max(((effect.at - life.clock()).total_seconds() for effect in life.shop.coming), default=0.0))
    check(life)
    assert not life.shop.coming
    receipts = life.book.read("receipts")
    last = dict(receipts.group_by("intent", maintain_order=True).agg(pl.col("fate").last()).iter_rows())
    intents = life.book.read("intents")
    unfinished = [intent for intent in intents["intent"] if last.get(intent) not in DONE]
    assert not unfinished, unfinished
    life.note(str(sorted(Counter(last.values()).items())))
