"""API keys. The handle finds the key, its digest is compared in constant time; a handle that is not there costs the same."""

from __future__ import annotations

import datetime as dt

import polars as pl
import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.accounts import ROLES, Scope, Who
from pricesmith.contracts.errors import UsageError

from .checks import SEEN_EVERY, checked_label, checked_role, checked_scopes, folded
from .digests import digest_of, handle_of, known_form, new_handle, new_key, same
from .frames import frame_of
from .people import known_person
from .tables import KEYS, PEOPLE, span

_NOBODY = digest_of("")
_OWNED = sa.join(KEYS, PEOPLE, KEYS.c.person == PEOPLE.c.person)
_OF = sa.select(KEYS, PEOPLE.c.name, PEOPLE.c.role, PEOPLE.c.active).select_from(_OWNED)
_LISTED = sa.select(
    KEYS.c.handle, PEOPLE.c.name.label("owner"), KEYS.c.label, KEYS.c.scopes, KEYS.c.made_at, KEYS.c.expires, KEYS.c.revoked, KEYS.c.seen_at
).select_from(_OWNED)


class SqlKeys:
    """The protocol Keys."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def make(self, owner: str, label: str, scopes: frozenset[Scope], at: dt.datetime, expires: dt.datetime | None) -> tuple[str, str]:
        """Raises UnknownChoice too, where nobody has that name or a scope is none."""
        handle, now, end = new_handle(), micros(at), None if expires is None else micros(expires)
        key, shown = new_key(handle), checked_label(label)
        if end is not None and end <= now:
            raise UsageError("a key would end before it begins", hint="let it expire later, or never")
        with self.database.writing() as connection:
            found = known_person(connection, owner)
            if not found.active:
                raise UsageError(f"{found.name} is inactive", hint="an admin can change that")
            given = " ".join(checked_scopes(found.name, checked_role(found.role), scopes))
            row = {"handle": handle, "digest": digest_of(key), "person": found.person, "label": shown, "scopes": given}
            connection.execute(sa.insert(KEYS).values(**row, made_at=now, expires=end, revoked=0))
        return handle, key

    def of(self, key: str, at: dt.datetime) -> Who | None:
        now = micros(at)
        with self.database.reading() as connection:
            found = connection.execute(_OF.where(KEYS.c.handle == handle_of(key))).first()
        fits = same(digest_of(key), found.digest if found else _NOBODY)
        if found is None or not (fits and found.active) or found.revoked or (found.expires is not None and now >= found.expires):
            return None
        if found.seen_at is None or now - found.seen_at >= span(SEEN_EVERY):
            with self.database.writing() as connection:
                earlier = sa.or_(KEYS.c.seen_at.is_(None), KEYS.c.seen_at < now)
                connection.execute(sa.update(KEYS).where(KEYS.c.handle == found.handle, earlier).values(seen_at=now))
        scopes = frozenset(scope for scope in ROLES[checked_role(found.role)] if scope in found.scopes.split())
        return Who(found.name, scopes, "key", found.handle)

    def revoke(self, handle: str, owner: str | None) -> bool:
        """False too where it is revoked already."""
        wanted = [KEYS.c.handle == known_form(handle), KEYS.c.revoked == 0]
        if owner is not None:
            wanted.append(KEYS.c.person == folded(owner))
        with self.database.writing() as connection:
            return bool(connection.execute(sa.update(KEYS).where(*wanted).values(revoked=1)).rowcount)

    def all(self, owner: str | None) -> pl.DataFrame:
        query = _LISTED if owner is None else _LISTED.where(KEYS.c.person == folded(owner))
        with self.database.reading() as connection:
            rows = connection.execute(query.order_by(KEYS.c.made_at.desc(), KEYS.c.handle)).all()
        return frame_of([column.name for column in query.selected_columns], rows)
