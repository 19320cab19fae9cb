"""Tables of a shop of which too many rows cannot be used as they stand: nothing is priced before that is mended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import INPUT, PRODUCTS
from pricesmith.flows import wiring
from pricesmith.flows.desk.reading.ledger import Reading
from pricesmith.preparation.prepare import unusable

from .unsaid import counted

LOOKED_AT = ("products", "sales", "orders")


FINE, SPOILED, UNLISTED = 0, 1, 2
"""Of a table: it can be used; too many rows cannot; that is so because they are of products that the product table does not have."""


def spoiled(reading: Reading, given: Sequence[str]) -> dict[str, int]:
    """SPOILED or UNLISTED of those of the tables that cannot be used.

    Looked at once while their files stay; a table too large to be held as rows is not.
    """
    policy = reading.policy
    known = f"{policy.timezone} {policy.data.max_bad_share}"
    found = {
        name: counted(reading, f"spoiled {name} {known}", (INPUT[name], PRODUCTS), partial(_spoiled, reading, name))
        for name in LOOKED_AT
        if name in given
    }
    return {name: how for name, how in found.items() if how != FINE}


def _spoiled(reading: Reading, name: str) -> int:
    source, policy = wiring.source_of(reading.folder), reading.policy
    try:
        raw, products = source.read(INPUT[name]), source.read(PRODUCTS)
        if raw is None or isinstance(raw, LargeTable) or isinstance(products, LargeTable):
            return FINE
        aside = unusable(INPUT[name], raw, products, policy.timezone)
    except DataError:
        return SPOILED
    most = policy.data.max_bad_share * raw.frame.height
    if aside.height <= most:
        return FINE
    return UNLISTED if aside.filter(pl.col("reason") != "unknown_sku").height <= most else SPOILED
