"""A shop that asks to wait is left alone by every process: until when stands in the audit, so a restart or a second process knows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import polars as pl

from pricesmith.contracts.errors import ShopBusy
from pricesmith.contracts.ledger import Act, Ledger
from pricesmith.contracts.shop import Shop
from pricesmith.flows.publishing.desk import Desk
from pricesmith.flows.publishing.history.making import AGAIN

TABLE, ACT = "audit", "shop_busy"
WHERE = {"act": [ACT, AGAIN]}
"""Acts that a desk reads: these, and runs that were made again."""
RECENT = 20
"""Acts looked at: workers that were busy at once."""
LONGEST = 300.0
"""Seconds for which a long reading waits at once; for longer a person is told."""
_UNTIL = " until "


def subject(target: str, moment: dt.datetime) -> str:
    """How the act names target and moment."""
    return f"{target}{_UNTIL}{moment.isoformat()}"


def until(acts: pl.DataFrame, target: str, now: dt.datetime) -> dt.datetime | None:
    """The latest moment, still ahead, until which the shop of a target wants no call; None where it may be asked.

    acts  rows of table AUDIT
    """
    if acts.is_empty():
        return None
    asked = acts.filter((pl.col("act") == ACT) & pl.col("subject").str.starts_with(target + _UNTIL))["subject"]
    moments = [dt.datetime.fromisoformat(text.rpartition(_UNTIL)[2]) for text in asked.tail(RECENT)]
    return max((moment for moment in moments if moment > now), default=None)


def asked_to_wait(desk: Desk) -> dt.datetime | None:
    """Until when the shop wants no call, whichever process it told; None where it may be asked."""
    return until(desk.read(TABLE, WHERE), desk.target, desk.now())


def keep(ledger: Ledger, target: str, seconds: float, *, by: str, at: dt.datetime) -> None:
    """Write down that a shop asked to be left alone for some seconds."""
    ledger.append(Act(at, by, ACT, subject(target, at + dt.timedelta(seconds=seconds))), {})


@contextmanager
def asking(desk: Desk, pause: Callable[[float], None] | None = None) -> Iterator[Shop]:
    """Ask the shop outside a lease: not before a wait is over that any process was told, and telling the others of a new one.

    pause  waits some seconds: a wait of at most LONGEST is waited for; without it none is
    Raises ShopBusy where the shop wants no call yet.
    """
    free = asked_to_wait(desk)
    left = 0.0 if free is None else (free - desk.now()).total_seconds()
    if free is not None and (pause is None or left > LONGEST):
        what = f"the shop asked to be left alone until {free:%Y-%m-%d %H:%M:%S} UTC"
        raise ShopBusy(what, wait=left, where=f"shop {desk.target}", hint="run the command again then")
    if pause is not None and left > 0:
        pause(left)
    try:
        yield desk.shop
    except ShopBusy as error:
        if error.wait is not None:
            keep(desk.book, desk.target, error.wait, by=desk.worker, at=desk.now())
        raise
