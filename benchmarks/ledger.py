"""The ledger: rows added and settled a second, and a million audit rows verified, beside bare SQLite and bare SHA-256."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.support.measure import Timing, goal, report
from pricesmith.adapters.ledgers.books import SqlBooks, open_books
from pricesmith.adapters.ledgers.chain import GENESIS, digest_of, link
from pricesmith.adapters.ledgers.rows import stored
from pricesmith.contracts.ledger import AUDIT, INTENTS, LEDGER, Act
from pricesmith.testing.ledger_rows import AT, applied, intents, made, receipts
from tests.postgres import AbsentError, running

CASE = "ledger"


def main(rows: int = 100_000, acts: int = 1_000_000) -> None:
    _run("SQLite", ("ledger.db", "history.db"), rows, acts)
    try:
        with running() as server:
            _run("PostgreSQL (CPU of the client alone)", tuple(server.address(server.new_schema()) for _ in range(2)), rows, acts)
    except AbsentError as reason:
        print(json.dumps({"case": CASE, "absent": f"PostgreSQL ({reason})"}))


def _run(kind: str, addresses: Sequence[str], rows: int, acts: int) -> None:
    """Measure on two empty ledgers, and the bare tools beside the first database."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _added_and_settled(open_books(addresses[0], folder, folder / "ledger.key"), rows, kind)
        _bare_insert(folder / "bare.db", rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _verified(open_books(addresses[1], folder, folder / "ledger.key"), acts, kind)


def _added_and_settled(books: SqlBooks, rows: int, kind: str) -> None:
    frame = intents(*((f"p{number}", 1) for number in range(rows)))
    queued = timed(lambda: books.append(Act(AT, "anna", "queued", "run"), {"intents": frame}))
    report(CASE, f"pricesmith append, {kind}", rows, queued, task="append", rows_s=round(rows / queued.wall))
    drained = timed(lambda: _drain(books, rows))
    report(CASE, f"pricesmith lease and settle, {kind}", rows, drained, task="settle", rows_s=round(rows / drained.wall))
    rate, clock = rows / (queued.cpu + drained.cpu), rows / (queued.wall + drained.wall)
    figure = f"{rate:,.0f} a CPU second, {clock:,.0f} on the clock"
    goal(CASE, f"{rows:,} prices queued, leased, settled at >= 2,000 a CPU second, {kind}", figure, rate >= 2000)


def _drain(books: SqlBooks, rows: int) -> None:
    done = 0
    while done < rows:
        lease = books.lease("web", "w", AT, AT + dt.timedelta(minutes=1), 2000)
        books.settle(lease, Act(AT, "w", "settled", "web"), receipts(lease), {"applied": applied(lease)}, {})
        done += lease.intents.height


def _bare_insert(path: Path, rows: int) -> None:
    values = stored(INTENTS, intents(*((f"p{number}", 1) for number in range(rows)))).rows()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE intents ({', '.join(INTENTS.by_name)})")
    statement = f"INSERT INTO intents VALUES ({', '.join('?' * len(INTENTS.columns))})"

    def insert() -> None:
        with connection:
            connection.executemany(statement, values)

    report(CASE, "sqlite3 executemany, no keys, checks or chain", rows, timed(insert), task="append")
    connection.close()


def _verified(books: SqlBooks, acts: int, kind: str) -> None:
    """A ledger of so many acts, each with one row of another table, written at once as appending them one by one would have."""
    _write_history(books, acts)
    books.checkpoint(AT)
    seen = None

    def verify() -> None:
        nonlocal seen
        seen = books.verify()

    whole = timed(verify)
    assert seen is not None and (seen.acts, seen.rows, seen.checkpoints, seen.findings) == (acts, acts, 1, ())
    report(CASE, f"pricesmith verify, {kind}", acts, whole, task="verify", acts=acts, rows=acts)
    goal(
        CASE,
        f"verify {acts:,} acts with {acts:,} rows <= 10 CPU s, {kind}",
        f"{whole.cpu:.2f} CPU s, {whole.wall:.2f} s on the clock",
        whole.cpu <= 10,
    )
    report(CASE, "SHA-256 over as many short rows", acts, timed(lambda: _bare_hashes(acts)), task="verify")


def _write_history(books: SqlBooks, acts: int) -> None:
    base = stored(LEDGER["guard_hits"], made("guard_hits")).row(0)
    when, previous = base[1], GENESIS
    audit, hits = [], []
    for seq in range(1, acts + 1):
        row = (f"h{seq}", *base[1:])
        fields = (seq, when, "w", "caught", "web", digest_of({"guard_hits": [row]}), previous)
        previous = link(fields)
        audit.append((*fields, previous))
        hits.append((seq, seq, *row))
    with books.database.writing() as connection:
        books.database.dialect.insert(connection, "guard_hits", ("nr", "seq", *LEDGER["guard_hits"].by_name), hits)
        books.database.dialect.insert(connection, "audit", tuple(AUDIT.by_name), audit)


def _bare_hashes(count: int) -> None:
    previous = GENESIS
    for number in range(count):
        previous = hashlib.sha256(f"{number} w caught web {previous}".encode()).hexdigest()


def timed(work: Callable[[], object]) -> Timing:
    """CPU and wall seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Timing(time.process_time() - cpu, time.perf_counter() - wall, 1)


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:3]))
