"""Price changes through guards, ledger and outbox to a shop on this machine: read, guard, write, read back, settle."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.support.measure import Timing, goal, report
from pricesmith.adapters.ledgers.books import open_books
from pricesmith.contracts.policy import policy_from
from pricesmith.contracts.shop import Capability
from pricesmith.flows.publishing.answers import answering
from pricesmith.flows.publishing.answers.attest import attest
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import plan, send, switch
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.rules import RULES
from pricesmith.testing.fake_shop import FakeShop, VirtualClock
from pricesmith.testing.made_run import made_prices, made_run

CASE = "publishing"
LEAST_A_SECOND = 2000.0
SETTINGS = {
    "currency": "EUR",
    "guards": {"canary_minutes": 0, "index_hour": 0.9, "index_day": 0.9},
    "shop": {"main": {"platform": "fake", "channel": "web", "region": "DE"}},
}


def main(products: int = 100_000) -> None:
    """The shop answers from memory, so that what is measured is ours; the ledger is SQLite on disk, synchronous=FULL."""
    with tempfile.TemporaryDirectory() as place:
        desk, run = _prepared(Path(place), products)
        begun = time.process_time(), time.perf_counter()
        planned = plan.plan(desk.book, run, "main", desk.settings, desk.policy, desk.now())
        plan.queue(desk.book, planned, desk.policy, by="anna", at=desk.now())
        sent = send.drain(desk)
        cpu, wall = time.process_time() - begun[0], time.perf_counter() - begun[1]
        assert sent.fates == {"applied": products}, (sent, switch.state_of(desk.book.read("switches")))
    report(CASE, "pricesmith publish", products, Timing(cpu, wall, 1))
    rate = products / wall
    goal(
        CASE,
        f"{products:,} price changes through guards, ledger and outbox at >= 2,000 a second",
        f"{rate:,.0f} a second",
        rate >= LEAST_A_SECOND,
    )


def _prepared(folder: Path, products: int) -> tuple[Desk, str]:
    """A channel whose prices were read a day ago, and an approved run."""
    rng, clock = np.random.default_rng(0), VirtualClock()
    prices = made_prices(products, rng)
    policy = policy_from(SETTINGS, RULES)
    capability = Capability(unit="minor", tax="channel", batch=1000, across=True, atomic=False)
    shop = FakeShop(prices, rng, clock, capability=capability)
    book = open_books("ledger.db", folder, folder / "ledger.key")
    desk = Desk("main", shop, book, policy, policy.shops["main"], clock, rng, "made", "bench")
    attest(book, "made", asked_by="anna", by="ben", at=clock())
    reconcile(desk)
    clock.sleep(86_400.0)
    run = made_run(book, prices, clock(), rng)
    for name in ("anna", "ben"):
        answering.answer(book, run, "accept", by=name, at=clock(), policy=policy)
    return desk, run


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
