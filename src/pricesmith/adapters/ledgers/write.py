"""One act: its rows and its audit row, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import AUDIT, INTENTS, LEDGER, Act

from .chain import GENESIS, digest_of, link
from .database import Database
from .rows import Row, plain, stored

if TYPE_CHECKING:
    from pricesmith.contracts.protocols import Tables

GIVEN = tuple(name for name in LEDGER if name not in {"audit", "checkpoints"})
"""Tables that an act can add to, in the order in which they are written."""

_HEAD = sa.text('SELECT "seq", "chain" FROM "audit" ORDER BY "seq" DESC LIMIT 1')
_ENQUEUE = sa.text(
    'INSERT INTO "outbox" ("intent", "nr", "target", "sku", "channel", "region", "version", "attempt", "due") '
    'SELECT "intent", "nr", "target", "sku", "channel", "region", "version", 0, "at" FROM "intents" WHERE "nr" > :after'
)

_HASTEN = sa.text(
    'UPDATE "outbox" AS o SET "due" = :at WHERE o."due" > :at AND o."attempt" = 0 AND o."until" IS NULL AND EXISTS ('
    'SELECT 1 FROM "intents" AS x WHERE x."nr" > :after AND x."target" = o."target" AND x."sku" = o."sku" '
    'AND x."channel" = o."channel" AND x."region" = o."region" AND x."version" > o."version")'
)
"""What was never tried and has a newer version need not wait for its time to be given up."""


class Head(NamedTuple):
    """The last audit row."""

    seq: int
    chain: str


def ready(tables: Tables, without: str = "") -> dict[str, list[Row]]:
    """Rows in stored form, checked; no transaction is needed for that.

    without  a table that is given in another way
    """
    valid = [name for name in GIVEN if name != without]
    for name in tables:
        if name not in valid:
            raise LedgerError(f"this act cannot add to table {name!r}", hint=f"valid: {', '.join(valid)}")
    return {name: stored(LEDGER[name], tables[name]).rows() for name in GIVEN if name in tables and tables[name].height}


def head(connection: sa.Connection) -> Head:
    """The end of the chain; seq 0 where nothing was written."""
    row = connection.execute(_HEAD).first()
    return Head(0, GENESIS) if row is None else Head(row[0], row[1])


def write(database: Database, connection: sa.Connection, act: Act, rows: Mapping[str, list[Row]]) -> int:
    """Write an act with its rows; returns its seq. The caller holds the lock of writers."""
    before = head(connection)
    seq = before.seq + 1
    given = _without_known_contents(connection, dict(rows))
    for name, values in given.items():
        if values:
            after = _add(database, connection, name, seq, values)
            if name == "intents":
                _enqueue(connection, after, values)
    fields = (seq, *audited(act), digest_of(given), before.chain)
    database.dialect.insert(connection, "audit", AUDIT.schema.names(), [(*fields, link(fields))])
    return seq


def _add(database: Database, connection: sa.Connection, name: str, seq: int, values: list[Row]) -> int:
    """Write rows; returns the number of the last one before them."""
    last = connection.execute(sa.text(f'SELECT coalesce(max("nr"), 0) FROM "{name}"')).scalar_one()
    numbered = [(number, seq, *row) for number, row in enumerate(values, last + 1)]
    database.dialect.insert(connection, name, ("nr", "seq", *LEDGER[name].schema.names()), numbered)
    return int(last)


def _enqueue(connection: sa.Connection, after: int, values: list[Row]) -> None:
    """Put these intents, which have the numbers after that one, into the outbox."""
    at = min(row[INTENTS.schema.names().index("at")] for row in values)
    connection.execute(_ENQUEUE, {"after": after})
    connection.execute(_HASTEN, {"after": after, "at": at})


def _without_known_contents(connection: sa.Connection, rows: dict[str, list[Row]]) -> dict[str, list[Row]]:
    if rows.get("contents"):
        asked = sa.text('SELECT "content" FROM "contents" WHERE "content" IN :ids').bindparams(sa.bindparam("ids", expanding=True))
        known = set(connection.execute(asked, {"ids": [row[0] for row in rows["contents"]]}).scalars())
        rows["contents"] = [row for row in rows["contents"] if row[0] not in known]
    return rows


def audited(act: Act) -> Row:
    """Columns at to subject of the audit row."""
    if any(not text.strip(" ") or "\0" in text for text in (act.by, act.act, act.subject)):
        raise LedgerError("an act says who did what to what", hint="none of them is empty")
    return (plain(AUDIT.by_name["at"], act.at), act.by, act.act, act.subject)
