"""Persons with a password and a role."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import ROLES, Role, Who
from pricesmith.contracts.errors import UnknownChoice, UsageError

from .checks import FAILURES, FAILURES_WITHIN, checked_name, checked_password, checked_role, folded
from .digests import new_handle
from .frames import frame_of
from .passwords import Argon2id
from .tables import ATTEMPTS, PEOPLE, SESSIONS, span

_ADMINS = sa.select(sa.func.count()).select_from(PEOPLE).where(PEOPLE.c.role == "admin", PEOPLE.c.active == 1)


class SqlPeople:
    """The protocol People."""

    def __init__(self, database: Database, passwords: Argon2id) -> None:
        self.database, self.passwords = database, passwords

    def add(self, name: str, password: str, role: Role, at: dt.datetime) -> None:
        checked_password(password)
        row = {"person": folded(name), "name": checked_name(name), "role": checked_role(role), "active": 1, "made_at": micros(at)}
        row["password"] = self.passwords.digest(password)
        with self.database.writing() as connection:
            if person_of(connection, name) is not None:
                raise UsageError(f"{row['name']} is there already", hint="case does not matter; choose another name")
            connection.execute(sa.insert(PEOPLE).values(row))

    def change(self, name: str, *, role: Role | None = None, password: str | None = None, active: bool | None = None) -> None:
        values: dict[str, object] = {} if role is None else {"role": checked_role(role)}
        if password is not None:
            checked_password(password)
            values["password"] = self.passwords.digest(password)
        if active is not None:
            values["active"] = int(active)
        with self.database.writing() as connection:
            person = known_person(connection, name).person
            before = connection.execute(_ADMINS).scalar_one()
            if values:
                connection.execute(sa.update(PEOPLE).where(PEOPLE.c.person == person).values(values))
            if before and not connection.execute(_ADMINS).scalar_one():
                raise UsageError("nobody would be left who may look after accounts", hint="make somebody else an active admin first")
            connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.person == person))

    def check(self, name: str, password: str, at: dt.datetime) -> Who | None:
        """Every way to fail writes one row and computes one digest. The attempt counts before it is judged: many at once are not more."""
        attempt, now = new_handle(), micros(at)
        with self.database.writing() as connection:
            connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.at <= now - span(FAILURES_WITHIN)))
            found = person_of(connection, name)
            tried = sa.select(sa.func.count()).select_from(ATTEMPTS).where(ATTEMPTS.c.person == folded(name))
            is_open = connection.execute(tried).scalar_one() < FAILURES
            counted = found.person if found and is_open else ""
            connection.execute(sa.insert(ATTEMPTS).values(attempt=attempt, person=counted, at=now))
        fits = self.passwords.fits(found.password if found else None, password)
        if found is None or not (fits and is_open and found.active):
            return None
        with self.database.writing() as connection:
            connection.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.attempt == attempt))
            as_it_was = (PEOPLE.c.person == found.person, PEOPLE.c.active == 1, PEOPLE.c.password == found.password)
            seen = connection.execute(sa.update(PEOPLE).where(*as_it_was).values(seen_at=now))
        return Who(found.name, ROLES[checked_role(found.role)], "session") if seen.rowcount else None

    def all(self) -> pl.DataFrame:
        columns = (PEOPLE.c.name, PEOPLE.c.role, PEOPLE.c.active, PEOPLE.c.made_at, PEOPLE.c.seen_at)
        with self.database.reading() as connection:
            rows = connection.execute(sa.select(*columns, PEOPLE.c.person)).all()
        return frame_of([column.name for column in columns], [row[:-1] for row in sorted(rows, key=lambda row: str(row.person))])


def person_of(connection: sa.Connection, name: str) -> sa.Row[Any] | None:
    """The row of a person, None where nobody has that name."""
    return connection.execute(sa.select(PEOPLE).where(PEOPLE.c.person == folded(name))).first()


def known_person(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """The row of a person. Raises UnknownChoice with the names that there are."""
    found = person_of(connection, name)
    if found is None:
        raise UnknownChoice("person", name, connection.execute(sa.select(PEOPLE.c.name)).scalars())
    return found
