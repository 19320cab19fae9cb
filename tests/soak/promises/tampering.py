"""P27: an intruder with the owner's rights changes the ledger at random."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.adapters.ledgers.signing import signer_at
from pricesmith.contracts.ledger import LEDGER
from tests.faults import test_ledger_direct as direct
from tests.faults import test_ledger_tampering as tampering
from tests.ledger_places import SqlitePlace
from tests.soak.promise import Seen, promise


@promise("P27", "SQLite: every edit, deletion, addition, exchange and cut of the ledger is found.", full=2_000, small=20, unit="tamperings")
def sqlite_tampering(size: int) -> Seen:
    """At random, by an intruder with the owner's rights; checkpoints and the public key are kept elsewhere."""
    rng, missed, done = np.random.default_rng(27), [], Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        origin = Path(folder) / "origin"
        origin.mkdir()
        place = SqlitePlace(origin)
        books = tampering.live(place)
        books.database.engine.dispose()
        exported, key = books.exported.read_bytes(), _key(origin)
        for number in range(size):
            copy = Path(folder) / "copy"
            shutil.copytree(origin, copy)
            what = _tamper(SqlitePlace(copy), rng)
            seen = open_books("ledger.db", copy, copy / "ledger.key")
            if not seen.verify(exported=exported, key=key).findings:
                missed.append(f"{number}: {what}")
            seen.database.engine.dispose()
            done[what.split()[0]] += 1
            shutil.rmtree(copy)
    assert not missed, "; ".join(missed[:5])
    return Seen(size, 0, ", ".join(f"{count} {what}" for what, count in done.most_common()))


def _key(folder: Path) -> str:
    return signer_at(folder / "ledger.key").key


def _tamper(place: SqlitePlace, rng: np.random.Generator) -> str:
    """Change something; returns what."""
    with place.raw() as file:
        file.execute("PRAGMA ignore_check_constraints = ON")
        for _ in range(1000):
            table = str(rng.choice([name for name in LEDGER if name != "checkpoints"]))
            rows = [row[0] for row in file.execute(f'SELECT rowid FROM "{table}"')]
            kind = str(rng.choice(["edit", "edit", "edit", "delete", "add", "exchange", "cut"]))
            if rows and (done := _CHANGES[kind](file, table, [int(rng.choice(rows)), int(rng.choice(rows))], rng)):
                return f"{kind} {done}"
    raise AssertionError("nothing could be changed")


def _edit(file: sqlite3.Connection, table: str, rows: list[int], rng: np.random.Generator) -> str:
    column = LEDGER[table].columns[int(rng.integers(len(LEDGER[table].columns)))]
    (old,) = file.execute(f'SELECT "{column.name}" FROM "{table}" WHERE rowid = ?', rows[:1]).fetchone()
    new = _other(old, rng)
    try:
        file.execute(f'UPDATE "{table}" SET "{column.name}" = ? WHERE rowid = ?', (new, rows[0]))
    except sqlite3.IntegrityError:  # a key or a kind that the table itself refuses
        return ""
    return f"{table}.{column.name} {old!r} -> {new!r}"


def _other(old: object, rng: np.random.Generator) -> object:
    if isinstance(old, str):
        return old[:-1] + chr(ord(old[-1]) ^ 1) if old else "x"
    if isinstance(old, bytes):
        place = int(rng.integers(len(old)))
        return old[:place] + bytes([old[place] ^ int(2 ** rng.integers(8))]) + old[place + 1 :]
    return 1 if old is None else old + 1 if isinstance(old, int) else float(np.nextafter(float(str(old)), np.inf))


def _delete(file: sqlite3.Connection, table: str, rows: list[int], _rng: np.random.Generator) -> str:
    file.execute(f'DELETE FROM "{table}" WHERE rowid = ?', rows[:1])
    return f"{table} {rows[0]}"


def _add(file: sqlite3.Connection, table: str, _rows: list[int], rng: np.random.Generator) -> str:
    """A row like any other, of an act that stands there."""
    if table in ("audit", "contents"):
        return ""
    name = "sku" if "sku" in LEDGER[table].key else LEDGER[table].key[0]
    values = direct.row(table, nr=10_000, seq=int(rng.integers(1, 5)), **{name: f"added-{rng.integers(10**6)}"})
    try:
        names = ", ".join(f'"{name}"' for name in values)
        file.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(values))})', list(values.values()))
    except sqlite3.IntegrityError:
        return ""
    return table


def _exchange(file: sqlite3.Connection, table: str, rows: list[int], _rng: np.random.Generator) -> str:
    """Two rows change places."""
    first, second = rows
    if first == second:
        return ""
    order = "seq" if "seq" in LEDGER[table].by_name else "nr"
    numbers = [file.execute(f'SELECT "{order}" FROM "{table}" WHERE rowid = ?', (row,)).fetchone()[0] for row in rows]
    free = -7
    for old, new in ((numbers[0], free), (numbers[1], numbers[0]), (free, numbers[1])):
        file.execute(f'UPDATE "{table}" SET "{order}" = ? WHERE "{order}" = ?', (new, old))
    return f"{table} {numbers}"


def _cut(file: sqlite3.Connection, _table: str, _rows: list[int], rng: np.random.Generator) -> str:
    """The last acts with all their rows, and their checkpoint."""
    (last,) = file.execute('SELECT max("seq") FROM "audit"').fetchone()
    kept = int(rng.integers(0, last))
    for table in LEDGER:
        file.execute(f'DELETE FROM "{table}" WHERE "seq" > ?', (kept,))
    return f"after {kept}"


_CHANGES = {"edit": _edit, "delete": _delete, "add": _add, "exchange": _exchange, "cut": _cut}
