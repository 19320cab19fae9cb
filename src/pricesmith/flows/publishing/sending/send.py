"""Queue a run and work until nothing is due: what `publish --live` and `undo --live` do."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import polars as pl

from pricesmith.contracts.errors import PricesmithError
from pricesmith.contracts.ledger import Ledger
from pricesmith.contracts.shop import Key
from pricesmith.flows import wiring
from pricesmith.flows.publishing.answers.approval import run_row
from pricesmith.flows.publishing.desk import Desk

from .plan import nothing_ready, plan, queue
from .reasons import Reason, merged
from .undo import undo
from .worker import ATTEST, KEY, UNATTESTED, step

LONGEST_PAUSE = 5.0
"""Seconds after which a waiting worker looks at the kill switch again."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of prices that were to leave.

    fates    number of tries by what became of them
    open     products of which a price is still to leave, and `next_at` when the next is due
    wait     seconds until then
    stopped  why the channel is stopped, "" where it is not
    why      `GUARD code` of what the gate lets wait, the most frequent first
    kept     prices of a run that was taken back before they left
    reasons  why prices did not come, the most frequent first
    """

    fates: Mapping[str, int]
    open: int
    next_at: dt.datetime | None
    wait: float
    stopped: str
    why: tuple[str, ...] = ()
    kept: int = 0
    reasons: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """From what a durable job gave."""
        told = tuple(msgspec.convert(document.get("reasons", []), list[Reason]))
        why = tuple(document.get("why", ()))
        return cls(document["fates"], document["open"], None, float(document["wait"]), document["stopped"], why, reasons=told)


def known(ledger: Ledger, run: str) -> None:
    """Refuse a run that is not recorded."""
    run_row(ledger, run)


def publish(desk: Desk, run: str, keys: Sequence[Key] | None = None, *, wait: bool = False, progress: Progress | None = None) -> Sent:
    """Queue what is approved of a run and send what is due. Raises PricesmithError where nothing of it may be sent."""
    now = desk.now()
    planned = plan(desk.book, run, desk.target, desk.settings, desk.policy, now, keys)
    if planned.ready.is_empty():
        raise nothing_ready(planned)
    queue(desk.book, planned, desk.policy, by=desk.worker, at=now)
    return drain(desk, wait=wait, progress=progress)


def take_back(desk: Desk, run: str, *, by: str, keys: Sequence[Key] | None = None, progress: Progress | None = None) -> Sent:
    """Queue the prices before a run and send them; what of it had not left yet does not leave any more."""
    back = undo(desk.book, run, desk.target, desk.policy, by=by, at=desk.now(), keys=keys)
    return dataclasses.replace(drain(desk, wait=False, progress=progress), kept=back.kept)


def drain(desk: Desk, *, wait: bool = False, progress: Progress | None = None, pause: Callable[[float], None] | None = None) -> Sent:
    """Work lease by lease until nothing is due; with `wait` until nothing is left at all."""
    fates: Counter[str] = Counter()
    waits: Counter[str] = Counter()
    sleep = pause or wiring.pause
    passed, told = 0, list[Reason]()
    while True:
        done = step(desk)
        fates.update({fate: count for fate, count in done.fates.items() if fate != "waiting"})
        waits.update(done.waits)
        told = merged(told, done.reasons)
        passed = passed + done.fates.get("waiting", 0) if done.worked == done.fates.get("waiting", 0) else 0
        if progress is not None and done.worked:
            progress(f"{sum(fates.values())} prices settled")
        if done.stopped or not done.worked or _only_waiting(desk, passed):
            passed, left = 0, desk.book.waiting(desk.target)
            next_at = left["due"].min()
            due = next_at if isinstance(next_at, dt.datetime) else None
            due = max(due, done.until) if due is not None and done.until is not None else due
            why = tuple(code for code, _ in waits.most_common())
            seconds = 0.0 if due is None else max((due - desk.now()).total_seconds(), 0.0)
            if done.stopped or not wait or due is None:
                return Sent(dict(fates), _products(desk, left), due, seconds, done.stopped, why, reasons=tuple(told))
            sleep(min(max(seconds, 0.05), LONGEST_PAUSE))


def _products(desk: Desk, left: pl.DataFrame) -> int:
    """Products of which a price is still to leave; of several prices of one only the newest leaves."""
    if left.is_empty():
        return 0
    return desk.read("intents").join(left.select("intent"), on="intent", how="semi").select(KEY).n_unique()


def _only_waiting(desk: Desk, passed: int) -> bool:
    """Whether every open price was taken up, and put back to wait, since the last one was settled.

    passed  prices put back since then
    """
    return passed > 0 and passed > 2 * desk.book.waiting(desk.target).height


def stopped(sent: Sent) -> PricesmithError:
    """The error for a channel that is stopped, or that stopped while prices were sent."""
    release = "look at `pricesmith runs DIR RUN`; two people release it: `pricesmith resume DIR --by NAME`"
    return PricesmithError(f"nothing more leaves: {sent.stopped}", hint=ATTEST if sent.stopped == UNATTESTED else release)
