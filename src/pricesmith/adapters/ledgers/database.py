"""One database: transactions, and what goes wrong with it. Where SQLite and PostgreSQL differ stands in Dialect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError

from .rows import Row

NAME = "pricesmith"
"""The name under which PostgreSQL sees us."""


class Dialect(Protocol):
    """What differs between the two databases."""

    name: str
    errors: tuple[type[Exception], ...]

    def lock(self, connection: sa.Connection) -> None:
        """Keep every other writer out until the transaction ends."""
        ...

    def snapshot(self, connection: sa.Connection) -> None:
        """Let every later read of the transaction see one state."""
        ...

    def insert(self, connection: sa.Connection, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Add many rows."""
        ...

    def stream(self, connection: sa.Connection, query: str) -> Iterator[Row]:
        """Rows of a query, without holding all of them."""
        ...


class Database:
    """Transactions over one engine. Whatever the driver raises becomes a LedgerError; what was written in the transaction is gone then."""

    def __init__(self, engine: sa.Engine, dialect: Dialect, place: str) -> None:
        self.engine, self.dialect, self.place = engine, dialect, place
        self._errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, *dialect.errors)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One writer at a time; all or nothing."""
        with self._surfaced("written"), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            self.dialect.lock(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One state of all tables."""
        with self._surfaced("read"), self.engine.connect() as connection, connection.begin():
            self.dialect.snapshot(connection)
            yield connection

    @contextmanager
    def _surfaced(self, done: str) -> Iterator[None]:
        try:
            yield
        except self._errors as error:
            raise LedgerError(f"cannot be {done}: {_words(error)}", where=self.place, hint=_hint(str(error))) from error


def _words(error: Exception) -> str:
    """First line of what the database says, without the values of the statement."""
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip() or type(cause).__name__).splitlines()[0]


def _hint(text: str) -> str:
    hints = {
        "locked": "another process writes to it; try again",
        "full": "make room on the disk; nothing of this act was written",
        "disk I/O": "make room on the disk or mend it; nothing of this act was written",
        "No space": "make room on the disk; nothing of this act was written",
        "UNIQUE": "a row with this key stands there already; nothing was written",
        "duplicate key": "a row with this key stands there already; nothing was written",
        "stands already": "nothing was written",
        "permission denied": "ask the owner of the database for this right",
        "not a database": "the file is something else, or damaged",
    }
    return next((hint for word, hint in hints.items() if word in text), "read before writing again: whether it was done may not be known")
