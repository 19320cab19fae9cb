"""The ledger in PostgreSQL, where several machines write: the same tables, one writer at a time by an advisory lock."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError

from .database import NAME, Database
from .rows import Row

LOCK = 0x70726963
"""Key of the advisory lock that keeps writers of the ledger apart."""

_BATCH = 5000
_CONNECT_SECONDS = 10


class Postgresql:
    """The protocol Dialect."""

    name = "postgresql"

    def __init__(self, errors: tuple[type[Exception], ...], key: int) -> None:
        self.errors, self.key = errors, key
        self._cursors = itertools.count()

    def lock(self, connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": self.key})

    def snapshot(self, connection: sa.Connection) -> None:
        connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    def insert(self, connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        with _raw(connection).cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)

    def stream(self, connection: sa.Connection, query: str) -> Iterator[Row]:
        with _raw(connection).cursor(name=f"{NAME}_{next(self._cursors)}") as cursor:
            cursor.itersize = _BATCH
            yield from cursor.execute(query)


def open_postgresql(address: str, lock: int = LOCK) -> Database:
    """A database at an address such as `postgresql://user:password@host/name`.

    lock  key of the advisory lock that keeps its writers apart
    """
    try:
        import psycopg
    except ImportError:
        raise LedgerError("PostgreSQL needs psycopg", hint="pip install '.[postgres]' in the clone") from None
    try:
        url = sa.make_url(address).set(drivername="postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError):
        raise LedgerError("the address of the ledger cannot be read", hint="postgresql://user:password@host:port/name") from None
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS, "application_name": NAME})
    sa.event.listen(engine, "connect", _set_up)
    return Database(engine, Postgresql((psycopg.Error,), lock), url.set(drivername="postgresql").render_as_string(hide_password=True))


def _set_up(raw: Any, _record: object) -> None:
    raw.autocommit = True
    raw.execute("SET synchronous_commit = on")
    if raw.execute("SHOW fsync").fetchone()[0] != "on":
        raise LedgerError("the server runs with fsync = off: what it confirms can be lost", hint="set fsync = on in postgresql.conf")
    raw.autocommit = False


def _raw(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection
