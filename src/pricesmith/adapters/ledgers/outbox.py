"""Who is sending what. The outbox holds only the state of intents that are not done; the price itself is read from table INTENTS.

Every function runs in a transaction of the caller, who holds the lock of writers. Time is what the caller says it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.ledger import INTENTS, RECEIPTS, Act, Lease
from pricesmith.contracts.tables import KINDS

from .database import Database
from .rows import Row, restored, stored
from .write import write

WAITING = {
    **{name: pl.String() for name in ("intent", "sku", "channel", "region")},
    **{name: pl.Int64() for name in ("version", "attempt")},
    "due": KINDS["moment"],
}
"""Columns of what `waiting` gives."""

_SAME = 'x."target" = o."target" AND x."sku" = o."sku" AND x."channel" = o."channel" AND x."region" = o."region"'
_CANDIDATES = sa.text(
    f'SELECT o."nr", o."intent", o."attempt", EXISTS (SELECT 1 FROM "intents" AS x WHERE {_SAME} AND x."version" > o."version") AS "old" '
    'FROM "outbox" AS o WHERE o."target" = :target AND o."nr" > :after AND o."due" <= :now AND (o."until" IS NULL OR o."until" <= :now) '
    f'AND NOT EXISTS (SELECT 1 FROM "outbox" AS x WHERE {_SAME} AND (x."until" > :now OR (x."attempt" > 0 AND x."due" > :now))) '
    'ORDER BY o."nr" LIMIT :most'
)
_FENCE = sa.text('UPDATE "fence" SET "last" = "last" + 1 RETURNING "last"')
_TAKE = sa.text('UPDATE "outbox" SET "fence" = :fence, "worker" = :worker, "until" = :until WHERE "intent" IN :ids').bindparams(
    sa.bindparam("ids", expanding=True)
)
_DROP = sa.text('DELETE FROM "outbox" WHERE "intent" IN :ids').bindparams(sa.bindparam("ids", expanding=True))
_AGAIN = sa.text(
    'UPDATE "outbox" SET "attempt" = :attempt, "due" = :due, "fence" = NULL, "worker" = NULL, "until" = NULL WHERE "intent" = :intent'
)
_TAKEN = sa.text(
    f'SELECT {", ".join(f"""i."{name}" """ for name in INTENTS.by_name)}, o."attempt" '
    'FROM "outbox" AS o JOIN "intents" AS i ON i."intent" = o."intent" WHERE o."fence" = :fence ORDER BY o."nr"'
)
_HELD = sa.text('SELECT "intent", "attempt" FROM "outbox" WHERE "fence" = :fence')
_WAITING = sa.text(
    f'SELECT {", ".join(f"""o."{name}" """ for name in WAITING)} FROM "outbox" AS o WHERE o."target" = :target ORDER BY o."nr"'
)
_OPEN = sa.text('SELECT o."intent", o."attempt", o."until" FROM "outbox" AS o WHERE o."target" = :target ORDER BY o."nr"')
_MOST_IDS = 5000
"""Ids in one statement."""


def lease(
    database: Database, connection: sa.Connection, target: str, worker: str, times: tuple[dt.datetime, dt.datetime], most: int
) -> Lease:
    """Give up due intents of older versions, and take up to `most` of the others until times[1]."""
    now, until = (micros(moment) for moment in times)
    taken, old = _choose(connection, target, now, most)
    if old:
        receipts = [(intent, attempt + 1, now, worker, "superseded", "newer_version", None, None, None) for intent, attempt in old]
        write(database, connection, Act(times[0], worker, "superseded", target), {"receipts": receipts})
        _drop(connection, [intent for intent, _ in old])
    if not taken:
        return Lease(worker, 0, times[1], restored(INTENTS, [], "attempt"))
    fence = connection.execute(_FENCE).scalar_one()
    for ids in _pages(taken):
        connection.execute(_TAKE, {"fence": fence, "worker": worker, "until": until, "ids": ids})
    rows = [tuple(row) for row in connection.execute(_TAKEN, {"fence": fence})]
    return Lease(worker, fence, times[1], restored(INTENTS, rows, "attempt"))


def _choose(connection: sa.Connection, target: str, now: int, most: int) -> tuple[list[str], list[tuple[str, int]]]:
    """Due intents to take, the oldest first, and those met on the way of which a newer version is known, with their tries."""
    taken: list[str] = []
    old: list[tuple[str, int]] = []
    after = 0
    while len(taken) < most:
        given = {"target": target, "now": now, "after": after, "most": most - len(taken)}
        page = connection.execute(_CANDIDATES, given).all()
        if not page:
            break
        after = page[-1].nr
        taken += [row.intent for row in page if not row.old]
        old += [(row.intent, row.attempt) for row in page if row.old]
    return taken, old


def settle(
    database: Database,
    connection: sa.Connection,
    given: Lease,
    act: Act,
    rows: Mapping[str, list[Row]],
    retry_at: Mapping[str, dt.datetime],
) -> None:
    """Write receipts and what goes with them, and the new state of their intents. An old fence raises LedgerError."""
    held = {row.intent: row.attempt for row in connection.execute(_HELD, {"fence": given.fence})}
    tried = refuse_wrong_tries(given, held, rows["receipts"], retry_at)
    write(database, connection, act, rows)
    _drop(connection, [intent for intent in tried if intent not in retry_at])
    again: list[dict[str, Any]] = [
        {"intent": intent, "attempt": tried.get(intent, held[intent]), "due": micros(due)} for intent, due in retry_at.items()
    ]
    if again:
        connection.execute(_AGAIN, again)


def refuse_wrong_tries(given: Lease, held: Mapping[str, int], receipts: Iterable[Row], retry_at: Iterable[str]) -> dict[str, int]:
    """Number of the try by intent, of receipts; raises LedgerError where the lease is lost or a number is not the next.

    held  tries so far of the intents that the lease still holds
    """
    tried = {row[0]: row[1] for row in receipts}
    lost = {*tried, *retry_at} - set(held)
    if lost:
        what = f"lease {given.fence} of {given.worker} no longer holds {len(lost)} of its intents, such as {min(lost)}"
        raise LedgerError(what, hint="nothing was written; lease again, and read the shop before sending")
    wrong = [intent for intent, attempt in tried.items() if attempt != held[intent] + 1]
    if wrong:
        raise LedgerError(f"try {tried[wrong[0]]} of intent {wrong[0]} follows {held[wrong[0]]}", hint="one receipt a try, counted by one")
    return tried


def give_up(database: Database, connection: sa.Connection, target: str, act: Act, code: str) -> int:
    """End every intent of a target that is not done; raises LedgerError where one is in hand at the time of the act."""
    now, open_ = micros(act.at), connection.execute(_OPEN, {"target": target}).all()
    refuse_in_hand(target, now, [row.until for row in open_ if row.until is not None])
    if open_:
        receipts = [(row.intent, row.attempt + 1, now, act.by, "superseded", code, None, None, None) for row in open_]
        write(database, connection, act, {"receipts": receipts})
        _drop(connection, [row.intent for row in open_])
    return len(open_)


def refuse_in_hand(target: str, now: int, until: Iterable[int]) -> None:
    """until: when each lease of an intent of the target ends."""
    if any(end > now for end in until):
        raise LedgerError(f"prices are being sent to {target} right now", hint="wait a minute, and try again")


def waiting(connection: sa.Connection, target: str) -> pl.DataFrame:
    """Intents of a target that are not done, the oldest first."""
    rows = [tuple(row) for row in connection.execute(_WAITING, {"target": target})]
    frame = pl.DataFrame(rows, schema=WAITING | {"due": pl.Int64()}, orient="row", infer_schema_length=None)
    return frame.with_columns(pl.from_epoch("due", "us").dt.replace_time_zone("UTC"))


def receipts_of(receipts: pl.DataFrame) -> list[Row]:
    """Receipts in stored form; one a try."""
    rows = [] if receipts.is_empty() else stored(RECEIPTS, receipts).rows()
    if len({row[0] for row in rows}) < len(rows):
        raise LedgerError("an intent has two receipts", where="receipts", hint="settle one try at a time")
    return rows


def micros(moment: dt.datetime) -> int:
    """Microseconds since 1970 UTC. A moment without an offset raises LedgerError."""
    if moment.tzinfo is None:
        raise LedgerError(f"{moment} has no time zone", hint="give UTC")
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _drop(connection: sa.Connection, intents: list[str]) -> None:
    for ids in _pages(intents):
        connection.execute(_DROP, {"ids": ids})


def _pages(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + _MOST_IDS] for start in range(0, len(ids), _MOST_IDS)]
