"""Whether a run was overtaken: a newer one was made, the rules in force are other ones, or files were written since."""

from __future__ import annotations

import msgspec

from pricesmith.contracts.policy import Policy
from pricesmith.contracts.tables import INPUT
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.flows.publishing.history.freshness import freshest
from pricesmith.flows.publishing.history.rederive import policy_of, settings_of

DECIDE = ("rules", "objective", "horizon_days", "currency", "tax", "period", "timezone", "model", "data", "fees", "risk")
"""Settings that decide prices; the others say how they leave."""
KEPT = 64
"""Runs whose settings are kept."""


class Behind(msgspec.Struct, frozen=True):
    """newer: the newest run of the whole shop, where it was made after this one;  rules: those in force are others."""

    newer: str | None
    rules: bool


def behind(reading: Reading, name: str) -> Behind:
    """How a run that is there stands to what is in force."""
    newest = reading.latest()
    later = newest is not None and reading.last_made(newest)["seq"] > reading.last_made(name)["seq"]
    return Behind(newest if later else None, changed_since(reading, name))


def changed_since(reading: Reading, name: str) -> bool:
    """Whether shop.toml says otherwise than it did then, and than the run was made under, which may have been told another model."""
    told: tuple[Policy, Policy] = reading.shelf("settings", KEPT).get(
        name, lambda one: (settings_of(reading.book, one), policy_of(reading.book, one))
    )
    return all(_differ(before, reading.policy) for before in told)


def files_since(reading: Reading, name: str) -> list[str]:
    """Tables of the shop's files that were written after a run was last made, or found to say the same: it does not know them."""
    made, files = reading.last_made(name)["at"], wiring.files_of(reading.folder)
    looked = freshest(reading.run(name).row, reading.rows("audit")).files_at or made
    times = {table: wiring.newest(files, table) for table in INPUT}
    return [table for table, written in times.items() if written is not None and written > max(made, looked)]


def _differ(before: Policy, now: Policy) -> bool:
    """Whether prices may be decided in another way under the one than under the other."""
    return any(getattr(before, name) != getattr(now, name) for name in DECIDE)
