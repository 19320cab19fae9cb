"""One ledger in a file: who waits for whom, long lists, what is said where something goes wrong, and what is on the disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from pricesmith.adapters.ledgers import books as module
from pricesmith.adapters.ledgers import outbox
from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.adapters.ledgers.checkpoints import Checkpoint, export
from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import refuse_wrong_tries
from pricesmith.adapters.ledgers.signing import signer_at
from pricesmith.adapters.ledgers.sqlite import Sqlite
from pricesmith.contracts.errors import LedgerError, UnknownChoice
from pricesmith.contracts.ledger import Act, Lease
from pricesmith.testing.ledger_rows import AT, DAY, intents, made, receipts
from tests.ledger_places import SqlitePlace

ACT = Act(AT, "anna", "queued", "run")


@pytest.fixture
def books(tmp_path: Path) -> SqlBooks:
    return SqlitePlace(tmp_path).open()


@contextmanager
def impatient(folder: Path) -> Iterator[sqlite3.Connection]:
    """Another process that does not wait."""
    connection = sqlite3.connect(folder / "ledger.db", timeout=0, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def test_a_writer_keeps_writers_out_before_it_writes_and_a_reader_nobody(books: SqlBooks, tmp_path: Path) -> None:
    with impatient(tmp_path) as other:
        with books.database.writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        with books.database.reading():
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


def test_a_reader_sees_one_state(books: SqlBooks, tmp_path: Path) -> None:
    with books.database.reading() as connection:
        count = connection.exec_driver_sql('SELECT count(*) FROM "audit"').scalar()
        SqlitePlace(tmp_path).open().append(ACT, {})
        assert connection.exec_driver_sql('SELECT count(*) FROM "audit"').scalar() == count == 0


def test_every_transaction_asks_the_dialect_for_its_lock(books: SqlBooks) -> None:
    """SQLite needs none; PostgreSQL does."""
    asked = []

    class Asked(Sqlite):
        def lock(self, connection: object) -> None:
            asked.append("lock")

        def snapshot(self, connection: object) -> None:
            asked.append("snapshot")

    database = Database(books.database.engine, Asked(), "here")
    with database.writing():
        assert asked == ["lock"]
    with database.reading():
        assert asked == ["lock", "snapshot"]


def test_long_lists_are_sent_in_parts(books: SqlBooks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_MOST_IDS", 2)
    monkeypatch.setattr(module, "_MOST_VALUES", 2)
    books.append(ACT, {"intents": intents(*((sku, 1) for sku in "abcde"))})
    books.append(ACT, {"intents": intents(*((sku, 2) for sku in "abc"))})
    assert books.read("intents", {"sku": list("edcbaa")})["intent"].to_list() == [f"{sku}/1" for sku in "abcde"] + ["a/2", "b/2", "c/2"]
    assert books.read("intents", {"sku": ["e", "e", "a"], "version": [1]})["intent"].to_list() == ["a/1", "e/1"]
    assert books.read("audit", {"seq": [3, 2, 1]})["seq"].to_list() == [1, 2]
    lease = books.lease("web", "w", AT, AT + DAY, 10)
    assert lease.intents["intent"].to_list() == ["d/1", "e/1", "a/2", "b/2", "c/2"]
    assert books.read("receipts")["intent"].to_list() == ["a/1", "b/1", "c/1"]
    books.settle(lease, ACT, receipts(lease), {}, {})
    assert books.waiting("web").is_empty()


def test_one_intent_can_be_leased(books: SqlBooks) -> None:
    books.append(ACT, {"intents": intents(("a", 1), ("b", 1))})
    assert books.lease("web", "w", AT, AT + DAY, 1).intents["intent"].to_list() == ["a/1"]


def lease_of(*names: str) -> Lease:
    return Lease("w", 7, AT, pl.DataFrame({"intent": names}))


def test_tries_are_counted_by_one() -> None:
    held = {"a": 0, "b": 3}
    assert refuse_wrong_tries(lease_of("a", "b"), held, [("a", 1), ("b", 4)], ["a"]) == {"a": 1, "b": 4}
    for tries, said in (([("b", 3)], "try 3 of intent b follows 3"), ([("a", 1), ("b", 5)], "try 5 of intent b follows 3")):
        with pytest.raises(LedgerError, match=said):
            refuse_wrong_tries(lease_of("a", "b"), held, tries, [])
    with pytest.raises(LedgerError, match="lease 7 of w no longer holds 2 of its intents, such as c"):
        refuse_wrong_tries(lease_of("a"), held, [("c", 1), ("a", 1)], ["d"])


def test_what_goes_wrong_is_said_without_the_values(books: SqlBooks) -> None:
    books.append(ACT, {"runs": made("runs")})
    with pytest.raises(LedgerError) as caught:
        books.append(ACT, {"runs": made("runs", {"facts": "canary-secret"})})
    assert "\n" not in caught.value.line and "canary-secret" not in caught.value.line
    assert caught.value.what == "cannot be written: the ledger is only added to: this key of runs stands already"
    assert caught.value.hint == "nothing was written"
    with pytest.raises(LedgerError, match="cannot be read: no such table") as caught, books.database.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    assert caught.value.hint.startswith("read before writing again")


@pytest.mark.parametrize("address", ["postgres://u@host:port:port/x", "postgresql+psycopg://u@host:port:port/x"])
def test_addresses_of_postgresql(tmp_path: Path, address: str) -> None:
    with pytest.raises(LedgerError, match="the address of the ledger cannot be read") as caught:
        open_books(address, tmp_path, tmp_path / "ledger.key")
    assert not isinstance(caught.value, UnknownChoice)


def test_what_is_signed_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash after the call must find the whole key and the whole line: all of it was handed to fsync."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(os.fstat(number).st_size))
    path = tmp_path / "ledger.key"
    signer_at(path)
    export(tmp_path / "out.jsonl", Checkpoint(1, 1, "", "", ""))
    assert synced == [path.stat().st_size, (tmp_path / "out.jsonl").stat().st_size]
