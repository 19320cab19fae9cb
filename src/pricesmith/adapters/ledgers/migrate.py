"""Migrations, run when a database is opened. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pricesmith.contracts.errors import LedgerError

from .database import Database

HEAD = "0001"
"""The newest migration."""

VERSION_TABLE = "ledger_version"
FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms that some tables of a database had.

    head     the newest migration
    version  table that holds the form that stands there
    folder   scripts of Alembic
    """

    head: str
    version: str
    folder: Path


LEDGER_FORMS = Forms(HEAD, VERSION_TABLE, FOLDER)


def migrate(database: Database, forms: Forms = LEDGER_FORMS) -> None:
    """Bring the tables to the newest form, all or nothing. Tables of a newer pricesmith are refused."""
    with database.reading() as connection:
        version = version_of(connection, forms)
    if version == forms.head:
        return
    if version is not None and version > forms.head:
        raise LedgerError(f"was written by a newer pricesmith (form {version})", where=database.place, hint="update pricesmith")
    with database.writing() as connection:
        _upgrade(connection, forms)


def version_of(connection: sa.Connection, forms: Forms) -> str | None:
    """Form of the tables that stand there, None where there are none."""
    if not sa.inspect(connection).has_table(forms.version):
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {forms.version}")).scalar()
    return None if found is None else str(found)


def run_sql(connection: sa.Connection, name: str, folder: Path = FOLDER) -> None:
    """Run the statements of `<name>_<database>.sql`, which blank lines part."""
    text = (folder / "versions" / f"{name}_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.strip().split("\n\n"):
        connection.execute(sa.text(statement))


def _upgrade(connection: sa.Connection, forms: Forms) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(forms.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
