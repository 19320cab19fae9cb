"""P06: a worker's process is killed, and another one goes on from the ledger and the shop."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pricesmith.contracts.shop import Key
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.sending import plan
from pricesmith.flows.publishing.sending.reconcile import reconcile
from pricesmith.testing.made_run import made_prices
from tests.publishing.chaos import START, approved
from tests.publishing.file_shop import FileShop
from tests.soak import killed_worker
from tests.soak.killed_worker import Order, desk_of
from tests.soak.promise import Seen, promise
from tests.soak.promises.shops import queued

POINTS = ("before", "during", "after")
PRODUCTS = 12
SHARE = 15
"""Kills of one ledger; then a new one."""
PATIENCE = 300.0


@dataclass(slots=True)
class Tally:
    """Kills by point, and what broke a promise."""

    kills: Counter[str] = field(default_factory=Counter)
    breaches: list[str] = field(default_factory=list)
    effects: int = 0


@promise(
    "P06",
    "A worker that is killed before, during or after its call leaves no price written twice and none unwritten.",
    full=1_500,
    small=3,
    unit="kills",
    quick=False,
)
def killed(size: int) -> Seen:
    """Real processes, SIGKILL, a ledger on the disk; the clock of the workers is told to go on."""
    rng, tally, number = np.random.default_rng(6), Tally(), 0
    while number < size:
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(min(SHARE, size - number)):
                _kill(Path(folder), POINTS[number % len(POINTS)], rng, tally)
                number += 1
    assert not tally.breaches, "; ".join(tally.breaches[:5])
    told = ", ".join(f"{count} {point} the call" for point, count in tally.kills.items())
    return Seen(sum(tally.kills.values()), 0, f"{told}; {tally.effects} prices arrived, each once")


def _kill(folder: Path, point: str, rng: np.random.Generator, tally: Tally) -> None:
    """One run: killed at a point of some call, then finished by another process; compare shop and ledger with what was asked."""
    desk = _begun(folder, rng)
    shop = desk.shop
    assert isinstance(shop, FileShop)
    before, seen = shop.truth(), len(shop.effects())
    at = _next(desk)
    desk = desk_of(Order(folder, at))
    run = queued(desk, before, int(rng.integers(2**31)))
    wanted = _queue(desk, run)
    died = _process(Order(folder, at, point, int(rng.integers(1, 4))))
    assert died == -signal.SIGKILL, f"the worker ended with {died}"
    ended = _process(Order(folder, at + dt.timedelta(minutes=10)))
    assert ended == 0, f"the second worker ended with {ended}"
    tally.kills[point] += 1
    effects = shop.effects(seen)
    tally.effects += len(effects)
    _compare(desk, wanted, shop.truth(), effects, tally)


def _begun(folder: Path, rng: np.random.Generator) -> Desk:
    """The desk of that folder; the shop is filled and read for the first time where there is none."""
    fresh = not (folder / "shop.db").exists()
    desk = desk_of(Order(folder, START))
    if fresh:
        prices = made_prices(PRODUCTS, rng)
        assert isinstance(desk.shop, FileShop)
        desk.shop.fill(prices, {key: price // 3 for key, price in prices.items()})
        approved(desk.book, START)
        reconcile(desk)
    return desk


def _next(desk: Desk) -> dt.datetime:
    """Eight days after the last act, so that no limit of a week binds."""
    last = desk.book.read("audit")["at"].max()
    assert isinstance(last, dt.datetime)
    return last + dt.timedelta(days=8)


def _queue(desk: Desk, run: str) -> dict[str, int]:
    planned = plan.plan(desk.book, run, "main", desk.settings, desk.policy, desk.now())
    assert plan.queue(desk.book, planned, desk.policy, by="anna", at=desk.now()) == PRODUCTS
    return dict(planned.ready.select("sku", "price").iter_rows())


def _process(order: Order) -> int | None:
    """Exit status of a worker's process; negative where a signal ended it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([killed_worker.__name__])
    process = context.Process(target=killed_worker.work, args=(order,))
    process.start()
    process.join(PATIENCE)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError("the worker does not end")
    return process.exitcode


def _compare(desk: Desk, wanted: dict[str, int], truth: dict[Key, int], effects: list[tuple[int, str, int]], tally: Tally) -> None:
    times = Counter(sku for _, sku, _ in effects)
    tally.breaches += [f"{sku} written {count} times" for sku, count in times.items() if count != 1]
    tally.breaches += [f"{sku} never written" for sku in wanted if sku not in times]
    tally.breaches += [f"{key.sku} at {price}" for key, price in truth.items() if wanted[key.sku] != price]
    asked = desk.book.read("intents", {"run": [desk.book.read("runs")["run"][-1]]})
    last = dict(desk.book.read("receipts", {"intent": asked["intent"].to_list()}).select("intent", "fate").iter_rows())
    tally.breaches += [f"{intent} ended as {last.get(intent)}" for intent in asked["intent"] if last.get(intent) not in ("applied", "same")]
