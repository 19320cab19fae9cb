"""The first form: people, their sessions, keys, answers and texts."""

from __future__ import annotations

from alembic import op

from pricesmith.adapters.accounts.opening import FORMS
from pricesmith.adapters.ledgers.migrate import run_sql
from pricesmith.contracts.errors import LedgerError

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_sql(op.get_bind(), "0001", FORMS.folder)


def downgrade() -> None:
    """People are not taken back."""
    raise LedgerError("the first form has none before it")
