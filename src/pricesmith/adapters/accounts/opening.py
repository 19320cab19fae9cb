"""All of the accounts in one database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pricesmith.adapters.ledgers.migrate import Forms, migrate
from pricesmith.adapters.ledgers.place import open_database
from pricesmith.contracts.accounts import Accounts

from .identities import SqlIdentities
from .kept import SqlKept
from .keys import SqlKeys
from .passwords import Argon2id
from .people import SqlPeople
from .replies import SqlReplies
from .sessions import SqlSessions

FORMS = Forms("0002", "accounts_version", Path(__file__).parent / "migrations")
LOCK = 0x70736163
"""Key of the advisory lock of PostgreSQL: who signs in does not wait for a price list that is being written."""


def open_accounts(address: str, folder: Path, pause: Callable[[float], None], passwords: Argon2id | None = None) -> Accounts:
    """The accounts at an address: `postgresql://...`, or a file, relative to the shop folder; tables that are missing are made.

    One object serves all threads of a process; every method is one transaction or two.

    pause      waits so many seconds
    passwords  None: Argon2id. Raises UsageError where argon2-cffi is not installed
    """
    chosen = Argon2id() if passwords is None else passwords
    database = open_database(address, folder, LOCK)
    migrate(database, FORMS)
    people, identities = SqlPeople(database, chosen), SqlIdentities(database, chosen)
    return Accounts(people, identities, SqlSessions(database), SqlKeys(database), SqlReplies(database, pause), SqlKept(database))
