"""Tables of a shop of which too many rows cannot be used as they stand: nothing is priced before that is mended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pricesmith.contracts.errors import DataError
from pricesmith.contracts.protocols import LargeTable
from pricesmith.contracts.tables import INPUT, PRODUCTS
from pricesmith.flows import wiring
from pricesmith.preparation.prepare import unusable

from .reading import Reading
from .unsaid import counted

LOOKED_AT = ("products", "sales", "orders")


def spoiled(reading: Reading, given: Sequence[str]) -> list[str]:
    """Those of the tables. Looked at once while their files stay; a table too large to be held as rows is not."""
    policy = reading.policy
    known = f"{policy.timezone} {policy.data.max_bad_share}"
    return [
        name
        for name in LOOKED_AT
        if name in given and counted(reading, f"spoiled {name} {known}", (INPUT[name], PRODUCTS), partial(_spoiled, reading, name))
    ]


def _spoiled(reading: Reading, name: str) -> bool:
    source, policy = wiring.source_of(reading.folder), reading.policy
    try:
        raw, products = source.read(INPUT[name]), source.read(PRODUCTS)
        if raw is None or isinstance(raw, LargeTable) or isinstance(products, LargeTable):
            return False
        aside = unusable(INPUT[name], raw, products, policy.timezone)
    except DataError:
        return True
    return aside.height > policy.data.max_bad_share * raw.frame.height
