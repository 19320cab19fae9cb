"""Which database an address means."""

from __future__ import annotations

from pathlib import Path

from pricesmith.contracts.errors import UnknownChoice

from .database import Database
from .postgresql import LOCK, open_postgresql
from .sqlite import open_sqlite


def open_database(address: str, folder: Path, lock: int = LOCK) -> Database:
    """The database at an address: `postgresql://...`, or a file, relative to the shop folder. A missing file is made.

    lock  key of the advisory lock that keeps writers of PostgreSQL apart; a file has one writer at a time anyway
    """
    scheme, separator, _ = address.partition("://")
    if not separator:
        return open_sqlite(folder / address)
    if scheme.split("+")[0] in {"postgresql", "postgres"}:
        return open_postgresql(address, lock)
    raise UnknownChoice("kind of ledger", scheme, ("postgresql",), where="ledger")
