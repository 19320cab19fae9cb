"""The only place that names real adapters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pricesmith.adapters.ledgers.books import open_books
from pricesmith.adapters.ledgers.signing import signer_at
from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.ledger import Books, Signer
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.protocols import Source


def source_of(folder: Path) -> Source:
    """Where the tables of a shop folder come from."""
    return FolderSource(folder)


def ledger_of(folder: Path, policy: Policy, environment: Mapping[str, str]) -> Books:
    """The ledger of a shop: `ledger` of its shop.toml, else PRICESMITH_LEDGER, else the file `ledger.db` in its folder.

    The key that signs is the file named by PRICESMITH_LEDGER_KEY, else `ledger.key` in the folder.
    """
    address = policy.ledger or environment.get("PRICESMITH_LEDGER", "") or "ledger.db"
    return open_books(address, folder, _key(folder, environment))


def signer_of(folder: Path, environment: Mapping[str, str]) -> Signer:
    """Who signs checkpoints and certificates of a shop; a new key where there is none."""
    return signer_at(_key(folder, environment))


def _key(folder: Path, environment: Mapping[str, str]) -> Path:
    return folder / (environment.get("PRICESMITH_LEDGER_KEY", "") or "ledger.key")
