"""A worker in a process of its own, on a ledger in a file and a shop in a file, that ends itself with SIGKILL at a named point."""

from __future__ import annotations

import datetime as dt
import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import worker
from pricesmith.testing.fake_shop import VirtualClock
from tests.publishing.chaos import policy
from tests.publishing.file_shop import FileShop


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to do, and where it dies: at the `call`-th write, at `point`; "" lets it live until nothing is left."""

    folder: Path
    at: dt.datetime
    point: str = ""
    call: int = 1


def desk_of(order: Order) -> Desk:
    clock = VirtualClock(order.at)
    shop = FileShop(order.folder / "shop.db", clock, _Killer(order))
    book = open_books("ledger.db", order.folder, order.folder / "ledger.key")
    settings = policy(canary_least=4)
    return Desk("main", shop, book, settings, settings.shops["main"], clock, np.random.default_rng(6), "made", f"w{os.getpid()}")


def work(order: Order) -> None:
    """Step until nothing waits; the clock is told to go on. Runs in a process of its own."""
    desk = desk_of(order)
    clock = desk.now
    assert isinstance(clock, VirtualClock)
    for _ in range(400):
        done = worker.step(desk)
        if desk.book.waiting("main").is_empty():
            return
        clock.sleep(1.0 if done.worked else 60.0)
    raise AssertionError("prices are never settled")


class _Killer:
    """Counts writes, and ends the process at the one that is meant."""

    def __init__(self, order: Order) -> None:
        self.order, self.calls = order, 0

    def __call__(self, point: str) -> None:
        self.calls += point == "before"
        if point == self.order.point and self.calls == self.order.call:
            os.kill(os.getpid(), signal.SIGKILL)
