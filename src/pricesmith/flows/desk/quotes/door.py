"""Who may ask for quotes: whether anybody has an account, also while the accounts cannot be read, and what they say of a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pricesmith.contracts.accounts import Accounts, Who
from pricesmith.contracts.errors import LedgerError
from pricesmith.contracts.policy import Policy
from pricesmith.flows import wiring
from pricesmith.flows.desk.quotes.quotes_kept import FOLDER

OPEN = "quotes.open"
"""File in the shop folder that stands there while nobody has an account."""


@dataclass(slots=True)
class Door:
    """The accounts of a shop, opened when they are first needed. They live in the ledger's database, which may be gone."""

    folder: Path
    policy: Policy
    _accounts: Accounts | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def is_open(self) -> bool:
        """Whether nobody has an account; as it was last, where that cannot be read now. Raises LedgerError where nothing was ever read."""
        remembered = self.folder / OPEN
        try:
            found = self._read().people.all().is_empty()
        except LedgerError:
            if remembered.exists() or (self.folder / FOLDER).exists():
                return remembered.exists()
            raise
        if found:
            remembered.touch()
        else:
            remembered.unlink(missing_ok=True)
        return found

    def who(self, key: str) -> Who | None:
        """What the accounts say of a key. Raises LedgerError where they cannot be read."""
        return self._read().keys.of(key, wiring.clock())

    def _read(self) -> Accounts:
        wiring.ledger_mark(self.folder, self.policy)  # opening a file that is gone would make an empty one
        with self._lock:
            if self._accounts is None:
                self._accounts = wiring.accounts_of(self.folder, self.policy)
            return self._accounts
