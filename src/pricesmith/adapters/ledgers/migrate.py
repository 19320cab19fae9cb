"""Migrations, run when a ledger is opened. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError

from .database import Database

HEAD = "0001"
"""The newest migration."""

VERSION_TABLE = "ledger_version"
FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Bring the tables to the newest form, all or nothing. A ledger of a newer pricesmith is refused."""
    with database.reading() as connection:
        version = version_of(connection)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise LedgerError(f"was written by a newer pricesmith (form {version})", where=database.place, hint="update pricesmith")
    with database.writing() as connection:
        _upgrade(connection)


def version_of(connection: sa.Connection) -> str | None:
    """Form of the tables that stand there, None where there are none."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return None if found is None else str(found)


def run_sql(connection: sa.Connection, name: str) -> None:
    """Run the statements of `<name>_<database>.sql`, which blank lines part."""
    text = (FOLDER / "versions" / f"{name}_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        connection.execute(sa.text(statement))


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
