"""Texts that people keep. Every question names the owner; another's text is as if it were not there."""

from __future__ import annotations

import datetime as dt
from operator import itemgetter

import polars as pl
import sqlalchemy as sa

from pricesmith.adapters.ledgers.database import Database
from pricesmith.adapters.ledgers.outbox import micros
from pricesmith.contracts.errors import UsageError

from .checks import KEPT_MOST, NAME_MOST, TEXT_MOST, checked_name, checked_text, folded
from .digests import known_form, new_handle
from .frames import frame_of
from .tables import KEPT


class SqlKept:
    """The protocol Kept."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, kind: str, owner: str, name: str, text: str, at: dt.datetime) -> str:
        checked_text("a kind", kind, NAME_MOST)
        checked_text("a text", text, TEXT_MOST, least=0)
        row = {"kind": kind, "owner": folded(checked_name(owner)), "name": checked_name(name)}
        now = {"text": text, "at": micros(at)}
        same = [KEPT.c[column] == value for column, value in row.items()]
        with self.database.writing() as connection:
            handle = connection.execute(sa.select(KEPT.c.handle).where(*same)).scalar()
            if handle is not None:
                connection.execute(sa.update(KEPT).where(*same).values(now))
                return str(handle)
            if connection.execute(sa.select(sa.func.count()).select_from(KEPT).where(*same[:2])).scalar_one() >= KEPT_MOST:
                raise UsageError(f"{KEPT_MOST} of kind {kind} are kept already", hint="drop one first")
            connection.execute(sa.insert(KEPT).values(**row, **now, handle=(made := new_handle())))
        return made

    def get(self, kind: str, owner: str, handle: str) -> str | None:
        with self.database.reading() as connection:
            found = connection.execute(sa.select(KEPT.c.text).where(*_one(kind, owner, handle))).scalar()
        return None if found is None else str(found)

    def all(self, kind: str, owner: str) -> pl.DataFrame:
        columns = (KEPT.c.handle, KEPT.c.name, KEPT.c.at)
        query = sa.select(*columns).where(KEPT.c.kind == kind, KEPT.c.owner == folded(owner))
        with self.database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        return frame_of([column.name for column in columns], sorted(rows, key=itemgetter(1)))

    def drop(self, kind: str, owner: str, handle: str) -> bool:
        with self.database.writing() as connection:
            return bool(connection.execute(sa.delete(KEPT).where(*_one(kind, owner, handle))).rowcount)


def _one(kind: str, owner: str, handle: str) -> tuple[sa.ColumnElement[bool], ...]:
    return KEPT.c.handle == known_form(handle), KEPT.c.kind == kind, KEPT.c.owner == folded(owner)
