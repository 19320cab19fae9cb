"""The family of a product: what its price does to each related product, and what their new prices do to it."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.money import exponent
from pricesmith.contracts.tables import DECISIONS
from pricesmith.engine import Decided

from .curves import family_lift, family_members

MOST = 40


class Related(msgspec.Struct, frozen=True):
    """A related product. Prices in minor units.

    units   share by which its units change through this product's new price
    sold    that change in units a day
    profit  change of its profit through it, major units a day; None where its profit is not known
    loses   what is kept of its price, without tax and fees, does not bring its cost back: fewer units lose less
    """

    sku: str
    channel: str
    region: str
    name: str | None
    current_price: int | None
    price: int | None
    units: float
    sold: float
    profit: float | None
    loses: bool


SHARE, PARTS = 0.00005, 20
"""A share below which a change of units shows as 0.00 %, and how many times smaller than its minor unit an amount is that shows as 0."""


def moves(found: list[Related], currency: str) -> bool:
    """Whether a price moves any related product so far that it shows: its units, or its profit."""
    least = 10.0 ** -exponent(currency) / PARTS
    return any(abs(one.units) >= SHARE or abs(one.profit or 0.0) >= least for one in found)


class Beside(msgspec.Struct, frozen=True):
    """What the new prices of related products do to a product.

    units    units a day at its price in the list while they keep today's prices; with their new prices it is `expected_units`
    changes  how many of them have a new price
    """

    units: float
    changes: int


def beside(decided: Decided, item: int) -> Beside | None:
    """None where their new prices change nothing of what is expected of the product."""
    lift, units = family_lift(decided, item), float(decided.expected.units[item])
    if not np.isfinite(units) or np.isclose(lift, 1.0, rtol=0.0, atol=1e-9):
        return None
    family, column = decided.shop.demand.family, decided.column
    others = np.flatnonzero(family == family[item])
    others = others[others != item]
    current = decided.opened(others).ladder.current
    return Beside(units / lift, int(((current >= 0) & (column[others] >= 0) & (column[others] != current)).sum()))


def related(decided: Decided, item: int, price: int, currency: str) -> list[Related]:
    """Every other product of the family, the largest effect first.

    price  of the item as chosen, minor units
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
    share, then = units[:, 0], decided.expected.units[rows]
    table = named.with_columns(
        units=pl.Series(share),
        sold=pl.Series(then * share / (1.0 + share)),
        profit=pl.Series(effect).fill_nan(None),
        loses=pl.Series(decided.expected.profit[rows] < 0.0),
    )
    order = table.sort(pl.col("profit").abs().fill_null(0.0), *key, descending=[True, False, False, False]).head(MOST)
    return [Related(**row) for row in order.iter_rows(named=True)]
