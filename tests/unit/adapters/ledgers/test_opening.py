"""Opening a ledger: migrations, addresses, what is refused."""

from __future__ import annotations

import importlib
import sqlite3
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from pricesmith.adapters.ledgers import laws, migrate, postgresql
from pricesmith.adapters.ledgers.books import open_books
from pricesmith.adapters.ledgers.rows import stored_type
from pricesmith.contracts.errors import LedgerError, UnknownChoice
from pricesmith.contracts.ledger import LEDGER, Act
from pricesmith.testing.ledger_rows import AT, DAY, applied, intents, receipts
from tests.ledger_places import Place, SqlitePlace


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_the_first_form_has_no_way_back() -> None:
    module = importlib.import_module("pricesmith.adapters.ledgers.migrations.versions.0001_first")
    with pytest.raises(LedgerError, match="none before it"):
        module.downgrade()


def test_tables_are_those_of_the_contract(place: Place) -> None:
    """Names, types, missing values and keys of the SQL are those of LEDGER."""
    books = place.open()
    inspector = sa.inspect(books.database.engine)
    kinds = {"String": (sa.TEXT, sa.VARCHAR), "Int64": (sa.INTEGER, sa.BIGINT), "Float64": (sa.REAL, sa.DOUBLE_PRECISION)}
    kinds["Binary"] = (sa.BLOB, sa.LargeBinary)  # type: ignore[assignment]
    for name, table in LEDGER.items():
        columns = {column["name"]: column for column in inspector.get_columns(name)}
        extra = [] if name in {"audit", "checkpoints"} else ["nr", "seq"]
        assert list(columns) == [*extra, *table.by_name]
        for column in table.columns:
            found = columns[column.name]
            primary = column.name in inspector.get_pk_constraint(name)["constrained_columns"]
            assert isinstance(found["type"], kinds[str(stored_type(column))]), f"{name}.{column.name}"
            assert found["nullable"] is not column.required or primary, f"{name}.{column.name}"
        unique = [tuple(one["column_names"]) for one in inspector.get_unique_constraints(name)]
        unique.append(tuple(inspector.get_pk_constraint(name)["constrained_columns"]))
        assert table.key in unique


def test_sqlite_is_strict_and_durable(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    books = place.open()
    with books.database.reading() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "busy_timeout")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30_000}
    with place.raw() as connection:
        strict = dict(connection.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"))
    assert all(strict[name] for name in (*LEDGER, "outbox", "fence"))


def test_every_choice_of_the_laws_is_in_the_sql() -> None:
    for database in ("sqlite", "postgresql"):
        text = (migrate.FOLDER / "versions" / f"0001_{database}.sql").read_text(encoding="utf-8")
        for (_, column), choices in laws.CHOICES.items():
            listed = ", ".join(f"'{choice}'" for choice in choices)
            assert f'CHECK ("{column}" IN ({listed}))' in text


def test_opening_again_keeps_what_there_is(place: Place) -> None:
    place.open().append(Act(AT, "anna", "noted", "it"), {})
    assert place.open().read("audit").height == 1


def test_a_newer_form_is_refused(place: Place) -> None:
    place.open()
    with place.raw() as connection:
        connection.execute("UPDATE ledger_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer pricesmith"):
        place.open()


def test_a_half_made_ledger_is_made(tmp_path: Path) -> None:
    """The table of versions without a version is that of no ledger."""
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute(f"CREATE TABLE {migrate.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)")
    assert SqlitePlace(tmp_path).open().read("audit").is_empty()


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"sku,price\n" * 1000)
    with pytest.raises(LedgerError, match="not a database"):
        SqlitePlace(tmp_path).open()
    with pytest.raises(LedgerError, match="unable to open"):
        open_books("no/such/folder/ledger.db", tmp_path, tmp_path / "ledger.key")


def test_unknown_addresses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownChoice, match="postgresql"):
        open_books("mysql://somewhere/x", tmp_path, tmp_path / "ledger.key")
    with pytest.raises(LedgerError, match="cannot be read"):
        open_books("postgresql://user@host:port:port/x", tmp_path, tmp_path / "ledger.key")


def test_postgresql_needs_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match="psycopg"):
        postgresql.open_postgresql("postgresql://somewhere/x")


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        open_books("postgresql://anna:canary-secret@localhost/x?port=1", tmp_path, tmp_path / "ledger.key")
    assert "canary-secret" not in caught.value.line


def test_a_server_without_fsync_is_refused() -> None:
    class Raw:
        autocommit = False

        def execute(self, statement: str) -> Raw:
            return self

        def fetchone(self) -> tuple[str]:
            return ("off",)

    with pytest.raises(LedgerError, match="fsync"):
        postgresql._set_up(Raw(), None)


@pytest.mark.real
def test_a_role_that_may_only_add(place: Place) -> None:
    """On PostgreSQL a worker's role needs no right to change or delete."""
    if isinstance(place, SqlitePlace):
        pytest.skip("a file has no roles")
    place.open()
    server = place.server
    role = f"worker_{place.schema}"
    server.sql(f"CREATE ROLE {role} LOGIN PASSWORD '{server.password}'")
    server.sql(f"GRANT USAGE ON SCHEMA {place.schema} TO {role}")
    server.sql(f"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA {place.schema} TO {role}")
    server.sql(f"GRANT UPDATE, DELETE ON {place.schema}.outbox TO {role}")
    server.sql(f"GRANT UPDATE ON {place.schema}.fence TO {role}")
    books = open_books(server.address(place.schema, role), place.folder, place.folder / "ledger.key")
    books.append(Act(AT, "anna", "queued", "run"), {"intents": intents(("a", 1), ("a", 2), ("b", 1))})
    lease = books.lease("web", "w", AT, AT + DAY, 5)
    books.settle(lease, Act(AT, "w", "settled", "web"), receipts(lease), {"applied": applied(lease)}, {"b/1": AT})
    assert books.waiting("web")["intent"].to_list() == ["b/1"]
    books.checkpoint(AT)
    assert not books.verify().findings
    for statement in ('UPDATE "audit" SET "by" = "by"', 'DELETE FROM "intents"', 'TRUNCATE "applied"', 'DROP TABLE "audit"'):
        with pytest.raises(LedgerError, match=r"permission denied|must be owner"), books.database.writing() as connection:
            connection.execute(sa.text(statement))
