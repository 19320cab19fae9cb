"""People whom a provider of OpenID Connect vouches for."""

from __future__ import annotations

from alembic import op

from pricesmith.adapters.accounts.opening import FORMS
from pricesmith.adapters.ledgers.migrate import run_sql
from pricesmith.contracts.errors import LedgerError

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(op.get_bind(), "0002", FORMS.folder)


def downgrade() -> None:
    """People are not taken back."""
    raise LedgerError("the first form has none before it")
