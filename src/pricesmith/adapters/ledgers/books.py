"""Ledger, outbox and chain in one database: the protocols of contracts/ledger.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError, UnknownChoice
from pricesmith.contracts.ledger import LEDGER, Act, Lease, Verification
from pricesmith.contracts.tables import Table

from . import outbox
from .database import Database
from .migrate import migrate
from .place import open_database
from .rows import narrowed, restored, wanted_values
from .verify import verified
from .write import GIVEN, head, ready, write

if TYPE_CHECKING:
    from pricesmith.contracts.protocols import Tables

_SIGNED = sa.text('SELECT 1 FROM "checkpoints" WHERE "seq" = :seq')
_AFTER = "after_seq"
"""Name of the act after which rows are wanted; no column has it."""
_MOST_VALUES = 10_000
"""Values of one column in one statement."""
_ROWS_AT_ONCE = 50_000
"""Rows held as Python objects while a table is read: they take many times the room of the table."""


class SqlBooks:
    """The protocol Books. One object serves all threads of a process; every method is one transaction."""

    def __init__(self, database: Database, key: Path, exported: Path) -> None:
        """Open, and bring the tables to the newest form.

        key       file of the key that signs checkpoints; made when first needed
        exported  file to which checkpoints are added
        """
        self.database, self.key, self.exported = database, key, exported
        migrate(database)

    def append(self, act: Act, tables: Tables) -> int:
        rows = ready(tables)
        with self.database.writing() as connection:
            return write(self.database, connection, act, rows)

    def read(
        self,
        table: str,
        where: Mapping[str, object | Sequence[object]] | None = None,
        after: int = 0,
        columns: Sequence[str] = (),
    ) -> pl.DataFrame:
        if table not in LEDGER:
            raise UnknownChoice("table of the ledger", table, LEDGER)
        definition = LEDGER[table]
        wanted = wanted_values(definition, where or {})
        shown = narrowed(definition, (*columns, "seq") if columns and "seq" in definition.by_name else columns)
        with self.database.reading() as connection:
            return _read(connection, shown, wanted, after)

    def lease(self, target: str, worker: str, now: dt.datetime, until: dt.datetime, most: int) -> Lease:
        if not (worker and most > 0 and until > now):
            raise LedgerError("a lease needs a worker, a length, and a number of intents", hint="until is later than now")
        with self.database.writing() as connection:
            return outbox.lease(self.database, connection, target, worker, (now, until), most)

    def settle(self, lease: Lease, act: Act, receipts: pl.DataFrame, tables: Tables, retry_at: Mapping[str, dt.datetime]) -> None:
        rows = {**ready(tables, without="receipts"), "receipts": outbox.receipts_of(receipts)}
        with self.database.writing() as connection:
            outbox.settle(self.database, connection, lease, act, rows, retry_at)

    def give_up(self, target: str, act: Act, code: str) -> int:
        with self.database.writing() as connection:
            return outbox.give_up(self.database, connection, target, act, code)

    def waiting(self, target: str) -> pl.DataFrame:
        with self.database.reading() as connection:
            return outbox.waiting(connection, target)

    def checkpoint(self, at: dt.datetime) -> int:
        from .checkpoints import export, signed
        from .signing import signer_at

        signer = signer_at(self.key)
        with self.database.writing() as connection:
            end = head(connection)
            if not end.seq or connection.execute(_SIGNED, {"seq": end.seq}).first():
                return end.seq
            checkpoint = signed(end.seq, outbox.micros(at), end.chain, signer)
            self.database.dialect.insert(connection, "checkpoints", checkpoint._fields, [checkpoint])
        export(self.exported, checkpoint)
        return end.seq

    def verify(self, exported: bytes | None = None, key: str | None = None) -> Verification:
        from .checkpoints import judged, parse
        from .signing import signer_at

        if exported is None and self.exported.exists():
            exported = self.exported.read_bytes()
        if key is None and self.key.exists():
            key = signer_at(self.key).key
        outside = parse(exported or b"", str(self.exported))
        with self.database.reading() as connection:
            rows = {name: self.database.dialect.stream(connection, _all(name, "nr", "seq")) for name in GIVEN}
            heads, findings = judged(self.database.dialect.stream(connection, _all("checkpoints")), outside, key)
            seen = verified(self.database.dialect.stream(connection, _all("audit")), rows, heads)
        return replace(seen, findings=(*seen.findings, *findings))


def open_books(address: str, folder: Path, key: Path) -> SqlBooks:
    """The ledger at an address: `postgresql://...`, or a file, relative to the shop folder. A missing file is made.

    key  file of the key that signs checkpoints
    """
    return SqlBooks(open_database(address, folder), key, folder / "ledger.checkpoints.jsonl")


def _all(table: str, *more: str) -> str:
    """Every row of a table in its order."""
    names = [*more, *LEDGER[table].by_name]
    return f'SELECT {", ".join(chr(34) + name + chr(34) for name in names)} FROM "{table}" ORDER BY "{names[0]}"'


def _read(connection: sa.Connection, table: Table, wanted: Mapping[str, list[object]], after: int) -> pl.DataFrame:
    """Rows of a (narrowed) table whose columns hold one of the values; long lists are asked for in parts."""
    order = "seq" if "seq" in table.by_name else "nr"
    long = next((name for name, values in wanted.items() if len(values) > _MOST_VALUES), None)
    parts = [wanted] if long is None else [{**wanted, long: part} for part in _split(wanted[long])]
    more = () if order == "seq" else ("seq",) if long is None else ("seq", "nr")
    names = (*table.by_name, *more)
    found = [restored(table, rows, *more) for part in parts for rows in _select(connection, table.name, names, order, part, after)]
    frame = pl.concat(found) if found else restored(table, [], *more)
    return frame if long is None else frame.sort(order).drop("nr", strict=False)


def _split(values: list[object]) -> list[list[object]]:
    unique = list(dict.fromkeys(values))
    return [unique[start : start + _MOST_VALUES] for start in range(0, len(unique), _MOST_VALUES)]


def _select(
    connection: sa.Connection, table: str, names: tuple[str, ...], order: str, wanted: Mapping[str, list[object]], after: int
) -> Iterator[list[tuple[object, ...]]]:
    query = _query(table, names, order, tuple((name, None in values) for name, values in wanted.items()), after > 0)
    given = {name: [value for value in values if value is not None] for name, values in wanted.items()}
    for rows in connection.execute(query, {**given, _AFTER: after}).partitions(_ROWS_AT_ONCE):
        yield [tuple(row) for row in rows]


@lru_cache(maxsize=1_000)
def _query(table: str, names: tuple[str, ...], order: str, wanted: tuple[tuple[str, bool], ...], after: bool) -> sa.Select[Any]:
    """A question for some columns of a table. The same few are asked over and over, and building one costs more than its answer.

    wanted  columns that hold one of several values, each with whether none at all is among them
    """
    columns: dict[str, sa.ColumnClause[Any]] = {name: sa.column(name) for name in (*names, order, *(name for name, _ in wanted))}
    place = sa.table(table, *columns.values())
    query: sa.Select[Any] = sa.select(*(columns[name] for name in names)).select_from(place).order_by(columns[order])
    if after:
        query = query.where(columns["seq"] > sa.bindparam(_AFTER, type_=sa.BigInteger()))
    for name, none in wanted:
        among = columns[name].in_(sa.bindparam(name, expanding=True))
        query = query.where(sa.or_(among, columns[name].is_(None)) if none else among)
    return query
