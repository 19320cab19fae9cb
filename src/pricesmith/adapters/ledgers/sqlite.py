"""The ledger in one file: SQLite in write-ahead mode, every commit on the disk before it counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .database import Database
from .rows import Row

BUSY_SECONDS = 30
"""How long a writer waits for another."""


class Sqlite:
    """The protocol Dialect."""

    name = "sqlite"
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def lock(self, connection: sa.Connection) -> None:
        """BEGIN IMMEDIATE has done it."""

    def snapshot(self, connection: sa.Connection) -> None:
        """A transaction in write-ahead mode is one."""

    def insert(self, connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        _raw(connection).executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)

    def stream(self, connection: sa.Connection, query: str) -> Iterator[Row]:
        yield from _raw(connection).execute(query)


def open_sqlite(path: Path) -> Database:
    """A database in that file, made where there is none."""
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", _begin)
    return Database(engine, Sqlite(), str(path))


def _set_up(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # transactions are begun by _begin, not by the driver
    for setting in (f"busy_timeout = {1000 * BUSY_SECONDS}", "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        raw.execute(f"PRAGMA {setting}")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _raw(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection
