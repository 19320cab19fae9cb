"""What becomes of prices at the shop: partial success, and the way back."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.contracts.ledger import Books
from pricesmith.contracts.shop import Key, Writing, Written
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import send, undo
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.testing.fake_ledger import FakeLedger
from pricesmith.testing.fake_shop import CAPABILITY, FakeShop, Faults, VirtualClock
from pricesmith.testing.made_run import made_prices, made_run
from tests.publishing.chaos import START, approved, policy
from tests.soak.promise import Seen, promise


class Watched(FakeShop):
    """A shop that keeps its answers, call by call."""

    def __post_init__(self) -> None:
        FakeShop.__post_init__(self)
        self.calls: list[list[tuple[Key, str]]] = []

    def write(self, writings: Sequence[Writing]) -> Sequence[Written]:
        answers = FakeShop.write(self, writings)
        self.calls.append([(answer.key, answer.fate) for answer in answers])
        return answers


def counter(book: Books, products: int, seed: int, batch: int = 100, faults: Faults = Faults()) -> tuple[Desk, Watched, VirtualClock]:  # noqa: B008
    """A desk before a shop of that many products; every wave may leave at once, and all prices were read an hour before."""
    clock = VirtualClock(START)
    shop = Watched(
        made_prices(products, np.random.default_rng(seed)),
        np.random.default_rng(seed + 1),
        clock,
        faults=faults,
        capability=dataclasses.replace(CAPABILITY, batch=batch),
    )
    settings = policy(canary_minutes=0.0, breaker_count=1_000_000)
    desk = Desk("main", shop, book, settings, settings.shops["main"], clock, np.random.default_rng(seed + 2), "made", "one")
    approved(book, clock())
    reconcile(desk)
    clock.sleep(3600.0)
    return desk, shop, clock


def queued(desk: Desk, prices: dict[Key, int], seed: int) -> str:
    """A run on those prices that two people agree with."""
    run = made_run(desk.book, prices, desk.now(), np.random.default_rng(seed))
    people(desk, run)
    return run


def people(desk: Desk, run: str) -> None:
    for name in ("anna", "ben"):
        answering.answer(desk.book, run, "accept", by=name, at=desk.now(), policy=desk.policy)


@promise(
    "P17",
    "Each price of a call that is partly refused ends by itself: what was taken is applied, what was refused is told so.",
    full=2_000,
    small=40,
    unit="calls partly refused",
)
def partial_success(size: int) -> Seen:
    breaches = mixed = prices = seed = 0
    while mixed < size:
        desk, shop, _ = counter(FakeLedger(), 200, seed, batch=5, faults=Faults(rejected=0.3))
        before = dict(shop.truth)
        run = queued(desk, before, seed)
        send.publish(desk, run)
        wanted = {Key(*row[:3]): row[3] for row in desk.read("intents").select("sku", "channel", "region", "price").iter_rows()}
        receipts = desk.read("receipts").join(desk.read("intents").select("intent", "sku"), on="intent")
        fates = dict(receipts.select("sku", "fate").iter_rows())
        for answers in shop.calls:
            kinds = {fate for _, fate in answers}
            mixed += len(kinds) > 1
            for key, fate in answers:
                stands = shop.truth[key] == (wanted[key] if fate == "applied" else before[key])
                breaches += fates.get(key.sku) != fate or not stands
                prices += 1
        seed += 1
    return Seen(mixed, breaches, f"{prices} prices, {seed} runs")


@promise(
    "P19",
    "Going back restores what stood before a run exactly; 10,000 products are queued within 60 seconds.",
    full=10_000,
    small=300,
    unit="products",
)
def way_back(size: int) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        book = open_books("ledger.db", Path(folder), Path(folder) / "ledger.key")
        desk, shop, clock = counter(book, size, 19)
        before = dict(shop.truth)
        run = queued(desk, before, 19)
        sent = send.publish(desk, run)
        changed = sum(shop.truth[key] != price for key, price in before.items())
        clock.sleep(3600.0)
        begun = time.perf_counter()
        count = undo.undo(book, run, "main", desk.policy, by="anna", at=clock()).restored
        seconds = time.perf_counter() - begun
        send.drain(desk)
        whole = time.perf_counter() - begun
        apart = sum(shop.truth[key] != price for key, price in before.items())
        assert changed == count == sent.fates["applied"] > 0.95 * size
        assert seconds <= 60.0, f"queued in {seconds:.1f} s"
        told = (
            f"{count} had changed, queued in {seconds:.1f} s, back in {whole:.1f} s at a shop that answers at once (SQLite, by the clock)"
        )
        return Seen(size, apart, told)
