"""Seeded lives of a channel in memory (tests/publishing/chaos.py): faults, kills, restarts, two workers, strangers, and calm at the end."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.contracts.errors import ShopBusy
from pricesmith.contracts.ledger import Books
from pricesmith.flows.publishing.sending import patience, worker
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.fake_shop import Faults
from tests.publishing import chaos
from tests.soak.promise import Seen, promise

DELAYED = Faults(late=0.35, pending=0.25, timeout=0.1, late_seconds=300.0)
LATE = (
    dataclasses.replace(DELAYED, late=1.0),
    dataclasses.replace(DELAYED, late=0.0, pending=1.0),
    dataclasses.replace(DELAYED, late=0.0, pending=1.0, timeout=1.0),
)
"""How the first prices of a life come late: the call times out, they are taken and not yet visible, or both."""

PEOPLE = ("anna", "ben")
FILED = 25


@promise("P07", "A price that arrives late never overwrites a newer one.", full=10_000, small=10, unit="seeds", quick=False)
def delayed_answers(size: int) -> Seen:
    """Lives of two products whose first prices are up to five minutes on their way when newer ones are queued; see `_overtaken`.

    Ctrl-C ends it, and what was seen until then is told.
    """
    tally: Counter[str] = Counter()
    breaches: list[str] = []
    for seed in range(size):
        try:
            tally += _late_life(seed)
        except KeyboardInterrupt:
            size = seed
            break
        except AssertionError as reason:
            breaches.append(f"BREACH: seed {seed}: {str(reason).partition(chr(10))[0] or 'an assertion'}")
    told = "{behind} times a newer price was due while an older one was on its way; {late} came late; {kills} kills; {filed} on SQLite"
    return Seen(size, len(breaches), "; ".join(breaches[:5]) or told.format_map(tally))


def _late_life(seed: int) -> Counter[str]:
    """One life; returns what there was of late prices in it."""
    with _book(seed) as book:
        life = chaos.begin(seed, 2, LATE[seed % len(LATE)], book)
        behind = _overtaken(life, dies=seed % 2 == 0)
        _live(life, 2)
        chaos.settle(life)
        chaos.check_end(life)
    late = sum(effect.at > effect.sent for effect in life.shop.effects)
    return Counter(behind=behind, late=late, kills=life.killed.total(), filed=int(seed % FILED == 0))


@contextlib.contextmanager
def _book(seed: int) -> Iterator[Books]:
    """The ledger of a life: in memory, and of every FILED-th one in a file."""
    with contextlib.ExitStack() as after:
        if seed % FILED:
            yield FakeLedger()
        else:
            folder = Path(after.enter_context(tempfile.TemporaryDirectory()))
            yield open_books("ledger.db", folder, folder / "ledger.key")


def _overtaken(life: chaos.Life, dies: bool) -> int:
    """Prices leave and do not arrive; newer ones are queued; both workers try to send them before and after the older ones arrive.

    dies  the worker that sent them is killed before it can write down that it did
    Returns how many of the prices on their way have a newer one behind them, at another price; at least one. The shop would take that
    one at once, so that it is overwritten where it is sent.
    """
    reconcile(life.desks[0])
    life.clock.sleep(3600.0)
    queued = chaos.new_run(life, PEOPLE)
    life.kill_at = "answered" if dies else ""
    chaos.step(life)
    coming = life.shop.coming
    assert len(coming) == queued, f"{len(coming)} of {queued} prices are on their way"
    assert not dies or life.killed["answered"] == 1
    life.shop.faults, life.kill_at = chaos.CALM, ""
    assert chaos.new_run(life, PEOPLE)
    newest = dict(life.book.read("intents").group_by("sku", maintain_order=True).agg(pl.col("price").last()).iter_rows())
    threatened = sum(newest[effect.key.sku] != effect.price for effect in coming)
    assert threatened, "no newer price is behind one that is on its way"
    for moment in (min(effect.at for effect in coming), max(effect.at for effect in coming)):
        left = (moment - life.clock()).total_seconds()
        life.clock.sleep(float(life.rng.uniform(0.0, left)))
        for number in life.rng.permutation(2).tolist():
            chaos.step(life, number)
            chaos.check(life)
    life.shop.faults = DELAYED
    life.clock.sleep(life.policy.publish.doubt_seconds)
    chaos.step(life)
    chaos.check(life)
    return threatened


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
    """A shop that is busy two times in three and breaks now and then; lives go on until so many waits were told.

    Until each wait is over both workers, one that starts anew and a reading of the whole shop would like to call.
    """
    told = early = seed = tried = 0
    while told < size:
        life = chaos.begin(seed, products=3, faults=Faults(busy=0.65, broken=0.1, busy_seconds=15.0 * 2.0 ** (seed % 6)))
        life.shop.capability = dataclasses.replace(life.shop.capability, batch=1 + seed % 3)
        for _ in range(40):
            before = life.shop.seen.waits
            chaos.act(life)
            tried += _tempted(life) if life.shop.seen.waits > before else 0
            life.clock.sleep(float(life.rng.uniform(0.0, 240.0)))
            chaos.check(life)
        chaos.settle(life)
        chaos.check_end(life)
        told, early, seed = told + life.shop.seen.waits, early + life.shop.seen.early, seed + 1
    return Seen(told, early, f"{seed} lives, every price of them ended; {tried} times somebody was told not to call yet")


def _tempted(life: chaos.Life) -> int:
    """Everybody who calls the shop tries, somewhere in the rest of a wait; new prices are queued in every other one.

    Returns how many were kept from calling.
    """
    free = patience.asked_to_wait(life.desks[0])
    left = 0.0 if free is None else (free - life.clock()).total_seconds()
    life.clock.sleep(left * float(life.rng.uniform(0.0, 0.99)))
    if life.shop.seen.waits % 2:
        chaos.new_run(life, PEOPLE)
    kept = 0
    for desk in (*life.desks, life.desk("new")):
        kept += worker.step(desk).until is not None
        try:
            reconcile(desk)
        except ShopBusy:
            kept += 1
    return kept


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
