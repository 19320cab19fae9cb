"""The first form: tables that are only added to, and the outbox beside them."""

from __future__ import annotations

from alembic import op

from pricesmith.adapters.ledgers.migrate import run_sql
from pricesmith.contracts.errors import LedgerError

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(op.get_bind(), "0001")


def downgrade() -> None:
    """History is not taken back."""
    raise LedgerError("the first form has none before it")
