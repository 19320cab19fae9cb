"""Where a ledger of the tests stands, and how an intruder with the owner's rights would reach into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.contracts.ledger import LEDGER
from tests.postgres import Server


class SqlitePlace:
    """A ledger in a file."""

    mark = "?"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def address(self) -> str:
        return "ledger.db"

    def open(self) -> SqlBooks:
        return open_books(self.address, self.folder, self.folder / "ledger.key")

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A connection of the driver; what is done with it is committed at the end."""
        connection = sqlite3.connect(self.folder / "ledger.db")
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def disarm(self) -> None:
        """Take the triggers away, as only the owner can."""
        with self.raw() as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')


class PostgresPlace:
    """A ledger in PostgreSQL."""

    mark = "%s"

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self.schema = server.new_schema()
        self.address = server.address(self.schema)

    def open(self) -> SqlBooks:
        return open_books(self.address, self.folder, self.folder / "ledger.key")

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A connection of the driver; what is done with it is committed at the end."""
        import psycopg

        with psycopg.connect(self.address) as connection:
            yield connection

    def disarm(self) -> None:
        """Switch the triggers off, as only the owner can."""
        with self.raw() as connection:
            for name in LEDGER:
                connection.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')


Place = SqlitePlace | PostgresPlace
