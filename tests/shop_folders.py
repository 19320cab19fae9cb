"""Small shop folders for tests: tables as CSV text, read through the real source."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pricesmith.adapters.sources.folder import FolderSource
from pricesmith.contracts.policy import Policy
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.contracts.tables import INPUT
from pricesmith.preparation import Prepared, prepare, snapshot

PRODUCTS = "sku,unit_cost,tax_rate\na,1,0\nb,2,0\n"
SALES = "date,sku,units,price\n2025-01-01,a,1,5\n2025-01-02,a,2,5\n2025-01-01,b,3,7\n2025-01-02,b,4,7\n"
EUR = Policy(currency="EUR")


def write(folder: Path, **tables: str | bytes) -> Path:
    """Write data/<table>.csv for each table; `products` and `sales` have defaults."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, text in {"products": PRODUCTS, "sales": SALES, **tables}.items():
        if text != "":
            (data / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def load(folder: Path, policy: Policy = EUR) -> Prepared:
    source = FolderSource(folder)
    return prepare({name: source.read(table) for name, table in INPUT.items()}, policy)


def prepared(folder: Path, policy: Policy = EUR, **tables: str | bytes) -> Prepared:
    return load(write(folder, **tables), policy)


def taken(folder: Path, as_of: str, policy: Policy = EUR, **tables: str | bytes) -> Snapshot:
    return snapshot(prepared(folder, policy, **tables), policy, dt.date.fromisoformat(as_of))


def codes(outcome: Prepared, level: str | None = None) -> set[str]:
    return {warning["code"] for warning in outcome.warnings if level in (None, warning["level"])}
