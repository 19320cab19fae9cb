"""Opening accounts: migrations, what the tables refuse, what is missing."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from pricesmith.adapters.accounts import checks, tables
from pricesmith.adapters.accounts.opening import FORMS, LOCK, open_accounts
from pricesmith.adapters.accounts.passwords import Argon2id
from pricesmith.adapters.accounts.people import SqlPeople
from pricesmith.adapters.ledgers.postgresql import LOCK as LEDGER_LOCK
from pricesmith.contracts.accounts import ROLES, Accounts, Reply
from pricesmith.contracts.errors import LedgerError, UnknownChoice, UsageError
from pricesmith.contracts.ledger import Act
from pricesmith.testing.check_accounts import AT, PASSWORD, READ
from tests.ledger_places import Place, SqlitePlace

CHEAP = Argon2id(memory_kib=8, passes=1)


def opened(place: Place) -> Accounts:
    return open_accounts(place.address, place.folder, time.sleep, CHEAP)


def filled(place: Place) -> Accounts:
    """A row in every table."""
    accounts = opened(place)
    accounts.people.add("anna", PASSWORD, "admin", AT)
    accounts.people.check("anna", "wrong", AT)
    accounts.identities.add("https://login.example", "u-1", "clara", "viewer", AT)
    accounts.sessions.begin("anna", AT)
    accounts.keys.make("anna", "till", READ, AT, None)
    accounts.replies.claim("anna", "k", "f", AT)
    accounts.replies.keep("anna", "k", Reply("f", 200, b"done"))
    accounts.kept.put("view", "anna", "mine", "x", AT)
    return accounts


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(FORMS.folder))
    assert ScriptDirectory.from_config(config).get_current_head() == FORMS.head
    for name in ("0001_first", "0002_identities"):
        with pytest.raises(LedgerError, match="none before it"):
            importlib.import_module(f"pricesmith.adapters.accounts.migrations.versions.{name}").downgrade()


def test_tables_are_those_that_queries_see(place: Place) -> None:
    accounts = opened(place)
    assert isinstance(accounts.people, SqlPeople)
    inspector = sa.inspect(accounts.people.database.engine)
    may_be_empty = {"seen_at", "expires", "status", "body"}
    for table in (tables.PEOPLE, tables.ATTEMPTS, tables.IDENTITIES, tables.SESSIONS, tables.KEYS, tables.REPLIES, tables.KEPT):
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        assert list(columns) == [column.name for column in table.columns]
        empty = {name for name, column in columns.items() if column["nullable"]}
        assert empty == may_be_empty & set(columns) - ({"seen_at"} if table is tables.SESSIONS else set())


def test_sqlite_is_strict(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    opened(place)
    with place.raw() as connection:
        strict = dict(connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"))
    assert all(strict[name] for name in ("people", "attempts", "identities", "sessions", "api_keys", "replies", "kept"))


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("people", "password", ["correct horse battery", ""]),
        ("people", "role", ["owner", "", "Admin"]),
        ("people", "active", [2, -1]),
        ("people", "name", ["", "x" * 101]),
        ("people", "made_at", [-1, 253_402_300_800_000_000]),
        ("identities", "issuer", ["", "x" * 256]),
        ("identities", "subject", ["", "x" * 256]),
        ("identities", "person", ["nobody"]),
        ("sessions", "digest", ["token"]),
        ("sessions", "person", ["nobody"]),
        ("api_keys", "digest", ["ps_0123456789abcdef_key"]),
        ("api_keys", "person", ["nobody"]),
        ("api_keys", "scopes", ["", "admin", "read admin", "admin read"]),
        ("api_keys", "expires", [0]),
        ("api_keys", "revoked", [2]),
        ("replies", "status", [99, 600, None]),
        ("replies", "key", ["k"]),
        ("replies", "fingerprint", ["f"]),
        ("kept", "text", ["x" * 200_001]),
        ("kept", "owner", [""]),
        ("kept", "kind", [""]),
    ],
)
def test_the_tables_refuse_what_cannot_be(place: Place, table: str, column: str, values: list[object]) -> None:
    filled(place)
    for value in values:
        with pytest.raises(Exception, match=r"(?i)constraint"), place.raw() as connection:
            set_up(place, connection)
            connection.execute(f'UPDATE "{table}" SET "{column}" = {place.mark}', (value,))


def set_up(place: Place, connection: Any) -> None:
    if isinstance(place, SqlitePlace):
        connection.execute("PRAGMA foreign_keys = ON")


def test_every_role_is_in_the_sql() -> None:
    listed = ", ".join(f"'{role}'" for role in ROLES)
    for database in ("sqlite", "postgresql"):
        text = (FORMS.folder / "versions" / f"0001_{database}.sql").read_text(encoding="utf-8")
        assert f'CHECK ("role" IN ({listed}))' in text and f'length("text") <= {checks.TEXT_MOST}' in text


def test_opening_again_keeps_what_there_is(place: Place) -> None:
    filled(place)
    again = opened(place)
    assert again.people.check("anna", PASSWORD, AT) and again.kept.all("view", "anna").height == 1


def test_accounts_of_the_first_form_are_brought_to_the_newest(place: Place) -> None:
    accounts = filled(place)
    with place.raw() as connection:
        connection.execute('DROP TABLE "identities"')
        connection.execute("UPDATE accounts_version SET version_num = '0001'")
    again = opened(place)
    assert again.people.check("anna", PASSWORD, AT) and again.identities.known("https://login.example", "u-1") is None
    again.identities.add("https://login.example", "u-2", "cleo", "viewer", AT)
    assert accounts.identities.known("https://login.example", "u-2") == ("cleo", "viewer")


def test_a_newer_form_is_refused(place: Place) -> None:
    opened(place)
    with place.raw() as connection:
        connection.execute("UPDATE accounts_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer pricesmith"):
        opened(place)


def test_the_ledger_beside_it_stays_as_it_was(place: Place) -> None:
    """One database, in either order of opening; the chain knows nothing of accounts."""
    accounts = filled(place)
    books = place.open()
    books.append(Act(AT, "anna", "noted", "it"), {})
    accounts.people.add("ben", PASSWORD, "viewer", AT)
    found = books.verify()
    assert (found.acts, found.rows, found.findings) == (1, 0, ())
    assert LOCK != LEDGER_LOCK, "who signs in does not wait for the ledger"


def test_without_argon2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[web\]'"):
        open_accounts("ledger.db", tmp_path, time.sleep)
    assert not (tmp_path / "ledger.db").exists()


def test_an_unknown_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="postgresql"):
        open_accounts("mysql://somewhere/x", tmp_path, time.sleep, CHEAP)
