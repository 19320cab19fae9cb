"""How Alembic reaches the database: through the transaction that opened the ledger."""

from __future__ import annotations

from alembic import context

from pricesmith.adapters.ledgers.migrate import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
