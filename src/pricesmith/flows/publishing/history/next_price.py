"""Which price took the place of another in a shop."""

from __future__ import annotations

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Ints
from pricesmith.contracts.tables import DECISIONS

PLACE = ["target", *DECISIONS.key]


def next_price(prices: pl.DataFrame, seen: pl.DataFrame) -> pl.Series:
    """Row of `seen` with the first other price at the same place, a row of `prices` each; null where none is known.

    prices  PLACE, `price`, and `start`: the row of `seen` from which on another price may end it
    seen    PLACE and `price` in the order in which they came to be known: table APPLIED

    Linear in both but for sorting; only the places of `prices` are looked at.
    """
    places = prices.select(PLACE).unique().with_row_index("place", offset=0)
    here = seen.lazy().select(*PLACE, "price").with_row_index("row").join(places.lazy(), on=PLACE).select("place", "row", "price")
    place, row, price = (one.cast(pl.Int64).to_numpy() for one in here.sort("place", "row").collect())
    asked = prices.join(places, on=PLACE, how="left", maintain_order="left").select("place", "start", "price")
    where, start, old = (one.cast(pl.Int64).to_numpy() for one in asked)
    stride, count = seen.height + 1, len(row)
    first = np.searchsorted(place * stride + row, where * stride + start)
    same = _at(price, first, 0) == old
    found = np.where(same & (first < count), _at(_others(place, price), first, count), first)
    known = (found < count) & (_at(place, found, -1) == where)
    return pl.Series("next", np.where(known, _at(row, found, 0), -1)).replace(-1, None)


def _others(place: Ints, price: Ints) -> Ints:
    """(n,) first position behind each at which place or price is another one, n where there is none."""
    begins = np.flatnonzero((place[1:] != place[:-1]) | (price[1:] != price[:-1])) + 1
    ends = np.append(begins, len(place))
    return np.repeat(ends, np.diff(np.append(0, ends)))


def _at(values: Ints, positions: Ints, beyond: int) -> Ints:
    """values[positions], `beyond` where a position lies behind the last."""
    return np.append(values, beyond)[np.minimum(positions, len(values))]
