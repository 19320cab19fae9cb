"""Publications that were asked for at the desk go on when their next wave may leave, also after the desk was restarted."""

from __future__ import annotations

from collections.abc import Callable

from pricesmith.contracts.errors import PricesmithError
from pricesmith.flows.desk.publishing.attestation import attestation
from pricesmith.flows.desk.publishing.sending import publishing, undoing, unfinished
from pricesmith.flows.desk.webhooks.telling import Telling

from .ask import Desk

PAUSE, TELLING_PAUSE = 20.0, 2.0
"""Seconds between two looks."""


def go_on(desk: Desk, wait: Callable[[float], bool]) -> None:
    """Look again and again, until the wait says that the desk ends."""
    while not wait(PAUSE):
        try:
            begin_due(desk)
        except PricesmithError:
            continue  # the ledger or shop.toml cannot be read now: nothing may leave, and every page says why


def tell_on(telling: Telling, wait: Callable[[float], bool]) -> None:
    """Tell webhooks what stands in the audit, until the wait says that the desk ends."""
    while not wait(TELLING_PAUSE):
        try:
            telling.round(telling.reading.now())
        except PricesmithError:
            continue  # the ledger or shop.toml cannot be read now; nothing is forgotten, what was not told is told then


def begin_due(desk: Desk) -> list[str]:
    """Begin a job for whatever is due; the kinds of those begun. Nothing begins that cannot send."""
    at, begun = desk.reading.now(), list[str]()
    if not attestation(desk.reading, at).stands:
        return begun
    for one in unfinished(desk.reading, at):
        if one.due <= at:
            kind, folder = "undo" if one.undo else "publish", str(desk.reading.folder.resolve())
            words = undoing(folder, one.run, one.target, one.by) if one.undo else publishing(folder, one.run, one.target)
            desk.jobs.begin(kind, words, one.by)
            begun.append(kind)
    return begun
