"""The family of a product: what its price does to each related product."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import Decided

from .curves import family_members

MOST = 40


class Related(msgspec.Struct, frozen=True):
    """A related product. Prices in minor units.

    units   share by which its units change through this product's new price
    profit  change of its profit through it, major units a day; None where its profit is not known
    """

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    price: int | None
    units: float
    profit: float | None


def related(decided: Decided, item: int, price: int, currency: str) -> list[Related]:
    """Every other product of the family, the largest effect first.

    price  of the item, minor units
    """
    rows, units, profit = family_members(decided, item, np.array([price]))
    if not rows.size:
        return []
    effect = profit[:, 0] / 10.0 ** exponent(currency)
    key = list(DECISIONS.key)
    named = (
        decided.items[rows]
        .select(*key, "name", "current_price")
        .join(decided.decisions.select(*key, "price"), on=key, how="left", maintain_order="left")
    )
    table = named.with_columns(units=pl.Series(units[:, 0]), profit=pl.Series(effect).fill_nan(None))
    order = table.sort(pl.col("profit").abs().fill_null(0.0), *key, descending=[True, False, False, False]).head(MOST)
    return [Related(**row) for row in order.iter_rows(named=True)]
