"""What somebody with a database client can do to a ledger: add what the tables allow, and nothing else (P05, P24)."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from pricesmith.adapters.ledgers.rows import stored
from pricesmith.contracts.ledger import LEDGER, Act
from pricesmith.testing.ledger_rows import AT, made
from tests.ledger_places import Place

ACT = Act(AT, "anna", "tried", "a test")
DATA = [name for name in LEDGER if name not in {"audit", "checkpoints"}]


def row(table: str, **changes: Any) -> dict[str, Any]:
    """A row in stored form, as a client would insert it."""
    frame = stored(LEDGER[table], made(table))
    return {"nr": 1000, "seq": 1000, **frame.row(0, named=True), **changes}


def insert(place: Place, table: str, values: Mapping[str, Any], verb: str = "INSERT") -> None:
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join([place.mark] * len(values))
    with place.raw() as connection:
        connection.execute(f'{verb} INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


def refused(place: Place, table: str, values: Mapping[str, Any], verb: str = "INSERT") -> str:
    with pytest.raises(Exception) as caught:
        insert(place, table, values, verb)
    assert type(caught.value).__module__.split(".")[0] in {"sqlite3", "psycopg"}
    return str(caught.value)


def written(place: Place) -> dict[str, list[Any]]:
    """A ledger with a row in every table, and what stands in it."""
    books = place.open()
    books.append(ACT, {name: made(name) for name in DATA})
    books.checkpoint(AT)
    return contents(place)


def contents(place: Place) -> dict[str, list[Any]]:
    with place.raw() as connection:
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in LEDGER}


@pytest.mark.parametrize("table", LEDGER)
def test_ledger_is_only_added_to(place: Place, table: str) -> None:
    before = written(place)
    column = LEDGER[table].columns[-1].name
    tries = [f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"']
    tries += [f'TRUNCATE "{table}"'] if place.mark == "%s" else []
    for statement in tries:
        with pytest.raises(Exception, match="only added to"), place.raw() as connection:
            connection.execute(statement)
    assert contents(place) == before


def test_replacing_is_refused(place: Place) -> None:
    """SQLite's REPLACE fires no DELETE trigger; PostgreSQL has DO UPDATE instead."""
    before = written(place)
    for table in DATA:
        same, key = row(table, nr=1), row(table, nr=77)
        if place.mark == "?":
            for values in (same, key):
                for verb in ("INSERT OR REPLACE", "REPLACE"):
                    assert "stands already" in refused(place, table, values, verb)
        else:
            names = ", ".join(f'"{name}"' for name in same)
            statement = f'INSERT INTO "{table}" ({names}) SELECT {names} FROM "{table}" ON CONFLICT ("nr") DO UPDATE SET "seq" = 5'
            with pytest.raises(Exception, match="only added to"), place.raw() as connection:
                connection.execute(statement)
    assert contents(place) == before


WRONG_WHOLE = [math.nan, math.inf, -math.inf, "NaN", "Infinity", "12.5", "twelve", -1, b"12", None]
WRONG_REAL = [math.nan, math.inf, -math.inf, "x"]


def probes() -> list[tuple[str, str, Any]]:
    """Every number of every table, with each value that it cannot hold."""
    found: list[tuple[str, str, Any]] = []
    for name in DATA:
        for column in LEDGER[name].columns:
            whole = column.kind in {"minor", "integer", "flag", "moment"}
            values = WRONG_WHOLE if whole else WRONG_REAL if column.kind in {"number", "fraction"} else []
            found += [(name, column.name, value) for value in values if column.required or value is not None]
    return found


def test_impossible_numbers_are_never_stored(place: Place) -> None:
    """SQLite turns NaN into NULL, so that a number that may be missing ends as missing; nothing else is stored."""
    place.open()
    missing = []
    for number, (table, column, value) in enumerate(probes()):
        name = "sku" if "sku" in LEDGER[table].key else LEDGER[table].key[0]
        values = row(table, **{"nr": number + 1, name: f"probe-{number}", column: value})
        nan = isinstance(value, float) and math.isnan(value)
        if place.mark == "?" and nan and not LEDGER[table].by_name[column].required:
            with suppress(sqlite3.IntegrityError):  # a changed price that is missing is refused too
                insert(place, table, values)
                missing.append((table, column))
        else:
            refused(place, table, values)
    assert number > 200
    stored_rows = {name: rows for name, rows in contents(place).items() if rows}
    assert sum(map(len, stored_rows.values())) == len(missing)
    for table, rows in stored_rows.items():
        columns = ["nr", "seq", *LEDGER[table].by_name]
        holes = [column for name, column in missing if name == table]
        assert [one[columns.index(column)] for one, column in zip(rows, holes, strict=True)] == [None] * len(holes)


def test_zero_prices_are_refused_where_prices_are_set(place: Place) -> None:
    place.open()
    for table, column in (("intents", "price"), ("receipts", "sent"), ("exceptions", "floor"), ("decided", "price")):
        refused(place, table, row(table, **{column: 0}))
    insert(place, "receipts", row("receipts", read=0))


def test_half_a_unit_is_not_stored(place: Place) -> None:
    """SQLite refuses it. PostgreSQL rounds a number on its way into a whole column before any check can see it: 12.5 never stands there."""
    place.open()
    values = row("applied", price=12.5)
    if place.mark == "?":
        assert "REAL" in refused(place, "applied", values)
    else:
        insert(place, "applied", values)
        assert contents(place)["applied"][0][7] in {12, 13}


def test_one_person_is_not_two(place: Place) -> None:
    place.open().append(ACT, {"runs": made("runs", {"by": "Carl"})})
    for table in ("verdicts", "exceptions", "attested"):
        for name in ("anna", "ANNA", " Anna "):
            assert "check" in refused(place, table, row(table, requester="anna", approver=name)).lower()
        refused(place, table, row(table, requester=" "))
    assert "cannot accept" in refused(place, "verdicts", row("verdicts", requester="dora", approver="carl "))
    assert "second person" in refused(place, "switches", row("switches", state="release"))
    insert(place, "switches", row("switches", switch="a", nr=1, by="anna", state="release_asked"))
    assert "second person" in refused(place, "switches", row("switches", switch="b", nr=2, by="Anna", state="release"))
    insert(place, "switches", row("switches", switch="b", nr=2, by="bert", state="release"))
    assert "second person" in refused(place, "switches", row("switches", switch="c", nr=3, by="carl", state="release"))


def test_rows_put_in_by_hand_are_found(place: Place) -> None:
    books = place.open()
    books.append(ACT, {"applied": made("applied")})
    insert(place, "applied", row("applied", nr=2, seq=1, at=5))
    assert [(found.seq, found.table, found.code) for found in books.verify().findings] == [(1, "applied", "added")]
