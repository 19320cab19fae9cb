"""Answers by idempotency key. The primary key lets one caller in; the others look again and again until the answer is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import Reply
from pricesmith.contracts.errors import LedgerError, UsageError

from .checks import CLAIM_FOR, NAME_MOST, REPLIES_FOR, checked_text
from .digests import same
from .sealed import Seal
from .tables import REPLIES, span

PATIENCE = 10.0
"""Seconds to wait for another's answer."""

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between two looks; the last one again and again."""


class SqlReplies:
    """The protocol Replies.

    pause  waits so many seconds
    """

    def __init__(self, database: Database, pause: Callable[[float], None]) -> None:
        self.database, self.pause = database, pause

    def claim(self, caller: str, key: str, fingerprint: str, at: dt.datetime) -> Reply | None:
        checked_text("the caller", caller, 2 * NAME_MOST)
        checked_text("an idempotency key", key, 2 * NAME_MOST)
        seal, waited, looks = Seal(caller, key), 0.0, 0
        mark = seal.mark(fingerprint)
        found = self._take(caller, seal, mark, micros(at))
        while found is not None:
            if not same(found.fingerprint, mark):
                raise UsageError("this idempotency key came with another body", hint="use a new key for a new request")
            if found.status is not None:
                return Reply(fingerprint, found.status, seal.open(found.status, found.body))
            if waited >= PATIENCE:
                raise UsageError("the first request with this idempotency key is still under way", hint="ask again with the same key")
            step = STEPS[min(looks, len(STEPS) - 1)]
            self.pause(step)
            waited, looks = waited + step, looks + 1
            now = micros(at + dt.timedelta(seconds=waited))
            found = self._look(caller, seal)
            if found is None or _is_left(found, now):
                found = self._take(caller, seal, mark, now)
        return None

    def keep(self, caller: str, key: str, reply: Reply) -> None:
        """Of two answers the first one stays. Raises LedgerError where nobody had claimed it."""
        seal = Seal(caller, key)
        values = {"status": reply.status, "body": seal.close(reply.status, reply.body)}
        mine = (*_at(caller, seal), REPLIES.c.fingerprint == seal.mark(reply.fingerprint))
        with self.database.writing() as connection:
            if connection.execute(sa.select(REPLIES.c.at).where(*mine)).first() is None:
                raise LedgerError("an answer was not claimed, or its claim was given back", hint="claim it before the work")
            connection.execute(sa.update(REPLIES).where(*mine, REPLIES.c.status.is_(None)).values(values))

    def release(self, caller: str, key: str) -> None:
        with self.database.writing() as connection:
            connection.execute(sa.delete(REPLIES).where(*_at(caller, Seal(caller, key)), REPLIES.c.status.is_(None)))

    def _take(self, caller: str, seal: Seal, mark: str, now: int) -> sa.Row[Any] | None:
        """None where the claim is the caller's, else what stands there."""
        with self.database.writing() as connection:
            connection.execute(sa.delete(REPLIES).where(REPLIES.c.at <= now - span(REPLIES_FOR)))
            found = connection.execute(sa.select(REPLIES).where(*_at(caller, seal))).first()
            if found is None:
                connection.execute(sa.insert(REPLIES).values(caller=caller, key=seal.name, fingerprint=mark, at=now))
            elif _is_left(found, now) and same(found.fingerprint, mark):
                connection.execute(sa.update(REPLIES).where(*_at(caller, seal)).values(at=now))
                found = None
        return found

    def _look(self, caller: str, seal: Seal) -> sa.Row[Any] | None:
        with self.database.reading() as connection:
            return connection.execute(sa.select(REPLIES).where(*_at(caller, seal))).first()


def _at(caller: str, seal: Seal) -> tuple[sa.ColumnElement[bool], ...]:
    return REPLIES.c.caller == caller, REPLIES.c.key == seal.name


def _is_left(found: sa.Row[Any], now: int) -> bool:
    """Whether who works on it must be dead."""
    return found.status is None and now - int(found.at) >= span(CLAIM_FOR)
