"""Persons whom a provider vouches for: bound by issuer and subject, never by a name or an address of e-mail."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import Role
from pricesmith.contracts.errors import UsageError

from .checks import checked_name, checked_role, checked_subject, folded
from .digests import new_token
from .passwords import Argon2id
from .people import person_of
from .tables import IDENTITIES, PEOPLE


class SqlIdentities:
    """The protocol Identities."""

    def __init__(self, database: Database, passwords: Argon2id) -> None:
        self.database, self.passwords = database, passwords

    def known(self, issuer: str, subject: str) -> tuple[str, Role] | None:
        query = (
            sa.select(PEOPLE.c.name, PEOPLE.c.role)
            .select_from(sa.join(IDENTITIES, PEOPLE, IDENTITIES.c.person == PEOPLE.c.person))
            .where(IDENTITIES.c.issuer == issuer, IDENTITIES.c.subject == subject)
        )
        with self.database.reading() as connection:
            found = connection.execute(query).first()
        return None if found is None else (str(found.name), checked_role(found.role))

    def add(self, issuer: str, subject: str, name: str, role: Role, at: dt.datetime) -> None:
        """Kept is the digest of a password that nobody was told."""
        now, shown = micros(at), checked_name(name)
        one = {"issuer": checked_subject("issuer", issuer), "subject": checked_subject("subject", subject)}
        row = {"person": folded(shown), "name": shown, "role": checked_role(role), "active": 1, "made_at": now, "seen_at": now}
        row["password"] = self.passwords.digest(new_token())
        with self.database.writing() as connection:
            if person_of(connection, shown) is not None:
                raise taken(shown)
            connection.execute(sa.insert(PEOPLE).values(row))
            connection.execute(sa.insert(IDENTITIES).values(**one, person=folded(shown), made_at=now))


def taken(name: str) -> UsageError:
    """Somebody else's account is not taken over because a provider says the same name."""
    return UsageError(f"{name} has an account here that is not of this provider", hint="sign in with its password, or ask an admin")
