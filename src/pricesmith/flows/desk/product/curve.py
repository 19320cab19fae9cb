"""The curve of one product as a record: candidate prices with what they bring, the line through them, and what was sold."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats
from pricesmith.contracts.money import exponent
from pricesmith.contracts.snapshot import Snapshot
from pricesmith.engine import Decided

from .curves import points, smooth
from .curves import seen as seen_cells

GRID, SOLD = 41, 260
"""Points of the line, and the latest weeks of sales that are shown."""


class Candidate(msgspec.Struct, frozen=True):
    """A publishable price, minor units, and what it would bring, other prices of the family as chosen.

    units, lo, hi  units a day with the 90 % interval of the expectation
    profit         the product's own, major units a day; None where its cost is not known
    family         change of the profit of related products against keeping the price;  together: both
    together_lo, together_hi  90 % interval of the expectation of both, that of the family taken as it is expected
    allowed        the rules let it be published
    """

    price: int
    units: float
    lo: float
    hi: float
    profit: float | None
    family: float
    together: float | None
    together_lo: float | None
    together_hi: float | None
    allowed: bool


class Point(msgspec.Struct, frozen=True):
    """Expected units a day at any price, minor units, with the 90 % interval."""

    price: float
    units: float
    lo: float
    hi: float


class Sold(msgspec.Struct, frozen=True):
    """What one week sold at one price: units a day; price: what was charged; promo: a promotion's price; late: in the last quarter."""

    price: float
    units: float
    promo: bool
    late: bool


class Curve(msgspec.Struct, frozen=True):
    """Empty where no current price is known."""

    candidates: list[Candidate] = []
    line: list[Point] = []
    seen: list[Sold] = []


def curve(decided: Decided, snapshot: Snapshot, item: int) -> Curve:
    """The curve of an item.

    snapshot  of the run; only the item's own cells are asked for
    """
    currency = snapshot.currency
    scale, found = 10.0 ** exponent(currency), points(decided, item, currency)
    flags = {name: pl.col(name) == 1 for name in ("promo", "late")}
    sold = seen_cells(snapshot, item).tail(SOLD).with_columns(price=(pl.col("price") * scale).round(2), **flags)
    rows = [Sold(*row) for row in sold.select("price", "units", *flags).iter_rows()]
    if not found.price.size:
        return Curve(seen=rows)
    parts = {"together": found.profit, "together_lo": found.least, "together_hi": found.most}
    table = pl.DataFrame(
        {
            "price": np.rint(found.price * scale).astype(np.int64), "units": found.units, "lo": found.low, "hi": found.high,
            "profit": found.profit, "family": found.family, **{name: part + found.family for name, part in parts.items()},
            "allowed": found.allowed,
        }
    )  # fmt: skip
    known = table.with_columns(pl.col("profit", *parts).fill_nan(None))
    candidates = [Candidate(*row) for row in known.iter_rows()]
    return Curve(candidates, line(decided, item, found.price, np.array([row.price for row in rows]) / scale, currency), rows)


def line(decided: Decided, item: int, candidates: Floats, charged: Floats, currency: str) -> list[Point]:
    """The smooth curve over the candidates and over what was charged within half and double of them; prices in major units."""
    middle = float(np.median(candidates))
    near = charged[(charged >= middle * 0.5) & (charged <= middle * 2.0)]
    every = np.concatenate([candidates, near])
    prices = np.linspace(every.min(), every.max(), GRID) if every.max() > every.min() else every[:1]
    scale = 10.0 ** exponent(currency)
    table = zip((prices * scale).round(3).tolist(), *(side.tolist() for side in smooth(decided, item, prices, currency)), strict=True)
    return [Point(*row) for row in table]
