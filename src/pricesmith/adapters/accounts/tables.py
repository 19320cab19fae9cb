"""The tables of the accounts, as queries see them; migrations make them. Moments are microseconds since 1970 UTC."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

_ALL = sa.MetaData()


def _table(name: str, *columns: str) -> sa.Table:
    return sa.Table(name, _ALL, *(sa.Column(column) for column in columns))


PEOPLE = _table("people", "person", "name", "password", "role", "active", "made_at", "seen_at")
"""person  the name as it is compared; seen_at is NULL until the first time"""

ATTEMPTS = _table("attempts", "attempt", "person", "at")
"""Who tried to sign in, and did not succeed; person  "" where nobody has that name or it is closed"""

SESSIONS = _table("sessions", "session", "digest", "person", "made_at", "seen_at")
KEYS = _table("api_keys", "handle", "digest", "person", "label", "scopes", "made_at", "expires", "revoked", "seen_at")
REPLIES = _table("replies", "caller", "key", "fingerprint", "at", "status", "body")
"""key and fingerprint are digests, body is sealed; status and body are NULL while somebody works on it"""

IDENTITIES = _table("identities", "issuer", "subject", "person", "made_at")
"""Persons whom a provider of OpenID Connect vouches for"""

KEPT = _table("kept", "handle", "kind", "owner", "name", "text", "at")
NAMES = tuple(_ALL.tables)


def span(length: dt.timedelta) -> int:
    """Microseconds."""
    return length // dt.timedelta(microseconds=1)
