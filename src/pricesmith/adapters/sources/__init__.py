"""Sources: where the tables of a shop folder come from, one a file. What files hold as text is read by those beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pricesmith.contracts.protocols import Source
from pricesmith.contracts.registry import Registry

SOURCES: Registry[Callable[[Path], Source]] = Registry("pricesmith.adapters.sources", "SOURCE", "source")
"""All sources by name, each made of the shop folder; every table comes from the one that has it (`every.py`)."""
