"""P27: an intruder with the owner's rights edits, deletes, adds, reorders, cuts off or rewrites; verify finds every one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from pricesmith.adapters.ledgers.books import SqlBooks
from pricesmith.adapters.ledgers.chain import GENESIS, digest_of, link
from pricesmith.adapters.ledgers.signing import signer_at
from pricesmith.contracts.ledger import LEDGER, Act, Verification
from pricesmith.testing.ledger_rows import AT, DAY, applied, intents, made, receipts
from tests.ledger_places import Place

DATA = [name for name in LEDGER if name not in {"audit", "checkpoints"}]
FLIPS: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: "x" if not value else chr(ord(value[0]) ^ 1) + value[1:],
    "binary": lambda value: bytes([value[0] ^ 1]) + bytes(value[1:]),
    "number": lambda value: 0.25 if value is None else value * (1 + 2**-52),
    "fraction": lambda value: 0.5,
}


def live(place: Place) -> SqlBooks:
    """A ledger with a history: rows in every table, of several acts, and two signed heads."""
    books = place.open()
    books.append(Act(AT, "anna", "started", "all"), {name: made(name) for name in DATA} | {"receipts": made("receipts", {"intent": "i-0"})})
    books.append(Act(AT, "anna", "queued", "run-1"), {"intents": intents(*((f"s{number}", 1) for number in range(6)))})
    books.checkpoint(AT)
    for number in range(3):
        lease = books.lease("web", "w", AT + number * DAY, AT + number * DAY + DAY, 2)
        books.settle(lease, Act(AT, "w", "settled", "web"), receipts(lease), {"applied": applied(lease, AT + DAY)}, {})
    books.append(Act(AT, "anna", "noted", "nothing"), {})
    books.checkpoint(AT + DAY)
    assert not books.verify().findings
    place.disarm()
    return books


def tampered(place: Place, *statements: str) -> Verification:
    """What verify says after some statements of an intruder; checks of the tables are his too."""
    with place.raw() as connection:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
    return place.open().verify()


def codes(seen: Verification) -> set[tuple[str, str]]:
    return {(found.table, found.code) for found in seen.findings}


def test_every_edit_of_every_column_is_found(place: Place) -> None:
    """One value after another is changed by the least there is, and put back."""
    books = live(place)
    for table in DATA:
        for column in ("seq", *LEDGER[table].by_name):
            with place.raw() as connection:
                before = connection.execute(f'SELECT "{column}" FROM "{table}" WHERE "nr" = 1').fetchone()[0]
            kind = LEDGER[table].by_name[column].kind if column != "seq" else "integer"
            after = FLIPS.get(kind, lambda value: 7 if value is None else value + 1)(before)
            if not change(place, table, column, after):
                continue
            found = books.verify().findings
            assert any(one.seq in {1, 2} and one.table == table for one in found), f"{table}.{column}: {before!r} -> {after!r}"
            assert change(place, table, column, before)
    assert not books.verify().findings


def change(place: Place, table: str, column: str, value: Any) -> bool:
    """Set one value; False where a check of the table refuses it even the intruder."""
    try:
        with place.raw() as connection:
            if isinstance(connection, sqlite3.Connection):
                connection.execute("PRAGMA ignore_check_constraints = ON")
            connection.execute(f'UPDATE "{table}" SET "{column}" = {place.mark} WHERE "nr" = 1', [value])
    except Exception as error:
        assert "check constraint" in str(error)
        return False
    return True


@pytest.mark.parametrize("column", ["at", "by", "act", "subject", "digest", "previous", "chain"])
def test_an_edit_of_the_audit_is_found(place: Place, column: str) -> None:
    live(place)
    new = "5" if column == "at" else "'" + "a" * 64 + "'"
    seen = tampered(place, f'UPDATE "audit" SET "{column}" = {new} WHERE "seq" = 3')
    assert any(found.table == "audit" and found.seq in {3, 4} for found in seen.findings)


@pytest.mark.parametrize("table", DATA)
def test_a_deletion_is_found(place: Place, table: str) -> None:
    live(place)
    seen = tampered(place, f'DELETE FROM "{table}" WHERE "nr" = 1')
    assert (table, "missing") in codes(seen) and any(found.seq == 1 for found in seen.findings)


def test_deletion_of_an_act_with_all_its_rows_is_found(place: Place) -> None:
    live(place)
    seen = tampered(
        place, 'DELETE FROM "applied" WHERE "seq" = 4', 'DELETE FROM "receipts" WHERE "seq" = 4', 'DELETE FROM "audit" WHERE "seq" = 4'
    )
    assert {("audit", "gap"), ("audit", "chain"), ("applied", "missing"), ("receipts", "missing")} <= codes(seen)


def test_an_addition_is_found(place: Place) -> None:
    live(place)
    columns = ", ".join(f'"{name}"' for name in LEDGER["applied"].by_name if name != "at")
    add = f'INSERT INTO "applied" ("nr", "seq", "at", {columns}) SELECT 8, 99, 5, {columns} FROM "applied" WHERE "nr" = 1'
    assert ("applied", "added") in codes(tampered(place, add))
    under = add.replace("8, 99, 5", "9, 6, 6")
    assert ("applied", "added") in codes(tampered(place, under))


def test_reordering_is_found(place: Place) -> None:
    """Rows of one act, rows of two acts, and two acts change places."""
    live(place)

    def swap(table: str, key: str, one: int, other: int) -> list[str]:
        steps = ((one, 10**6), (other, one), (10**6, other))
        return [f'UPDATE "{table}" SET "{key}" = {new} WHERE "{key}" = {old}' for old, new in steps]

    assert ("applied", "edited") in codes(tampered(place, *swap("applied", "nr", 2, 3)))
    tampered(place, *swap("applied", "nr", 2, 3))
    assert codes(tampered(place, *swap("applied", "nr", 2, 4))) >= {("applied", "misplaced")}
    tampered(place, *swap("applied", "nr", 2, 4))
    assert ("audit", "chain") in codes(tampered(place, *swap("audit", "seq", 3, 4)))


CUT = ('DELETE FROM "applied" WHERE "seq" = 5', 'DELETE FROM "receipts" WHERE "seq" = 5', 'DELETE FROM "audit" WHERE "seq" >= 5')


def test_a_cut_off_end_is_found_by_checkpoints(place: Place) -> None:
    live(place)
    assert codes(tampered(place, *CUT)) == {("audit", "truncated")}
    assert codes(tampered(place, 'DELETE FROM "checkpoints" WHERE "seq" >= 5')) == {("audit", "truncated"), ("checkpoints", "missing")}


def test_a_bare_chain_does_not_show_it(place: Place) -> None:
    """Why checkpoints are to be kept elsewhere: without any, a cut-off end looks sound."""
    live(place)
    (place.folder / "ledger.checkpoints.jsonl").unlink()
    assert not tampered(place, *CUT, 'DELETE FROM "checkpoints" WHERE "seq" >= 5').findings


def rewrite(place: Place) -> None:
    """Change a price, and recompute every digest and link from there on."""
    with place.raw() as connection:
        connection.execute('UPDATE "applied" SET "price" = 1 WHERE "nr" = 2')
        previous = GENESIS
        for row in connection.execute('SELECT * FROM "audit" ORDER BY "seq"').fetchall():
            rows = {}
            for table in DATA:
                names = ", ".join(f'"{name}"' for name in LEDGER[table].by_name)
                given = connection.execute(f'SELECT {names} FROM "{table}" WHERE "seq" = {row[0]} ORDER BY "nr"').fetchall()
                rows[table] = [tuple(bytes(value) if isinstance(value, memoryview) else value for value in one) for one in given]
            fields = (*row[:5], digest_of(rows), previous)
            previous = link(fields)
            values = f"\"digest\" = '{fields[5]}', \"previous\" = '{fields[6]}', \"chain\" = '{previous}'"
            connection.execute(f'UPDATE "audit" SET {values} WHERE "seq" = {row[0]}')


def test_a_whole_rewrite_is_found_by_checkpoints(place: Place) -> None:
    books = live(place)
    rewrite(place)
    assert [(found.seq, found.code) for found in books.verify().findings] == [(6, "rewritten")]


def test_the_exported_file_is_asked_without_being_named(place: Place) -> None:
    books = live(place)
    assert books.exported.exists() and not books.verify().findings
    with place.raw() as connection:
        connection.execute('DELETE FROM "checkpoints"')
    assert codes(place.open().verify()) == {("checkpoints", "missing")}


def test_a_rewrite_signed_with_another_key_is_found(place: Place) -> None:
    """The intruder signs his own chain, with and without the exported file in his hands."""
    books = live(place)
    key, exported = signer_at(books.key).key, books.exported.read_bytes()
    rewrite(place)
    with place.raw() as connection:
        connection.execute('DELETE FROM "checkpoints"')
    books.key.unlink()
    books.exported.unlink()
    place.open().checkpoint(AT)
    assert not place.open().verify().findings, "by itself it looks sound"
    assert codes(books.verify(key=key)) == {("checkpoints", "unknown_key")}
    assert codes(books.verify(exported=exported, key=key)) == {
        ("checkpoints", "unknown_key"),
        ("checkpoints", "missing"),
        ("audit", "rewritten"),
    }


@pytest.mark.parametrize("column", ["seq", "at", "chain", "key", "signature"])
def test_an_edited_checkpoint_is_found(place: Place, column: str) -> None:
    live(place)
    new = {"seq": "1", "at": "5", "chain": "'" + "0" * 64 + "'", "key": "'" + "0" * 64 + "'", "signature": "'" + "0" * 128 + "'"}[column]
    seen = tampered(place, f'UPDATE "checkpoints" SET "{column}" = {new} WHERE "seq" = 2')
    assert ("checkpoints", "unknown_key" if column == "key" else "signature") in codes(seen)
    assert ("checkpoints", "missing") in codes(seen)
