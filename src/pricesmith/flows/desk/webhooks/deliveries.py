"""What became of the messages to webhooks: how far each was told, and its last deliveries. Kept in the ledger's database."""

from __future__ import annotations

import datetime as dt

import msgspec

from pricesmith.contracts.accounts import Kept

KIND, OWNER = "webhook", "pricesmith"
KEPT, LONGEST = 20, 200
"""Deliveries of a webhook that are kept, and characters of the subject of one."""
TEST = "test"
"""What stands in place of an act where somebody asked for a test."""
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 3600.0
"""Seconds until a message that was not taken is sent again, doubled each time."""


class Delivery(msgspec.Struct, frozen=True):
    """One message. message: its webhook-id; act: of table AUDIT, or TEST; at: of the last try.

    status  what the receiver answered, None where nothing came back;  error  why it was not taken, "" where it was
    """

    message: str
    act: str
    subject: str
    at: dt.datetime
    tries: int
    status: int | None
    error: str


class Told(msgspec.Struct, frozen=True):
    """How far a webhook was told. seq: the last act; failures in a row since; again: when it is next tried; error: why it was not taken.

    recent  its last deliveries, the newest first
    """

    seq: int
    failures: int = 0
    again: dt.datetime | None = None
    error: str = ""
    recent: tuple[Delivery, ...] = ()

    def with_(self, one: Delivery) -> tuple[Delivery, ...]:
        """The last deliveries after this one, which may be another try of the newest of its kind."""
        before = next((old for old in self.recent if old.message == one.message), None)
        tries = one.tries if before is None else before.tries + 1
        now = msgspec.structs.replace(one, tries=tries, subject=one.subject[:LONGEST])
        return (now, *(old for old in self.recent if old.message != one.message))[:KEPT]


def after(told: Told, seq: int, one: Delivery) -> Told:
    """Where a webhook stands after the message about act `seq` was tried."""
    if one.error:
        return Told(told.seq, told.failures + 1, one.at + _pause(told.failures), one.error, told.with_(one))
    return Told(seq, recent=told.with_(one))


def after_test(told: Told, one: Delivery) -> Told:
    """The same after a test. One that was taken says that the receiver is there again, so that what waits is tried at once."""
    again = told.again if one.error else None
    return msgspec.structs.replace(told, again=again, recent=told.with_(one))


def standing(kept: Kept) -> dict[str, Told]:
    """How far each webhook was told, by its mark; those that are no longer there too."""
    return {mark: msgspec.json.decode(text, type=Told) for mark, text in texts(kept, KIND).items()}


def texts(kept: Kept, kind: str) -> dict[str, str]:
    """Everything of a kind that the desk itself keeps, by name."""
    rows = kept.all(kind, OWNER).select("handle", "name").rows()
    found = {name: kept.get(kind, OWNER, handle) for handle, name in rows}
    return {name: text for name, text in found.items() if text is not None}


def forget(kept: Kept, kind: str, name: str) -> None:
    for handle, known in kept.all(kind, OWNER).select("handle", "name").iter_rows():
        if known == name:
            kept.drop(kind, OWNER, handle)


def _pause(failures: int) -> dt.timedelta:
    return dt.timedelta(seconds=min(FIRST_PAUSE * 2.0 ** min(failures, 20), LONGEST_PAUSE))
