"""Signed-in persons. A session is found by the digest of its token, so that the time it takes says nothing about the token."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import ROLES, Who
from pricesmith.contracts.errors import UsageError

from .checks import SEEN_EVERY, SESSION_IDLE, SESSION_LONGEST, checked_role
from .digests import digest_of, new_handle, new_token
from .people import known_person
from .tables import PEOPLE, SESSIONS, span

_OF = sa.select(SESSIONS.c.session, SESSIONS.c.person, SESSIONS.c.made_at, SESSIONS.c.seen_at, PEOPLE.c.name, PEOPLE.c.role).join_from(
    SESSIONS, PEOPLE, SESSIONS.c.person == PEOPLE.c.person
)


class SqlSessions:
    """The protocol Sessions."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, name: str, at: dt.datetime) -> str:
        """Raises UnknownChoice where nobody has that name, UsageError where the person is inactive. Sessions that ended are removed."""
        token, now = new_token(), micros(at)
        over = sa.or_(SESSIONS.c.made_at <= now - span(SESSION_LONGEST), SESSIONS.c.seen_at <= now - span(SESSION_IDLE))
        with self.database.writing() as connection:
            found = known_person(connection, name)
            if not found.active:
                raise UsageError(f"{found.name} is inactive", hint="an admin can change that")
            connection.execute(sa.delete(SESSIONS).where(over))
            row = {"session": new_handle(), "digest": digest_of(token), "person": found.person, "made_at": now, "seen_at": now}
            connection.execute(sa.insert(SESSIONS).values(row))
        return token

    def of(self, token: str, at: dt.datetime) -> Who | None:
        digest, now = digest_of(token), micros(at)
        with self.database.reading() as connection:
            found = connection.execute(_OF.where(SESSIONS.c.digest == digest, PEOPLE.c.active == 1)).first()
        if found is None or now - found.made_at >= span(SESSION_LONGEST) or now - found.seen_at >= span(SESSION_IDLE):
            return None
        if now - found.seen_at >= span(SEEN_EVERY):
            self._seen(found.session, found.person, now)
        return Who(found.name, ROLES[checked_role(found.role)], "session", found.session)

    def end(self, token: str) -> None:
        with self.database.writing() as connection:
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.digest == digest_of(token)))

    def _seen(self, session: str, person: str, now: int) -> None:
        with self.database.writing() as connection:
            connection.execute(sa.update(SESSIONS).where(SESSIONS.c.session == session, SESSIONS.c.seen_at < now).values(seen_at=now))
            connection.execute(sa.update(PEOPLE).where(PEOPLE.c.person == person, PEOPLE.c.seen_at < now).values(seen_at=now))
