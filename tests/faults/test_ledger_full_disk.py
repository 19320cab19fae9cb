"""P13: the disk is full; the ledger says so, keeps what it had, and goes on when there is room again."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import Act
from pricesmith.testing.ledger_rows import AT, intents
from tests.ledger_places import PostgresPlace, SqlitePlace
from tests.postgres import Server

ACT = Act(AT, "anna", "queued", "run")


def fill(books: SqlBooks, name: str, most: int = 400, rows: int = 200) -> int:
    """Append until it is refused; returns the acts that were confirmed."""
    for batch in range(most):
        try:
            books.append(ACT, {"intents": intents(*((f"{name}-{batch}-{row}", 1) for row in range(rows)))})
        except LedgerError as error:
            assert error.hint
            return batch
    raise AssertionError("the disk did not fill")


def sound(books: SqlBooks, acts: int, rows: int = 200) -> None:
    """Exactly what was confirmed stands there, and nothing is damaged."""
    seen = books.verify()
    assert (seen.acts, seen.rows, seen.findings) == (acts, acts * rows, ())
    assert books.waiting("web").height == acts * rows


def intact(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("more", [40_000, 150_001, 777_777])
def test_sqlite_file_cannot_grow(tmp_path: Path, more: int) -> None:
    place = SqlitePlace(tmp_path)
    books = place.open()
    books.append(ACT, {"intents": intents(*((f"first-{row}", 1) for row in range(200)))})
    size = max(file.stat().st_size for file in tmp_path.glob("ledger.db*"))
    with largest_file(size + more):
        acts = 1 + fill(books, "full")
    sound(books, acts)
    assert intact(tmp_path / "ledger.db")
    books.append(ACT, {"intents": intents(*((f"after-{row}", 1) for row in range(200)))})
    sound(place.open(), acts + 1)


def test_sqlite_has_no_page_left(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    books = place.open()
    with books.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 200}")
    acts = fill(books, "full")
    assert acts > 0
    sound(books, acts)
    with books.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 4294967294")
    books.append(ACT, {"intents": intents(*((f"after-{row}", 1) for row in range(200)))})
    sound(place.open(), acts + 1)
    assert intact(tmp_path / "ledger.db")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system in memory of that size; needs root."""
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no small disk can be made here: {made.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.mark.real
def test_sqlite_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "3m") as disk:
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 500_000)
        books = open_books("ledger.db", disk, tmp_path / "ledger.key")
        acts = fill(books, "full")
        assert acts > 0
        ballast.unlink()
        sound(books, acts)
        books.append(ACT, {"intents": intents(*((f"after-{row}", 1) for row in range(200)))})
        sound(books, acts + 1)
        assert intact(disk / "ledger.db")
        books.database.engine.dispose()


@pytest.mark.real
def test_postgresql_on_a_full_disk(postgres: Server, tmp_path: Path) -> None:
    """Its tables stand on a small disk; its log does not."""
    with small_disk(Path(f"{postgres.folder}-small"), "6m") as disk:
        if os.geteuid() == 0:
            subprocess.run(["chown", "postgres:postgres", disk], check=True)
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 1_500_000)
        postgres.sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
        place = PostgresPlace(tmp_path, postgres)
        books = open_books(f"{place.address}%20-cdefault_tablespace%3Dsmall", tmp_path, tmp_path / "ledger.key")
        acts = fill(books, "full")
        assert acts > 0
        ballast.unlink()
        sound(books, acts)
        books.append(ACT, {"intents": intents(*((f"after-{row}", 1) for row in range(200)))})
        sound(place.open(), acts + 1)
        books.database.engine.dispose()
        postgres.sql(f"DROP SCHEMA {place.schema} CASCADE")
        postgres.sql("DROP TABLESPACE small")
    disk.rmdir()
