"""P18: the kill switch under load. P25: a worker whose code nobody attested."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.shop import Capability, Writing, Written
from pricesmith.flows.publishing.answers.attest import attest, digest_of
from pricesmith.flows.publishing.desk import Desk, Memory
from pricesmith.flows.publishing.sending import plan, send, switch, worker
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.fake_shop import CAPABILITY, FakeShop
from pricesmith.testing.made_run import made_prices
from tests.publishing.chaos import approved, policy
from tests.soak.promise import Seen, promise
from tests.soak.promises.shops import counter, queued

PRODUCTS, CALL_SECONDS, LIMIT = 120, 0.02, 5.0


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class SlowShop(FakeShop):
    """Two prices a call, and a call takes a while; keeps when each call began, by the clock of the machine."""

    def __post_init__(self) -> None:
        FakeShop.__post_init__(self)
        self.began: list[float] = []
        self.capability: Capability = dataclasses.replace(CAPABILITY, batch=2)

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        self.began.append(time.monotonic())
        time.sleep(CALL_SECONDS)
        return FakeShop.write(self, writings)


class CutBooks:
    """A ledger whose connection can be cut: then everything raises LedgerError."""

    def __init__(self, books: SqlBooks) -> None:
        self.books, self.cut = books, False

    def __getattr__(self, name: str) -> Any:
        if self.cut:
            raise LedgerError("cannot be read: the connection is cut", where="ledger")
        return getattr(self.books, name)


@dataclass(slots=True)
class Load:
    """Two channels, each with a worker of its own on one ledger, that never stop trying."""

    desks: list[Desk]
    books: list[CutBooks]
    stopped: list[int] = field(default_factory=lambda: [0, 0])
    over: threading.Event = field(default_factory=threading.Event)

    def toil(self, number: int) -> None:
        while not self.over.is_set():
            try:
                done = worker.step(self.desks[number])
            except LedgerError:
                self.stopped[number] += 1
            else:
                self.stopped[number] += bool(done.stopped)
                if done.worked:
                    continue
            self.over.wait(0.01)

    def calls(self) -> list[float]:
        return [began for desk in self.desks for began in desk.shop.began]  # type: ignore[attr-defined]


@promise(
    "P18",
    "No call to any shop begins more than 5 seconds after the kill switch is thrown, nor after the ledger can no longer be read.",
    full=100,
    small=4,
    unit="flips",
    quick=False,
)
def kill_switch(size: int) -> Seen:
    """Two channels under load on a SQLite file; every other flip cuts the ledger instead. Measured by the clock of the machine."""
    rng, longest, breaches, busy = np.random.default_rng(18), {"thrown": 0.0, "cut": 0.0}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        load = _load(Path(folder))
        threads = [threading.Thread(target=load.toil, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        try:
            for number in range(size):
                kind = "cut" if number % 2 else "thrown"
                _feed(load)
                calls = _wait_for_calls(load, int(rng.integers(2, 8)))
                seconds = _flip(load, kind)
                busy += len(load.calls()) > calls
                longest[kind] = max(longest[kind], seconds)
                breaches += seconds > LIMIT
        finally:
            load.over.set()
            for thread in threads:
                thread.join()
    told = " and ".join(f"{seconds:.2f} s after it was {kind}" for kind, seconds in longest.items())
    return Seen(size, breaches, f"last call at most {told}, two channels, by the clock")


def _load(folder: Path) -> Load:
    settings = policy(canary_minutes=0.0, breaker_count=1_000_000, changes_day=100_000, dwell_minutes=1e-7)
    settings = msgspec.structs.replace(
        settings,
        shops=dict.fromkeys(("main", "other"), settings.shops["main"]),
        publish=msgspec.structs.replace(settings.publish, lease_seconds=1.0, doubt_seconds=1.0),
    )
    books = [CutBooks(open_books("ledger.db", folder, folder / "ledger.key")) for _ in range(2)]
    approved(books[0].books, now())
    desks = []
    for number, name in enumerate(settings.shops):
        shop = SlowShop(made_prices(PRODUCTS, np.random.default_rng(number)), np.random.default_rng(number), now)
        rng = np.random.default_rng(number)
        desks.append(Desk(name, shop, books[number], settings, settings.shops[name], now, rng, "made", name))  # type: ignore[arg-type]
    for desk in desks:
        reconcile(desk)
    return Load(desks, books)


def _feed(load: Load) -> None:
    """New prices for both channels."""
    for desk, book in zip(load.desks, load.books, strict=True):
        own = dataclasses.replace(desk, book=book.books, memory=Memory())
        assert isinstance(desk.shop, FakeShop)
        run = queued(own, dict(desk.shop.truth), int(time.monotonic_ns() % 2**31))
        planned = plan.plan(book.books, run, desk.target, desk.settings, desk.policy, now())
        plan.queue(book.books, planned, desk.policy, by="anna", at=now())


def _wait_for_calls(load: Load, more: int) -> int:
    """Until both channels have made so many more calls; returns how many were made in all."""
    before = [len(desk.shop.began) for desk in load.desks]  # type: ignore[attr-defined]
    end = time.monotonic() + 120.0
    while any(len(desk.shop.began) < count + more for desk, count in zip(load.desks, before, strict=True)):  # type: ignore[attr-defined]
        assert time.monotonic() < end, "the channels send nothing"
        time.sleep(0.005)
    return len(load.calls())


def _flip(load: Load, kind: str) -> float:
    """Throw the switch, or cut the ledger; returns the seconds until the last call began, and lets prices leave again."""
    book = load.books[0].books
    begun = time.monotonic()
    if kind == "thrown":
        switch.stop(book, by="anna", at=now(), why="drill")
    for books in load.books:
        books.cut = kind == "cut"
    before = list(load.stopped)
    while any(count < old + 3 for count, old in zip(load.stopped, before, strict=True)):
        assert time.monotonic() - begun < 60.0, "the channels do not stop"
        time.sleep(0.005)
    last = max(load.calls())
    for books in load.books:
        books.cut = False
    if kind == "thrown":
        switch.release(book, by="ben", at=now())
        switch.release(book, by="cleo", at=now())
    return max(last - begun, 0.0)


@promise(
    "P25", "A worker whose code or settings nobody attested takes no price and makes no call.", full=1_000, small=50, unit="wrong digests"
)
def unattested(size: int) -> Seen:
    """Digests with one sign changed, cut short or longer, of other code, and of each other setting of guards, approval and publishing."""
    rng = np.random.default_rng(25)
    desk, shop, clock = counter(FakeLedger(), 3, 25)
    right = digest_of("code", desk.policy)
    attest(desk.book, right, asked_by="anna", by="ben", at=clock())
    before = dict(shop.truth)
    run = queued(desk, before, 25)
    planned = plan.plan(desk.book, run, "main", desk.settings, desk.policy, clock())
    plan.queue(desk.book, planned, desk.policy, by="anna", at=clock())
    calls, acts, breaches = (shop.seen.reads, shop.seen.writes), desk.book.read("audit").height, 0
    wrong = [*_other_settings(desk.policy), *(_wrong(right, rng) for _ in range(size))][:size]
    for digest in wrong:
        done = worker.step(dataclasses.replace(desk, code=digest, memory=Memory()))
        breaches += "not attested" not in done.stopped or (shop.seen.reads, shop.seen.writes) != calls
    assert desk.book.read("audit").height == acts
    assert send.drain(dataclasses.replace(desk, code=right, memory=Memory())).fates == {"applied": planned.ready.height}
    return Seen(len(wrong), breaches, "the right digest sends all")


def _wrong(right: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(len(right)))
    other = str(rng.choice([sign for sign in "0123456789abcdef" if sign != right[place]]))
    return str(
        rng.choice([right[:place] + other + right[place + 1 :], right[:place], right + other, right.upper() + "0", f"{other}{right}"])
    )


def _other_settings(settings: Policy) -> list[str]:
    """The digest after a change of each number of guards, approval and publishing."""
    found = []
    for section in ("guards", "approval", "publish"):
        part = getattr(settings, section)
        for name in part.__struct_fields__:
            value = getattr(part, name)
            other = value[:-1] if isinstance(value, tuple) else value + 1
            changed = msgspec.structs.replace(settings, **{section: msgspec.structs.replace(part, **{name: other})})
            found.append(digest_of("code", changed))
    return found
