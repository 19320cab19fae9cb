"""How many products of a shop name no tax rate of their own, before anything is priced."""

from __future__ import annotations

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import PRODUCTS
from pricesmith.flows import wiring

from .reading import Reading


def untaxed(reading: Reading) -> int:
    """Rows of the products without a tax_rate; 0 where there is no such table, or it cannot be read. Read once while the files stay."""
    files = wiring.of_table(wiring.files_of(reading.folder), PRODUCTS.name)
    return int(reading.shelf("untaxed", 1).get(str(sorted(files.items(), key=str)), lambda _files: _untaxed(reading))) if files else 0


def _untaxed(reading: Reading) -> int:
    try:
        raw = wiring.source_of(reading.folder).read(PRODUCTS)
    except DataError:
        return 0
    if raw is None or isinstance(raw, LargeTable):
        return 0
    if "tax_rate" not in raw.frame.columns:
        return raw.frame.height
    said = raw.frame["tax_rate"].cast(pl.String).str.strip_chars()
    return int((said.is_null() | (said == "")).sum())
