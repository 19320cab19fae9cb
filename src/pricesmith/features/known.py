"""What may be known about each row: its own price and day, the plans, and the past before its origin. Nothing else enters a feature."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import polars as pl

from pricesmith.contracts.curves import Floats, Ints
from pricesmith.contracts.snapshot import PERIOD_DAYS, Snapshot

from .history import History
from .past import MARKET_SUMS, PAST_LASTS, PAST_SUMS, REVIEW_SUMS, category_codes, item_past, market_past, review_past

Feature: TypeAlias = "Callable[[Known], Floats | pl.Series]"
"""A function named after its column: what is known -> (n,) values, NaN or null where unknown."""

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Family:
    """A family of features: one file."""

    name: str
    features: tuple[Feature, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(feature.__name__ for feature in self.features)


@dataclass(frozen=True, slots=True)
class Known:
    """Rows for which features are asked, and the past of each.

    item    (n,) row number in items
    day     (n,) first day of the row's period, in days since 1970-01-01
    origin  (n,) the past of a row ends before this day: the earlier of its own day (less the lead) and as_of
    price   (n,) own price in major units;  promo  (n,) 1 where a promotion
    length  days that a row's period covers
    items, calendar, promotions  tables of the snapshot
    """

    item: Ints
    day: Ints
    origin: Ints
    price: Floats
    promo: Floats
    length: int
    items: pl.DataFrame
    calendar: pl.DataFrame
    promotions: pl.DataFrame
    past: History
    market: History
    reviews: History
    _found: dict[tuple[str, int], Ints] = field(default_factory=dict, repr=False)

    def total(self, column: str, days: int, *, skip: int = 0, of: str = "past") -> Floats:
        """(n,) sum of a column over the `days` days that end `skip` days before the origin."""
        history = self._history(of)
        return history.total(column, self._before(of, days + skip), self._before(of, skip), self._first(of))

    def rate(self, column: str, days: int, *, per: str = "exposure", skip: int = 0, of: str = "past") -> Floats:
        """(n,) sum of a column over the sum of another in such a window; NaN where the latter is zero."""
        above, below = self.total(column, days, skip=skip, of=of), self.total(per, days, skip=skip, of=of)
        share: Floats = np.divide(above, below, out=np.full(above.size, np.nan), where=below > 0)
        return share

    def last(self, column: str, *, of: str = "past") -> Floats:
        """(n,) value of the last day before the origin; NaN where there is none."""
        return self._history(of).last(column, self._before(of, 0), self._first(of))

    def of_item(self, column: str) -> pl.Series:
        """(n,) column of `items` for each row."""
        return self.items[column].gather(self.item)

    def _history(self, of: str) -> History:
        return {"past": self.past, "market": self.market, "reviews": self.reviews}[of]

    def _group(self, of: str) -> Ints:
        return category_codes(self.items)[self.item] if of == "market" else self.item

    def _before(self, of: str, days: int) -> Ints:
        if (of, days) not in self._found:
            self._found[of, days] = self._history(of).before(self._group(of), self.origin - days)
        return self._found[of, days]

    def _first(self, of: str) -> Ints:
        if (of, -1) not in self._found:
            self._found[of, -1] = self._history(of).first(self._group(of))
        return self._found[of, -1]


def known(snapshot: Snapshot, rows: pl.DataFrame, lead_days: int = 0) -> Known:
    """Lay out what may be known of `rows` (columns item, date, price, promo).

    lead_days  days between a decision and the row's day: the past of a row then ends that much earlier, as it does in a forecast
    """
    as_of = (snapshot.as_of - _EPOCH).days
    day = rows["date"].cast(pl.Int32).cast(pl.Int64).to_numpy()
    past = item_past(snapshot.cells.filter(pl.col("date") < snapshot.as_of))
    return Known(
        item=rows["item"].cast(pl.Int64).to_numpy(),
        day=day,
        origin=np.minimum(day - lead_days, as_of),
        price=rows["price"].cast(pl.Float64).to_numpy(),
        promo=rows["promo"].cast(pl.Float64).fill_null(0.0).to_numpy(),
        length=math.ceil(PERIOD_DAYS[snapshot.period]),
        items=snapshot.items,
        calendar=snapshot.calendar,
        promotions=snapshot.promotions,
        past=History.of(past, "item", PAST_SUMS, PAST_LASTS),
        market=History.of(market_past(past, snapshot.items), "category", MARKET_SUMS),
        reviews=History.of(review_past(snapshot), "item", REVIEW_SUMS),
    )
