"""How Alembic reaches the database: through the transaction that opened the accounts."""

from __future__ import annotations

from alembic import context

from pricesmith.adapters.accounts.opening import FORMS

context.configure(connection=context.config.attributes["connection"], version_table=FORMS.version)
context.run_migrations()
