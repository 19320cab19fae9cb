"""The only place that names real adapters."""

from __future__ import annotations

from pathlib import Path

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.protocols import Source


def source_of(folder: Path) -> Source:
    """Where the tables of a shop folder come from."""
    return FolderSource(folder)
